"""What the prompt says: to whom, what about, for how long, and where the browser goes next."""

from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.timesince import timesince
from django.utils.translation import gettext
from oauthlib.common import Request

from ..conf import app_settings
from ..consent import Question
from ..effective_access import EffectiveAccess, Verdict
from ..models import Application
from ..models.avatars import initials_of

READS = ("read", "view", "list")
SOME_DAY = datetime(2001, 1, 1)
"""Without a leap day near: 365 days later it is a year."""
MINUTE = timedelta(minutes=1)


def context_of(request: HttpRequest, asking: Request, question: Question) -> dict[str, Any]:
    """Return what the template of the prompt gets, but for the signature."""
    access = asking.access.with_granted(question.requested)
    scopes = [
        {"name": name, "wording": access.wording[name], "verdict": access.verdict(name)}
        for name in sorted(question.asked, key=_reading_first)
    ]
    return {
        "application": asking.client,
        "initials": initials_of(asking.client.name),
        "user": request.user,
        "question": question,
        "scopes": scopes,
        "groups": [
            {"record_type": _in_words(record_type), "scopes": list(members)}
            for record_type, members in groupby(scopes, key=lambda scope: _record_type(scope["name"]))
        ],
        "has_no_effect": has_no_effect(access, question),
        "destination": destination_of(asking.redirect_uri),
        "lifetimes": lifetimes_of(asking.client),
        "access_and_security": reverse("fourme_oauth:access_and_security"),
        "here": request.get_full_path(),
    }


def has_no_effect(access: EffectiveAccess, question: Question) -> bool:
    """Do the user's roles permit nothing of what the prompt asks? Then a yes would be pointless."""
    access = access.with_granted(question.requested)
    return not any(access.verdict(name) is Verdict.IN_EFFECT for name in question.asked)


def destination_of(redirect_uri: str) -> str:
    """Return where the browser goes next, in a person's terms: a web site's host or a native application's scheme."""
    scheme, _, rest = redirect_uri.partition(":")
    return rest.removeprefix("//").partition("/")[0].partition("?")[0] if scheme in {"http", "https"} else scheme


def lifetimes_of(application: Application) -> dict[str, str]:
    """Say how long access lasts: at a time, unused, and at most (empty where there is no end)."""
    at_most = app_settings.authorization_max_age_seconds
    return {
        "access": _in_time(application.access_token_lifetime),
        "renewal": _in_time(application.refresh_token_lifetime),
        "at_most": "" if at_most is None else _in_time(timedelta(seconds=at_most)),
    }


def _reading_first(name: str) -> tuple[str, bool, str]:
    return _record_type(name), not name.rpartition(":")[2].startswith(READS), name


def _record_type(name: str) -> str:
    return name.rpartition(":")[0]


def _in_words(record_type: str) -> str:
    words = " ".join(record_type.replace("_", " ").replace("-", " ").replace(":", " ").split())
    return words[:1].upper() + words[1:]


def _in_time(length: timedelta) -> str:
    return timesince(SOME_DAY, SOME_DAY + length) if length >= MINUTE else gettext("less than a minute")
