"""The issuer identifier and the absolute URLs of the endpoints, under whatever prefix the site includes them."""

from django.http import HttpRequest
from django.urls import reverse

AUTHORIZE = "oauth2_provider:authorize"
AUTHORIZE_PATH = "/oauth/authorize"


def prefix() -> str:
    """Return the path prefix of the package's URLs: empty at the root, ``/sso`` under ``sso/``."""
    return reverse(AUTHORIZE).removesuffix(AUTHORIZE_PATH)


def issuer(request: HttpRequest) -> str:
    """Return the issuer identifier (RFC 8414 section 2, RFC 9207 section 2)."""
    return request.build_absolute_uri(prefix() or "/").rstrip("/")


def endpoint(request: HttpRequest, name: str) -> str:
    """Return the absolute URL of an endpoint by its URL name."""
    return request.build_absolute_uri(reverse(f"oauth2_provider:{name}"))
