"""Which access does the header of this request present?"""

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
RETRY_AFTER_SECONDS = 5


class InvalidToken(Exception):
    """The header says ``Bearer``, and what follows is no living token."""


class DatabaseUnavailable(Exception):
    """The database does not answer."""


@sensitive_variables()  # in an error report, for everything that is called from here
def access_of(request: HttpRequest) -> EffectiveAccess | None:
    """
    Return the access, and note its use; ``None`` where the header is missing or says another scheme.

    Reads ``Authorization`` and nothing else: no query parameter, no form field, no body. Raises ``InvalidToken`` or
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
    Return what ``token`` gives whoever presents it, and note its use; ``None`` for a dead one.

    ``get_ip`` returns the IP address that it comes from; called only where the use is written, once per interval.
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
    Return what the row ``token`` gives whoever presents it, and note its use; ``None`` for a dead one.

    For code that has loaded the row itself and doesn't say where the request comes from: no address is noted.
    """
    now = timezone.now()
    access = effective_access.of_row(token, now=now)
    if access is not None:
        effective_access.note_use(access, now=now)
    elif token.user is not None:  # None is what the toolkit stores for client credentials
        revocation.end_access_of_account(token.user)
    return access
