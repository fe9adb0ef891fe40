"""The two metadata documents below ``/.well-known/``, computed from URLs and scope catalogue."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View
from oauth2_provider.settings import oauth2_settings

from . import addresses

AUTHENTICATION_METHODS = ["client_secret_basic", "client_secret_post"]


@method_decorator(login_not_required, name="dispatch")
class AuthorizationServerMetadataView(View):
    """RFC 8414."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, issuer_path: str = "") -> JsonResponse:
        if issuer_path and f"/{issuer_path}" != addresses.prefix():
            raise Http404
        return _public(
            {
                "issuer": addresses.issuer(request),
                "authorization_endpoint": addresses.endpoint(request, "authorize"),
                "token_endpoint": addresses.endpoint(request, "token"),
                "revocation_endpoint": addresses.endpoint(request, "revoke-token"),
                "introspection_endpoint": addresses.endpoint(request, "introspect"),
                "scopes_supported": _scopes_supported(),
                "response_types_supported": ["code"],
                "response_modes_supported": ["query"],
                "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": [*AUTHENTICATION_METHODS, "none"],
                "revocation_endpoint_auth_methods_supported": [*AUTHENTICATION_METHODS, "none"],
                "introspection_endpoint_auth_methods_supported": AUTHENTICATION_METHODS,
                "authorization_response_iss_parameter_supported": True,
            }
        )


@method_decorator(login_not_required, name="dispatch")
class ProtectedResourceMetadataView(View):
    """RFC 9728."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> JsonResponse:
        # RFC 9728 section 3.3: the resource is the identifier that the document's own URL is derived from.
        own_url = request.build_absolute_uri(request.path)
        return _public(
            {
                "resource": own_url.partition("/.well-known/")[0],
                "authorization_servers": [addresses.issuer(request)],
                "scopes_supported": _scopes_supported(),
                "bearer_methods_supported": ["header"],
            }
        )


def _scopes_supported() -> list[str]:
    names: list[str] = oauth2_settings.SCOPES_BACKEND_CLASS().get_available_scopes()
    return names


def _public(document: dict[str, Any]) -> JsonResponse:
    # Applications that run in a browser read it from another origin.
    return JsonResponse(document, headers={"Access-Control-Allow-Origin": "*"})
