"""Who is calling: a user through an application, by the bearer token in the header."""

import re

from django.contrib.auth.models import AbstractUser
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from .. import effective_access, revocation
from ..effective_access import EffectiveAccess
from .challenge import challenge

# RFC 6750 section 2.1: b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="
CREDENTIALS = re.compile(r"\Abearer +([A-Za-z0-9._~+/-]+=*)\Z", re.IGNORECASE)


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
        self.auth_header = challenge(request, error="invalid_token", error_description="The access token is not valid.")


class ServiceUnavailable(APIException):
    """503: the database does not answer, so nobody knows whether the token lives. ``wait`` becomes ``Retry-After``."""

    status_code = 503
    default_code = "temporarily_unavailable"
    default_detail = _("The service can't answer now. Try again.")
    wait = 5


class OAuth2Authentication(BaseAuthentication):
    """
    Reads ``Authorization: Bearer`` and nothing else: no query parameter, no form field, no body.

    ``request.auth`` is an ``EffectiveAccess``: ``.effective_scopes``, ``.application``, ``.explain()``.
    """

    @sensitive_variables()  # in an error report, for everything that is called from here
    def authenticate(self, request: Request) -> tuple[AbstractUser, EffectiveAccess] | None:
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if header.split(" ", 1)[0].lower() != "bearer":
            return None
        credentials = CREDENTIALS.match(header)
        try:
            access = _used_now(credentials[1]) if credentials else None
        except (OperationalError, InterfaceError):
            raise ServiceUnavailable from None
        if access is None:
            # Also on a view that anyone may read: a client must learn that its token is dead.
            raise InvalidToken(request)
        return access.user, access

    def authenticate_header(self, request: Request) -> str:
        return challenge(request)


def _used_now(token: str) -> EffectiveAccess | None:
    now = timezone.now()
    access = effective_access.of_access_token(token, now=now)
    if access is None:
        revocation.revoke_all_of_deactivated_holder(token)
    else:
        effective_access.note_use(access, now=now)
    return access
