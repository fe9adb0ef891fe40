"""Who is calling: a user through an application, by the bearer token in the header."""

from django.contrib.auth.models import AbstractUser
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from ..bearer import authentication
from ..bearer.challenge import INVALID_TOKEN, challenge
from ..effective_access import EffectiveAccess


class InvalidToken(APIException):
    """
    401 with a challenge, whatever else the view would accept.

    Not DRF's ``AuthenticationFailed``: that becomes a 403 where a session authenticator is listed first.
    """

    status_code = 401
    default_code = "invalid_token"
    default_detail = _("The access token is not valid.")

    def __init__(self, request: Request) -> None:
        super().__init__()
        self.auth_header = challenge(request, **INVALID_TOKEN)


class ServiceUnavailable(APIException):
    """503: the database does not answer, so nobody knows whether the token lives. ``wait`` becomes ``Retry-After``."""

    status_code = 503
    default_code = "temporarily_unavailable"
    default_detail = _("The service can't answer now. Try again.")
    wait = authentication.RETRY_AFTER_SECONDS


class OAuth2Authentication(BaseAuthentication):
    """
    Reads ``Authorization: Bearer`` and nothing else: no query parameter, no form field, no body.

    ``request.auth`` is an ``EffectiveAccess``: ``.effective_scopes``, ``.application``, ``.explain()``.
    """

    def authenticate(self, request: Request) -> tuple[AbstractUser, EffectiveAccess] | None:
        try:
            access = authentication.access_of(request)
        except authentication.DatabaseUnavailable:
            raise ServiceUnavailable from None
        except authentication.InvalidToken:
            # Also on a view that anyone may read: a client must learn that its token is dead.
            raise InvalidToken(request) from None
        return None if access is None else (access.user, access)

    def authenticate_header(self, request: Request) -> str:
        return challenge(request)
