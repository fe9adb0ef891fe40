"""Authenticate a request by its bearer token (RFC 6750)."""

import re
from collections.abc import Callable
from functools import partial

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from .. import effective_access, revocation
from ..actor import client_ip
from ..effective_access import EffectiveAccess
from ..models import AccessToken

# RFC 6750 section 2.1: b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="
CREDENTIALS = re.compile(r"\Abearer +([A-Za-z0-9._~+/-]+=*)\Z", re.IGNORECASE)


class InvalidToken(Exception):
    """The ``Authorization`` header has the scheme ``Bearer`` but no valid token."""


class DatabaseUnavailable(Exception):
    """The database is unavailable."""


@sensitive_variables()  # hides the token in error reports, for all frames below too
def access_of(request: HttpRequest) -> EffectiveAccess | None:
    """
    Return the effective access of the request's token, and store its use; ``None`` without a ``Bearer`` header.

    Reads the ``Authorization`` header only: no query parameter, no form field, no body. Raises ``InvalidToken`` or
    ``DatabaseUnavailable``.
    """
    header = request.META.get("HTTP_AUTHORIZATION", "")
    if header.split(" ", 1)[0].lower() != "bearer":
        return None
    credentials = CREDENTIALS.match(header)
    try:
        access = used_now(credentials[1], partial(client_ip, request.META)) if credentials else None
    except (OperationalError, InterfaceError):
        raise DatabaseUnavailable from None
    if access is None:
        raise InvalidToken
    return access


def used_now(token: str, get_ip: Callable[[], str]) -> EffectiveAccess | None:
    """
    Return the effective access of the token with this text, and store its use; ``None`` where it is not valid.

    ``get_ip`` returns the client IP; called only where the use is stored, once per interval.
    """
    now = timezone.now()
    access = effective_access.of_access_token(token, now=now)
    if access is None:
        revocation.revoke_all_of_deactivated_holder(token)
    else:
        effective_access.note_use(access, now=now, get_ip=get_ip)
    return access


def row_used_now(token: AccessToken) -> EffectiveAccess | None:
    """
    Return the effective access of ``token``, and store its use; ``None`` where it is not valid.

    For code that has loaded the row itself and doesn't pass the request on: no client IP is stored.
    """
    now = timezone.now()
    access = effective_access.of_row(token, now=now)
    if access is not None:
        effective_access.note_use(access, now=now)
    elif token.user is not None:  # None is what the toolkit stores for client credentials
        revocation.end_access_of_account(token.user)
    return access
