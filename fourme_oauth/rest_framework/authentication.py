"""DRF authentication with OAuth bearer tokens (RFC 6750)."""

from django.contrib.auth.models import AbstractUser
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from ..bearer import authentication
from ..bearer.challenge import INVALID_TOKEN, challenge
from ..effective_access import EffectiveAccess
from ..service_unavailable import RETRY_AFTER_SECONDS


class InvalidToken(APIException):
    """
    401 with a challenge, whatever other authenticators the view has.

    Not DRF's ``AuthenticationFailed``: that becomes a 403 where a session authenticator is listed first.
    """

    status_code = 401
    default_code = "invalid_token"
    default_detail = _("The access token is not valid.")

    def __init__(self, request: Request) -> None:
        super().__init__()
        self.auth_header = challenge(request, **INVALID_TOKEN)


class ServiceUnavailable(APIException):
    """503 while the database is unavailable and the token can't be checked. ``wait`` becomes ``Retry-After``."""

    status_code = 503
    default_code = "temporarily_unavailable"
    default_detail = _("The service can't answer now. Try again.")
    wait = RETRY_AFTER_SECONDS


class OAuth2Authentication(BaseAuthentication):
    """
    Authenticate with ``Authorization: Bearer``; no query parameter, form field or body is read.

    ``request.auth`` is an ``EffectiveAccess``: ``.effective_scopes``, ``.application``, ``.explain()``.
    """

    def authenticate(self, request: Request) -> tuple[AbstractUser, EffectiveAccess] | None:
        try:
            access = authentication.access_of(request)
        except authentication.DatabaseUnavailable:
            raise ServiceUnavailable from None
        except authentication.InvalidToken:
            # On views with AllowAny too: the client must learn that its token is not valid.
            raise InvalidToken(request) from None
        return None if access is None else (access.user, access)

    def authenticate_header(self, request: Request) -> str:
        return challenge(request)
