"""``WWW-Authenticate`` for bearer tokens (RFC 6750 section 3, RFC 9728 section 5.1)."""

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from ..conf import app_settings

INVALID_TOKEN = {"error": "invalid_token", "error_description": "The access token is not valid."}


def challenge(request: HttpRequest, **parameters: str) -> str:
    """Return the header's value; without an ``error`` where no token was sent (RFC 6750 section 3.1)."""
    parameters = {"realm": app_settings.realm, **parameters, "resource_metadata": _resource_metadata(request)}
    return "Bearer " + ", ".join(f'{name}="{_quoted(value)}"' for name, value in parameters.items())


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _resource_metadata(request: HttpRequest) -> str:
    try:
        path = reverse("oauth-protected-resource")  # well_known_urls, included at the root beside a prefix
    except NoReverseMatch:
        path = reverse("fourme_oauth:oauth-protected-resource")
    return request.build_absolute_uri(path)
