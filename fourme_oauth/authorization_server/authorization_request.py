"""Validate an authorization request (RFC 6749 section 4.1.1), before anything is done about it."""

from dataclasses import dataclass, field

from django.http import HttpRequest
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749 import errors

from ..consent import AccessRequest
from ..effective_access import EffectiveAccess
from ..models import Application
from . import addresses, reauthentication
from .reauthentication import Demand
from .server import AuthorizationCodeGrant, authorization_server

KNOWN_PARAMETERS = frozenset(
    {"response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method"}
)


@dataclass(frozen=True, kw_only=True)
class AuthorizationRequest:
    """An authorization request that is valid: whatever becomes of it, its application gets to know."""

    oauthlib_request: Request
    """With what was found on the way: ``client``, ``user``, ``redirect_uri``, ``scopes`` and ``access``."""
    grant: AuthorizationCodeGrant
    """Mints its code."""
    issuer: str
    """The issuer identifier, which is in every response (RFC 9207)."""
    parameters: dict[str, str] = field(repr=False)
    """All of them, as the application sent them."""
    named: frozenset[str]
    """The scopes that it spells out; without any it asks for all that the application is allowed."""
    demand: Demand

    @property
    def application(self) -> Application:
        application: Application = self.oauthlib_request.client
        return application

    @property
    def redirect_uri(self) -> str:
        return str(self.oauthlib_request.redirect_uri)

    @property
    def access(self) -> EffectiveAccess:
        """What would be in effect if the user granted everything."""
        access: EffectiveAccess = self.oauthlib_request.access
        return access

    def access_request(self) -> AccessRequest:
        """Return what consent depends on."""
        return AccessRequest(
            user=self.oauthlib_request.user,
            application=self.application,
            scopes=frozenset(self.oauthlib_request.scopes),
            redirect_uri=self.redirect_uri,
            named=self.named,
            prompt=self.demand.prompt,
        )


def validated(request: HttpRequest, parameters: dict[str, str]) -> AuthorizationRequest:
    """
    Return what ``request`` asks for; ``parameters`` are those of its query string.

    Raises oauthlib's ``FatalClientError`` where the response can't go to the application, because nobody knows which it
    is or where; and its other errors, with their ``redirect_uri``, where it can.
    """
    known = [(name, value) for name, value in parameters.items() if name in KNOWN_PARAMETERS]
    oauthlib_request = Request(request.path, http_method="GET", body=known)
    # RFC 6749 section 3.3: separated by spaces, and by nothing else that Unicode takes for one.
    named = frozenset((oauthlib_request.scope or "").split(" ")) - {""}
    oauthlib_request.scopes, oauthlib_request.user = sorted(named), request.user
    server = authorization_server()
    grant = server.response_types.get(oauthlib_request.response_type, server.auth_grant)
    grant.validate_authorization_request(oauthlib_request)
    try:
        demand = reauthentication.demand_of(parameters)
    except reauthentication.ContradictoryPrompt as fault:
        raise errors.InvalidRequestError(str(fault), request=oauthlib_request) from None
    return AuthorizationRequest(
        oauthlib_request=oauthlib_request,
        grant=server.auth_grant,
        issuer=addresses.issuer(request),
        parameters=reauthentication.without_marker(parameters),
        named=named,
        demand=demand,
    )
