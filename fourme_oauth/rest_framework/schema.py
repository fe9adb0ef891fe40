"""
OpenAPI extension for drf-spectacular (the extra ``openapi``): security scheme, required scopes, refusals.

Imported when the site starts, if drf-spectacular is installed: its extensions register when they are imported.
"""

from copy import deepcopy
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular import openapi
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.plumbing import ResolvedComponent, build_mock_request
from rest_framework.permissions import AND
from rest_framework.request import Request

from ..effective_access import Verdict
from ..models import Scope
from .authentication import OAuth2Authentication
from .declarations import declared
from .permissions import HasEffectiveScope, InsufficientScope, is_made_of_scopes
from .throttling import ApplicationRateThrottle

DETAIL = {"type": "object", "properties": {"detail": {"type": "string"}}, "required": ["detail"]}
NAMES = {"type": "array", "items": {"type": "string"}}
VERDICTS = [Verdict.NOT_GRANTED, Verdict.NOT_ALLOWED, Verdict.NOT_PERMITTED]
INSUFFICIENT_SCOPE = {
    "type": "object",
    "properties": {
        "detail": {"type": "string"},
        # Not an enum of one: drf-spectacular would make a component of it, whose name may clash with one of the site's.
        "error": {"type": "string", "pattern": "^insufficient_scope$"},
        "required": NAMES,
        "missing": {
            "type": "object",
            "additionalProperties": {"type": "string", "enum": [verdict.value for verdict in VERDICTS]},
        },
        "asking_again_can_help": {"type": "boolean"},
        "alternatives": {"type": "array", "items": NAMES},
    },
    "required": ["detail", "error", "required", "missing", "asking_again_can_help"],
}
"""The body of ``bearer.forbidden``."""


def mock_request(method: str, path: str, view: Any, original_request: Request | None, **more: Any) -> Request:
    """
    Return drf-spectacular's mock request with the original one, for absolute URLs of the endpoints.

    Without it (``SPECTACULAR_SETTINGS["GET_MOCK_REQUEST"]``) the URL scheme of the site is lost.
    """
    request: Any = build_mock_request(method, path, view, original_request, **more)
    request.original_request = original_request
    return request  # type: ignore[no-any-return]


class OAuth2Scheme(OpenApiAuthenticationExtension):
    """The security scheme: the authorization code flow with this site's endpoints and catalogue."""

    target_class = OAuth2Authentication
    match_subclasses = True
    name = "oauth2"

    def get_security_requirement(self, auto_schema: openapi.AutoSchema) -> list[dict[str, list[Any]]]:
        """Return one security requirement per alternative."""
        return [{self.name: scopes} for scopes in _alternatives(auto_schema.view, auto_schema.method)]

    def get_security_definition(self, auto_schema: openapi.AutoSchema) -> dict[str, Any]:
        # Called for each operation; the catalogue is queried once per document.
        known = ResolvedComponent(self.name, ResolvedComponent.SECURITY_SCHEMA, object=type(self.target))
        if known in auto_schema.registry:
            schema: dict[str, Any] = auto_schema.registry[known].schema
            return schema
        token_url = _address(auto_schema.view, "oauth2_provider:token")
        flow = {
            "authorizationUrl": _address(auto_schema.view, "oauth2_provider:authorize"),
            "tokenUrl": token_url,
            "refreshUrl": token_url,
            "scopes": Scope.objects.in_catalogue().wording(),
        }
        return {"type": "oauth2", "flows": {"authorizationCode": flow}}


