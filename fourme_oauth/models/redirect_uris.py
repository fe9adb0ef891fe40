"""Redirect URIs and CORS origins: what can be registered, and what matches a registered redirect URI."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractApplication

# RFC 8252 section 7.3: the operating system chooses the port of a loopback redirect URI at the time of the request.
LOOPBACK = re.compile(r"\Ahttp://(?P<host>127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?(?P<rest>/[^#]*)?\Z")
# RFC 3986 section 2
URI_CHARACTERS = re.compile(r"\A[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*\Z")


def faults_of(uris: str, fault_of: Callable[..., str | None], *, client_type: str) -> list[ValidationError]:
    """Return an error for each of the space-separated ``uris`` for which ``fault_of`` returns a fault."""
    faults = ((uri, fault_of(uri, client_type=client_type)) for uri in uris.split())
    return [
        ValidationError(_("%(uri)s %(fault)s."), params={"uri": uri, "fault": fault}) for uri, fault in faults if fault
    ]


def redirect_uri_matches(uri: str, registered: str) -> bool:
    """Compare exactly (RFC 9700 section 2.1), except for the port of a loopback address."""
    if uri == registered:
        return True
    requested, allowed = LOOPBACK.match(uri), LOOPBACK.match(registered)
    return requested is not None and allowed is not None and requested.groupdict() == allowed.groupdict()


def redirect_uri_fault(uri: str, *, client_type: str) -> str | None:
    """Return why ``uri`` can't be registered, or ``None``."""
    try:
        parts = urlsplit(uri)
        host = parts.hostname
        parts.port  # noqa: B018 - reading it validates it
    except ValueError:
        return gettext("is not a valid URI")
    if not URI_CHARACTERS.match(uri):
        return gettext("has a character that must be percent-encoded")
    if "#" in uri:
        return gettext("has a fragment, which RFC 6749 section 3.1.2 forbids")
    if "*" in uri:
        return gettext("has a wildcard; redirect URIs are compared character by character")
    if "@" in parts.netloc:
        return gettext("carries a user name or password")
    return _scheme_fault(parts.scheme, host, uri, client_type)


def _scheme_fault(scheme: str, host: str | None, uri: str, client_type: str) -> str | None:
    if scheme == "https":
        return None if host else gettext("has no host")
    if scheme == "http":
        return (
            None
            if host in {"127.0.0.1", "::1", "localhost"}
            else gettext("must use https; http is for loopback addresses")
        )
    # RFC 8252 section 7.1: a private-use scheme is a reversed domain name of the application.
    if "." not in scheme:
        return gettext("must start with https://")
    if client_type != AbstractApplication.CLIENT_PUBLIC:
        return gettext("has a private-use scheme, which only public applications may have")
    return None if re.match(r"[^:]+:/[^/]", uri) else gettext("must have one slash after its private-use scheme")


def origin_fault(origin: str, *, client_type: str) -> str | None:
    """Return why ``origin`` can't be registered, or ``None``. RFC 6454 section 6.2: scheme, host and port."""
    if client_type != AbstractApplication.CLIENT_PUBLIC:
        return gettext("is for public applications, which run in browsers")
    if fault := redirect_uri_fault(origin, client_type=client_type):
        return fault
    parts = urlsplit(origin)
    if parts.scheme not in {"https", "http"} or origin != f"{parts.scheme}://{parts.netloc.lower()}":
        return gettext("is not an origin: write scheme, host and port only, in lower case")
    return None
