"""Why did it fail? What an administrator can act on, in words."""

import logging
from datetime import datetime
from itertools import takewhile
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import Application, Trouble

logger = logging.getLogger(__name__)

Kind = Trouble.Kind

SENTENCES = {
    Kind.DISABLED: gettext_lazy("The application is disabled."),
    Kind.THROTTLED: gettext_lazy("It presented wrong credentials so often that it was refused for a minute."),
    Kind.SECRET_MISSING: gettext_lazy("It presented no client secret."),
    Kind.SECRET_WRONG: gettext_lazy("The client secret is none of its secrets."),
    Kind.SECRET_RETIRED: gettext_lazy("The client secret that ends with %(hint)s was retired on %(at)s."),
    Kind.SECRET_EXPIRED: gettext_lazy("The client secret that ends with %(hint)s expired on %(at)s."),
    Kind.SECRET_NEEDLESS: gettext_lazy("It presented a client secret, but a public application has none."),
    Kind.REDIRECT_URI_MISSING: gettext_lazy("The request names no redirect URI, and not exactly one is registered."),
    Kind.REDIRECT_URI_DIFFERS: gettext_lazy(
        "The redirect URI %(asked)s differs from the registered %(registered)s in its %(parts)s."
    ),
    Kind.CODE_REDIRECT_URI: gettext_lazy("The redirect URI of the token request is not the one that got the code."),
    Kind.CODE_UNKNOWN: gettext_lazy("The code is unknown, or was given to another application."),
    Kind.CODE_USED: gettext_lazy("The code had been used on %(at)s. A code works once."),
    Kind.CODE_EXPIRED: gettext_lazy("The code had expired on %(at)s: it was exchanged too late."),
    Kind.CODE_BURNT: gettext_lazy("The code had failed too often."),
    Kind.CHALLENGE_MISSING: gettext_lazy("The authorization request has no code_challenge, and PKCE is required."),
    Kind.CHALLENGE_METHOD: gettext_lazy("The authorization request has a code_challenge other than S256."),
    Kind.VERIFIER_MISSING: gettext_lazy("The token request has no code_verifier, but the code had a challenge."),
    Kind.VERIFIER_WRONG: gettext_lazy("The code_verifier does not match the challenge."),
    Kind.VERIFIER_NEEDLESS: gettext_lazy("The token request has a code_verifier, but the code had no challenge."),
    Kind.REFRESH_TOKEN_UNKNOWN: gettext_lazy("The refresh token is unknown, or was given to another application."),
    Kind.REFRESH_TOKEN_ROTATED: gettext_lazy("The refresh token had been used on %(at)s. Each works once."),
    Kind.REFRESH_TOKEN_EXPIRED: gettext_lazy("The refresh token had expired on %(at)s. The user must be asked again."),
    Kind.REVOKED: gettext_lazy("The access had been revoked, or ended when the application was disabled."),
    Kind.USER_INACTIVE: gettext_lazy("The user %(user)s is not active."),
    Kind.GRANT_NOT_OFFERED: gettext_lazy("It used a grant that it is not registered for."),
    Kind.LINKED_USER: gettext_lazy("It used its own credentials, but has no active linked user to act as."),
    Kind.NOTHING_ALLOWED: gettext_lazy("It is allowed no scope."),
    Kind.SCOPE_NOT_ALLOWED: gettext_lazy("It asked for scopes that it is not allowed: %(names)s."),
    Kind.NOT_PERMITTED: gettext_lazy("It asked %(user)s, whose role permits none of it: %(names)s."),
    Kind.OTHER: gettext_lazy("It was refused: %(error)s."),
}

PARTS = {
    "scheme": gettext_lazy("scheme"),
    "user": gettext_lazy("user name"),
    "host": gettext_lazy("host"),
    "port": gettext_lazy("port"),
    "path": gettext_lazy("path"),
    "query": gettext_lazy("query"),
    "fragment": gettext_lazy("fragment"),
}
LONGEST = 200
"""Of what others sent, no more is kept."""


def note(application: Application, kind: str, *, now: datetime, details: dict[str, Any]) -> None:
    """Write a failed attempt down. Never raises: nothing may break because of it."""
    try:
        with transaction.atomic():
            Trouble.objects.note(application, kind, now=now, details=details)
    except Exception as fault:
        # Its type, not its text: some databases repeat the statement in it.
        logger.warning("A failed attempt could not be noted: %s", type(fault).__name__)


def sentence(trouble: Trouble) -> str:
    """Say what happened, in the language of whoever reads it."""
    details: dict[str, Any] = dict.fromkeys(("asked", "registered", "user", "hint", "error"), "") | trouble.details
    details["at"] = _moment(details.get("at"))
    details["parts"] = ", ".join(str(PARTS.get(part, part)) for part in details.get("parts", ()))
    details["names"] = ", ".join([*details.get("names", ()), *_unknown(details.get("unknown", 0))])
    return str(str(SENTENCES[Kind(trouble.kind)]) % details)


def redirect_uri_details(asked: str, registered: list[str]) -> dict[str, Any]:
    """
    Say in which parts ``asked`` differs from the nearest of the ``registered`` redirect URIs.

    Of ``asked``, scheme, host, port and path are kept: the rest may be somebody's secret.
    """
    sought = _split(asked)
    if sought is None:
        return {"asked": _("something that is no URI"), "registered": " ".join(registered)[:LONGEST], "parts": []}
    nearest = min(registered, key=lambda uri: (len(_differing(sought, uri)), -_beginning_in_common(asked, uri)))
    return {"asked": _harmless(sought), "registered": nearest[:LONGEST], "parts": _differing(sought, nearest)}


def _beginning_in_common(one: str, other: str) -> int:
    return sum(1 for _pair in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _differing(sought: SplitResult, registered: str) -> list[str]:
    ours, theirs = _parts(sought), _parts(urlsplit(registered))
    return [name for name in PARTS if ours[name] != theirs[name]]


def _parts(uri: SplitResult) -> dict[str, Any]:
    return {
        "scheme": uri.scheme,
        "user": "@" in uri.netloc,
        "host": uri.hostname,
        "port": uri.port,
        "path": uri.path,
        "query": uri.query,
        "fragment": uri.fragment,
    }


def _split(uri: str) -> SplitResult | None:
    try:
        parts = urlsplit(uri)
        parts.port  # noqa: B018 - reading it validates it
    except ValueError:
        return None
    return parts


def _harmless(uri: SplitResult) -> str:
    # A long piece without a slash is more likely a credential than a folder.
    path = "/".join(piece if len(piece) <= 40 else "…" for piece in uri.path.split("/"))
    host = uri.netloc.rpartition("@")[2]
    return (f"{uri.scheme}://{host}{path}" if host else f"{uri.scheme}:{path}")[:LONGEST]


def _moment(text: str | None) -> str:
    moment = parse_datetime(text) if text else None
    return date_format(localtime(moment), "SHORT_DATETIME_FORMAT") if moment else ""


def _unknown(number: int) -> list[str]:
    return [_("some that are not in the catalogue")] if number else []