class AutoSchema(openapi.AutoSchema):
    """drf-spectacular's, with the responses 401, 403, 429 and 503, unless the view documents them itself."""

    def is_excluded(self) -> bool:
        """Leave out operations that are open to tokens only and declare no scopes for this method."""
        authenticators = self.view.get_authenticators()
        for_tokens_alone = authenticators and all(isinstance(each, OAuth2Authentication) for each in authenticators)
        closed = for_tokens_alone and not _alternatives(self.view, self.method)
        return closed or super().is_excluded()

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        if operation is None or not _takes_tokens(self.view):
            return operation
        for status, answer in self._answers().items():
            operation["responses"].setdefault(status, answer)
        if any(isinstance(each, ApplicationRateThrottle) for each in _throttles(self.view)):
            _announce_rates(operation["responses"])
        return operation

    def _answers(self) -> dict[str, dict[str, Any]]:
        challenge = {"WWW-Authenticate": _header(_("What is wrong with the token (RFC 6750 section 3)."))}
        retry_after = {"Retry-After": _header(_("Seconds until another try can succeed."), "integer")}
        answers = {
            "401": self._answer(_("No access token, or one that is not valid."), DETAIL, challenge),
            "403": self._answer(_("Not allowed."), DETAIL),
            "503": self._answer(_("The service can't answer now."), DETAIL, retry_after),
        }
        if any(_alternatives(self.view, self.method)):
            body = {"anyOf": [self._insufficient_scope().ref, DETAIL]}
            answers["403"] = self._answer(
                _("The token lacks scopes, or something else is not allowed."), body, challenge
            )
        if _throttles(self.view):
            answers["429"] = self._answer(_("Too many requests."), DETAIL, retry_after)
        return answers

    def _answer(self, description: str, body: dict[str, Any], headers: dict[str, Any] | None = None) -> dict[str, Any]:
        # Copies: drf-spectacular's hooks modify them.
        content = {media_type: {"schema": deepcopy(body)} for media_type in self.map_renderers("media_type")}
        return {"description": description, "content": content} | ({"headers": headers} if headers else {})

    def _insufficient_scope(self) -> ResolvedComponent:
        component = ResolvedComponent(
            "InsufficientScope", ResolvedComponent.SCHEMA, schema=deepcopy(INSUFFICIENT_SCOPE), object=InsufficientScope
        )
        self.registry.register_on_missing(component)
        return component


def _alternatives(view: Any, method: str) -> list[list[str]]:
    """Return the alternatives of required scopes: ``[[]]`` where any token will do, ``[]`` where none will."""
    permissions = view.get_permissions()
    if not any(is_made_of_scopes(each) for each in permissions):
        return [[]]
    declaration = declared(view, method)
    if declaration is None:
        return [] if any(_insists_on_scopes(each) for each in permissions) else [[]]
    return [sorted(each) for each in declaration.alternatives]


def _insists_on_scopes(permission: Any) -> bool:
    """Are scopes required in any case? In a composition with ``|`` they are not."""
    if isinstance(permission, AND):
        return any(_insists_on_scopes(part) for part in vars(permission).values())
    return isinstance(permission, HasEffectiveScope)


def _takes_tokens(view: Any) -> bool:
    return any(isinstance(each, OAuth2Authentication) for each in view.get_authenticators())


def _throttles(view: Any) -> list[Any]:
    """Return the active throttles: without a rate, those of DRF count nothing."""
    return [each for each in view.get_throttles() if getattr(each, "rate", "of its own") is not None]


def _address(view: Any, name: str) -> str:
    """Return the absolute URL of an endpoint; its path where the document is made without a request."""
    path = reverse(name)
    asked = getattr(view.request, "original_request", None)
    return path if asked is None else str(asked.build_absolute_uri(path))


def _announce_rates(responses: dict[str, Any]) -> None:
    headers = {
        "X-RateLimit-Limit": _header(_("Requests per window."), "integer"),
        "X-RateLimit-Remaining": _header(_("How many are left."), "integer"),
        "X-RateLimit-Reset": _header(_("When the next window begins, in seconds since 1970 (UTC)."), "integer"),
    }
    # 401 and 503 are answered before throttling.
    for status in responses.keys() - {"401", "503"}:
        responses[status]["headers"] = headers | responses[status].get("headers", {})


def _header(description: str, of_type: str = "string") -> dict[str, Any]:
    return {"description": description, "schema": {"type": of_type}}
