"""Describe in the OpenAPI document the error responses that every view of Django REST framework can return."""

from typing import Any

DETAIL = {"type": "object", "properties": {"detail": {"type": "string"}}, "required": ["detail"]}
VALIDATION_ERRORS = {"description": "A `detail`, or error messages by field name.", "type": "object"}


def describe_errors(result: dict[str, Any], **context: Any) -> dict[str, Any]:
    """Add the error responses to each operation (postprocessing hook of drf-spectacular)."""
    for path, operations in result["paths"].items():
        for operation in operations.values():
            for status, error in _errors(path, operation).items():
                operation["responses"].setdefault(status, error)
    return result


def _errors(path: str, operation: dict[str, Any]) -> dict[str, Any]:
    errors = {"406": _error("None of the accepted media types is available.", DETAIL)}
    if "{" in path or any(parameter["name"] == "page" for parameter in operation.get("parameters", [])):
        errors["404"] = _error("Not found, or not visible to this user.", DETAIL)
    if "requestBody" in operation:
        errors["400"] = _error("The request body is invalid.", VALIDATION_ERRORS)
        errors["415"] = _error("The media type of the request body is not supported.", DETAIL)
    return errors


def _error(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}
