"""The contents of the consent page: user, scopes, lifetimes and redirect destination."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import groupby
from typing import Any

from django.urls import reverse
from django.utils.timesince import timesince
from django.utils.translation import gettext

from ..authenticated_request import AuthenticatedHttpRequest
from ..conf import app_settings
from ..consent import Question
from ..effective_access import EffectiveAccess, Verdict
from ..models import Application
from ..models.avatars import initials_of
from . import consent_signature
from .authorization_request import AuthorizationRequest

READS = ("read", "view", "list")
REFERENCE_DATE = datetime(2001, 1, 1)
"""No leap day within a year of it: ``timesince`` says "1 year" for 365 days."""
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class ConsentPage:
    """The consent page for ``question``."""

    request: AuthenticatedHttpRequest
    oauth_request: AuthorizationRequest
    question: Question

    def displayed(self) -> dict[str, Any]:
        """Return what the page's signature covers."""
        return consent_signature.consent_page(self.request, self.oauth_request.parameters, self.question)

    @cached_property
    def access(self) -> EffectiveAccess:
        """The effective access if the user consents."""
        return self.oauth_request.access.with_granted(self.question.requested)

    @property
    def has_no_effect(self) -> bool:
        """Whether the user's roles permit none of the displayed scopes, so that consent would be pointless."""
        return not any(self.access.verdict(name) is Verdict.IN_EFFECT for name in self.question.asked)

    def context(self) -> dict[str, Any]:
        """Return the template context, without the form."""
        application, scopes = self.oauth_request.application, self._scopes()
        return {
            "application": application,
            "initials": initials_of(application.name),
            "user": self.request.user,
            "question": self.question,
            "scopes": scopes,
            "groups": [
                {"record_type": _in_words(record_type), "scopes": list(members)}
                for record_type, members in groupby(scopes, key=lambda scope: _record_type(scope["name"]))
            ],
            "has_no_effect": self.has_no_effect,
            "destination": destination_of(self.oauth_request.redirect_uri),
            "lifetimes": lifetimes_of(application),
            "access_and_security": reverse("fourme_oauth:access_and_security"),
            "here": self.request.get_full_path(),
        }

    def _scopes(self) -> list[dict[str, str]]:
        return [
            {"name": name, "wording": self.access.wording[name], "verdict": self.access.verdict(name)}
            for name in sorted(self.question.asked, key=_reading_first)
        ]


def destination_of(redirect_uri: str) -> str:
    """Return what to display of a redirect URI: a web site's host or a native application's scheme."""
    scheme, _, rest = redirect_uri.partition(":")
    return rest.removeprefix("//").partition("/")[0].partition("?")[0] if scheme in {"http", "https"} else scheme


def lifetimes_of(application: Application) -> dict[str, str]:
    """Return lifetimes in words: of access tokens, of unused refresh tokens, and the maximum (empty if unlimited)."""
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
    return timesince(REFERENCE_DATE, REFERENCE_DATE + length) if length >= MINUTE else gettext("less than a minute")
