"""Validation of authorization requests (RFC 6749 section 4.1.1), before they have any effect."""

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
    """A valid authorization request: whatever its outcome, the response goes to the application."""

    oauthlib_request: Request
    """With what validation set on it: ``client``, ``user``, ``redirect_uri``, ``scopes`` and ``access``."""
    grant: AuthorizationCodeGrant
    """Generates its code."""
    issuer: str
    """The issuer identifier, a parameter of every response (RFC 9207)."""
    parameters: dict[str, str] = field(repr=False)
    """All parameters, as the application sent them."""
    named: frozenset[str]
    """The scopes in its ``scope`` parameter; empty requests everything that the application is allowed."""
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
        """The effective access if the user granted everything."""
        access: EffectiveAccess = self.oauthlib_request.access
        return access

    def access_request(self) -> AccessRequest:
        """Return the part of the request that consent depends on."""
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
    Return the validated ``request``; ``parameters`` are those of its query string.

    Raises oauthlib's ``FatalClientError`` where no redirect is possible, because the application or its redirect URI is
    not known; oauthlib's other errors, with their ``redirect_uri``, where the error can be redirected.
    """
    known = [(name, value) for name, value in parameters.items() if name in KNOWN_PARAMETERS]
    oauthlib_request = Request(request.path, http_method="GET", body=known)
    # RFC 6749 section 3.3: separated by spaces only; split() without argument takes any Unicode whitespace.
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
