"""
The parameters ``prompt`` and ``max_age`` of authorization requests (OpenID Connect Core section 3.1.2.1).

That the user signed in or chose an account after the request was received is known from the session's sign-in time and
from a signed marker in the URL that the login page redirects back to. The marker can't be forged.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core import signing
from django.http import HttpRequest

from .consent_signature import digest_of, session_of

MARKER = "fourme_oauth_account"
"""The parameter that is added to an authorization request when its user is sent to sign in."""
SALT = "fourme_oauth.account"
MARKER_MAX_AGE_SECONDS = 60 * 60
SIGNED_IN_AT = "fourme_oauth_signed_in_at"
"""Session key of the time of sign-in, in seconds since the epoch."""


class ContradictoryPrompt(Exception):
    """``prompt`` or ``max_age`` can't be met, whatever the user does. The text is the ``error_description``."""


@dataclass(frozen=True, kw_only=True)
class Demand:
    """What an authorization request demands: an application can demand a prompt, never waive one."""

    prompt: frozenset[str]
    max_age: int | None
    """The maximum time since sign-in, in seconds."""
    marker: Mapping[str, Any] = field(default_factory=dict)
    """The contents of a valid marker: what the user has done already. Empty without one."""

    @property
    def no_page(self) -> bool:
        return "none" in self.prompt

    @property
    def about_account(self) -> bool:
        return not self.prompt.isdisjoint({"login", "select_account"}) or self.max_age is not None

    @property
    def was_sent_to_sign_in(self) -> bool:
        """Whether the user was sent to sign in for this very request, within the last hour."""
        return "since" in self.marker


def demand_of(parameters: Mapping[str, str]) -> Demand:
    """
    Parse what a request demands. Raises ``ContradictoryPrompt``.

    Unknown values are ignored, as OpenID Connect advises, but not beside ``none``.
    """
    prompt = frozenset(parameters.get("prompt", "").split(" ")) - {""}
    if "none" in prompt and len(prompt) > 1:
        raise ContradictoryPrompt("The prompt none can't be combined with another.")
    return Demand(prompt=prompt, max_age=_max_age_of(parameters), marker=_read_marker(parameters))


def note_sign_in(*, request: HttpRequest | None = None, **kwargs: Any) -> None:
    """Store the time of sign-in in the session. Receiver of ``user_logged_in``."""
    session = getattr(request, "session", None)
    if session is not None:
        session[SIGNED_IN_AT] = time.time()


def must_sign_in(request: HttpRequest, demand: Demand) -> bool:
    """Return whether the request demands a sign-in that has not happened yet."""
    signed_in_at = request.session.get(SIGNED_IN_AT, 0.0)
    if demand.was_sent_to_sign_in and signed_in_at >= demand.marker["since"]:
        return False
    if "login" in demand.prompt:
        return True
    return demand.max_age is not None and time.time() - signed_in_at > demand.max_age


def must_choose_account(request: HttpRequest, demand: Demand) -> bool:
    """Return whether the request demands a choice of account that has not been made yet."""
    if "select_account" not in demand.prompt:
        return False
    if demand.marker.get("chosen") == [str(request.user.pk), session_of(request)]:
        return False
    return not (demand.was_sent_to_sign_in and request.session.get(SIGNED_IN_AT, 0.0) >= demand.marker["since"])


def marker_of_sign_in(parameters: Mapping[str, str]) -> str:
    """Return a marker for the request ``parameters`` that accepts a sign-in from now on."""
    return signing.dumps({"request": digest_of(parameters), "since": time.time()}, salt=SALT)


def marker_of_choice(request: HttpRequest, parameters: Mapping[str, str]) -> str:
    """Return a marker that the user chose the account that is signed in."""
    chosen = [str(request.user.pk), session_of(request)]
    return signing.dumps({"request": digest_of(parameters), "chosen": chosen}, salt=SALT)


def without_marker(parameters: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters as the application sent them."""
    return {name: value for name, value in parameters.items() if name != MARKER}


def _max_age_of(parameters: Mapping[str, str]) -> int | None:
    max_age = parameters.get("max_age")
    if max_age is None:
        return None
    if not max_age.isascii() or not max_age.isdigit() or len(max_age) > 10:
        raise ContradictoryPrompt("The max_age is not a number of seconds.")
    return int(max_age)


def _read_marker(parameters: Mapping[str, str]) -> dict[str, Any]:
    try:
        marker = signing.loads(parameters.get(MARKER, ""), salt=SALT, max_age=MARKER_MAX_AGE_SECONDS)
    except signing.BadSignature:
        return {}
    is_ours = isinstance(marker, dict) and marker.get("request") == digest_of(without_marker(parameters))
    return marker if is_ours else {}
