"""A request to the token, revocation or introspection endpoint, parsed before it has any effect."""

from dataclasses import dataclass, field
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone

from ..actor import Actor, client_ip
from . import client_authentication
from .client_authentication import Credentials
from .parameters import from_body

# oauthlib exposes every parameter as an attribute of its request, "client" and "user" too: it gets only these.
KNOWN_PARAMETERS = frozenset(
    {"grant_type", "code", "redirect_uri", "code_verifier", "refresh_token", "scope", "token", "token_type_hint"}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class BackChannelRequest:
    """A request that an application makes directly. Nothing in it has been verified yet."""

    parameters: dict[str, str] = field(repr=False)
    credentials: Credentials
    received_at: datetime
    """When the whole request had been read."""
    by: Actor
    """Without a user, even where the request has a session: applications authenticate with their own credentials."""

    @property
    def body(self) -> list[tuple[str, str]]:
        """What oauthlib gets: the known parameters, and the credentials from the header or the body."""
        known = [(name, value) for name, value in self.parameters.items() if name in KNOWN_PARAMETERS]
        client = {"client_id": self.credentials.client_id, "client_secret": self.credentials.client_secret}
        return [*known, *((name, value) for name, value in client.items() if value)]


def from_request(request: HttpRequest) -> BackChannelRequest:
    """Parse ``request``. Raises ``MalformedRequest``, and ``InvalidClient`` where its credentials can't be parsed."""
    parameters = from_body(request)
    # Not before: a request that delays its body would count as received before a code's first use.
    received_at = timezone.now()
    return BackChannelRequest(
        parameters=parameters,
        credentials=client_authentication.from_request(request.headers.get("Authorization", ""), parameters),
        received_at=received_at,
        by=Actor(ip=client_ip(request.META)),
    )
