"""Client authentication: one identity and one method per request (RFC 6749 section 2.3)."""

import base64
import binascii
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import unquote_plus

from .. import client_secrets
from ..models import Application, token_endpoint_queries
from .parameters import INVALID_PERCENT_ENCODING, MalformedRequest


class InvalidClient(Exception):
    """The credentials are missing or can't be parsed. The text is the ``error_description``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The credentials that a request presents, not verified yet."""

    client_id: str
    client_secret: str | None = field(repr=False)


def from_request(authorization_header: str, parameters: dict[str, str]) -> Credentials:
    """
    Return the credentials of a request, from the ``Authorization`` header or the body.

    Raises ``MalformedRequest`` where two methods or two identities are used, ``InvalidClient`` where the header can't
    be parsed or there are no credentials.
    """
    client_id, client_secret = parameters.get("client_id"), parameters.get("client_secret")
    if not authorization_header:
        if client_id is None:
            raise InvalidClient("The client_id is missing.")
        return Credentials(client_id=client_id, client_secret=client_secret)
    basic = _from_basic(authorization_header)
    if client_secret is not None:
        raise MalformedRequest("Client credentials are in the header and in the body; use one of them.")
    if client_id not in {None, basic.client_id}:
        raise MalformedRequest("The client_id of the header is not the one of the body.")
    return basic


def _from_basic(header: str) -> Credentials:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise InvalidClient("Clients authenticate with HTTP Basic or in the body.")
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise InvalidClient("The Authorization header can't be read.") from None
    client_id, colon, client_secret = decoded.partition(":")
    if not colon or INVALID_PERCENT_ENCODING.search(decoded) or "\x00" in unquote_plus(decoded):
        raise InvalidClient("The Authorization header can't be read.")
    # RFC 6749 section 2.3.1: both are form-encoded before they are joined.
    return Credentials(client_id=unquote_plus(client_id), client_secret=unquote_plus(client_secret) or None)


def find_enabled_application(client_id: str) -> Application | None:
    """Return the application; ``None`` where it is unknown or disabled."""
    application = token_endpoint_queries.find_application(client_id)
    return None if application is None or application.disabled else application


def authenticate(application: Application | None, client_secret: str | None, *, now: datetime) -> bool:
    """
    Return whether ``client_secret`` authenticates ``application``.

    Never true for a public application. An unknown application takes the same time.
    """
    return client_secrets.verify(application, client_secret or "", now=now)
