"""What the OpenAPI document says of the errors that any view of Django REST framework can answer with."""

from typing import Any

DETAIL = {"type": "object", "properties": {"detail": {"type": "string"}}, "required": ["detail"]}
FAULTS = {"description": "A `detail`, or reasons by the name of the field.", "type": "object"}


def describe_errors(result: dict[str, Any], **context: Any) -> dict[str, Any]:
    """Return the document with them (a hook of drf-spectacular)."""
    for path, operations in result["paths"].items():
        for operation in operations.values():
            for status, error in _errors(path, operation).items():
                operation["responses"].setdefault(status, error)
    return result


def _errors(path: str, operation: dict[str, Any]) -> dict[str, Any]:
    errors = {"406": _error("No such media type to answer in.", DETAIL)}
    if "{" in path or any(parameter["name"] == "page" for parameter in operation.get("parameters", [])):
        errors["404"] = _error("Not found, or not for you to see.", DETAIL)
    if "requestBody" in operation:
        errors["400"] = _error("The body is faulty.", FAULTS)
        errors["415"] = _error("Not a media type that is understood.", DETAIL)
    return errors


def _error(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}
