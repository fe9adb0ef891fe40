"""Mounted at the root with ``path("", include("fourme_oauth.urls"))``; under a prefix, with ``well_known_urls`` too."""

from typing import NoReturn

from django.http import Http404, HttpRequest
from django.urls import include, path, re_path

from .conf import missing_settings, require_complete_settings


def not_configured(request: HttpRequest, ours: str) -> NoReturn:
    """Raise ``ImproperlyConfigured`` for every URL of ours while the settings are not complete."""
    require_complete_settings()
    raise Http404


# Django's checks import this module: an exception here would hide our check and the site's own faults.
urlpatterns = (
    [re_path(r"^(?P<ours>oauth|access-and-security|\.well-known/oauth-)", not_configured)]
    if missing_settings()
    else [path("", include(f"{__package__}.complete_urls"))]
)
