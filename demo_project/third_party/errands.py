"""
What the third-party application does for a visitor, whose browser may be there or not. Each errand has living tokens.

The pages and the command share this, so that both refresh and give up in the same way. What the service does not do is
raised as a `RefusalError`; tokens are forgotten only where it says that they are dead.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from demo_project.third_party import credentials
from demo_project.third_party.refusals import (
    AccessEndedError,
    GrantRefusedError,
    NotInEffectError,
    TokenRefusedError,
    reason,
)
from demo_project.third_party.service import Service
from demo_project.third_party.visitors import Visitor

MARGIN = 30
"""Seconds before its end at which an access token is not worth using: the answer has to come back too."""

SUBJECT = "Weekly review (from Acme Dashboard)"

Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True, slots=True)
class Overview:
    """What the dashboard shows."""

    me: dict[str, Any]
    requests: list[dict[str, Any]] | None
    """Nothing where the service refuses them to this user or this application: `refusal` says why."""
    refusal: str = ""

    @property
    def verdicts(self) -> list[tuple[str, str, str]]:
        """Each scope, the verdict on it, and what that means."""
        scopes = self.me["scopes"].items()
        return [(name, verdict, "" if verdict == "in_effect" else reason(verdict)) for name, verdict in scopes]


def overview(visitor: Visitor) -> Overview:
    """Look at what the user may see."""
    return _with_living_tokens(visitor, _look)


def weekly_review(visitor: Visitor) -> str:
    """Submit a request, or read those that are there, whatever is in effect. Return what was done, as a sentence."""
    refresh(visitor)
    return _with_living_tokens(visitor, _review)


def refresh(visitor: Visitor) -> None:
    """
    Swap the refresh token for new tokens, and save them before anybody uses them.

    A refresh token is good for one use, and a second one ends the access. So one page or process at a time does this,
    and whoever has waited takes what the one before has got.
    """
    held = visitor.token
    with visitor.alone():
        if visitor.token == held:
            visitor.token = _new_tokens(visitor)
            visitor.save()
    if not visitor.token:
        raise AccessEndedError


def disconnect(visitor: Visitor) -> None:
    """Forget the tokens, whether the service answers or not, and then give the access back."""
    with visitor.alone():
        token = visitor.token
        visitor.forget()
        visitor.recall()
    if token:
        Service(credentials.load(), token).revoke()


def _new_tokens(visitor: Visitor) -> dict[str, Any]:
    try:
        return Service(credentials.load(), visitor.token).refresh()
    except GrantRefusedError:
        return {}


def _with_living_tokens(visitor: Visitor, errand: Callable[[Service, Visitor], Result]) -> Result:
    if visitor.token.get("expires_at", math.inf) < time.time() + MARGIN:
        refresh(visitor)
    try:
        return errand(Service(credentials.load(), visitor.token), visitor)
    except TokenRefusedError:
        refresh(visitor)
    return errand(Service(credentials.load(), visitor.token), visitor)


def _look(service: Service, visitor: Visitor) -> Overview:
    me = _introduce(service, visitor)
    try:
        return Overview(me=me, requests=[_readable(each) for each in service.visible_requests()])
    except NotInEffectError as refusal:
        return Overview(me=me, requests=None, refusal=str(refusal))


def _readable(request: dict[str, Any]) -> dict[str, Any]:
    return request | {"status": str(request["status"]).replace("_", " ")}


def _review(service: Service, visitor: Visitor) -> str:
    scopes = _introduce(service, visitor)["scopes"]
    if scopes.get("request:create") == "in_effect":
        return f"submitted request {service.create_request(SUBJECT)}, “{SUBJECT}”"
    why = NotInEffectError({"request:create": scopes.get("request:create", "not_allowed")})
    return f"read {len(service.visible_requests())} requests, and submitted none. {why}"


def _introduce(service: Service, visitor: Visitor) -> dict[str, Any]:
    """Ask who the user is, and remember the name for the time when nobody can be asked."""
    me = service.me()
    if me["username"] != visitor.username:
        with visitor.alone():
            visitor.username = me["username"]
            if visitor.token:
                visitor.save()
    return me
