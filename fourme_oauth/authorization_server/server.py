"""oauthlib's server, with these grants only: authorization code, refresh token, client credentials."""

import re
from datetime import datetime
from typing import Any

from oauth2_provider.settings import oauth2_settings
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749 import errors
from oauthlib.oauth2.rfc6749.endpoints import (
    AuthorizationEndpoint,
    ResourceEndpoint,
    RevocationEndpoint,
    TokenEndpoint,
)
from oauthlib.oauth2.rfc6749.grant_types import (
    AuthorizationCodeGrant as OAuthlibAuthorizationCodeGrant,
)
from oauthlib.oauth2.rfc6749.grant_types import ClientCredentialsGrant, RefreshTokenGrant
from oauthlib.oauth2.rfc6749.grant_types.authorization_code import code_challenge_method_s256
from oauthlib.oauth2.rfc6749.tokens import BearerToken

from ..actor import SYSTEM, Actor
from ..models.credentials import ACCESS_TOKEN_PREFIX, REFRESH_TOKEN_PREFIX, generate

# RFC 7636 section 4.2: a SHA-256 in base64url, without padding.
S256_CHALLENGE = re.compile(r"\A[A-Za-z0-9_-]{43}\Z")


class AuthorizationCodeGrant(OAuthlibAuthorizationCodeGrant):
    """PKCE with S256 only."""

    _code_challenge_methods = {"S256": code_challenge_method_s256}

    def validate_authorization_request(self, request: Request) -> Any:
        validated = super().validate_authorization_request(request)
        if request.code_challenge is None and request.code_challenge_method is not None:
            raise errors.InvalidRequestError("A code_challenge_method needs a code_challenge.", request=request)
        if request.code_challenge is not None and not S256_CHALLENGE.match(request.code_challenge):
            raise errors.InvalidRequestError("The code_challenge is not a base64url-encoded SHA-256.", request=request)
        return validated


class AuthorizationServer(AuthorizationEndpoint, TokenEndpoint, ResourceEndpoint, RevocationEndpoint):
    """oauthlib's endpoints, with our grants and our token generators."""

    def __init__(self, request_validator: Any, token_expires_in: int | None = None, *args: Any, **kwargs: Any) -> None:
        self.auth_grant = AuthorizationCodeGrant(request_validator)
        self.bearer = BearerToken(
            request_validator,
            token_generator=lambda request: generate(ACCESS_TOKEN_PREFIX),
            # Not ``token_expires_in``, the site's lifetime: an application's can be shorter.
            expires_in=lambda request: int(request.client.access_token_lifetime.total_seconds()),
            refresh_token_generator=lambda request: generate(REFRESH_TOKEN_PREFIX),
        )
        AuthorizationEndpoint.__init__(
            self,
            default_response_type="code",
            response_types={"code": self.auth_grant},
            default_token_type=self.bearer,
        )
        TokenEndpoint.__init__(
            self,
            default_grant_type="authorization_code",
            grant_types={
                "authorization_code": self.auth_grant,
                "refresh_token": RefreshTokenGrant(request_validator),
                "client_credentials": ClientCredentialsGrant(request_validator),
            },
            default_token_type=self.bearer,
        )
        ResourceEndpoint.__init__(self, default_token="Bearer", token_types={"Bearer": self.bearer})  # noqa: S106
        RevocationEndpoint.__init__(self, request_validator)


def authorization_server(by: Actor = SYSTEM, received_at: datetime | None = None) -> AuthorizationServer:
    """
    Return a server for one request, made of the classes in the site's settings.

    Its validator gets the actor and the time of the request; not as oauthlib's ``credentials``, which end up in the
    response.
    """
    server: AuthorizationServer = oauth2_settings.OAUTH2_SERVER_CLASS(
        oauth2_settings.OAUTH2_VALIDATOR_CLASS(by, received_at),
        token_expires_in=oauth2_settings.ACCESS_TOKEN_EXPIRE_SECONDS,
    )
    return server
