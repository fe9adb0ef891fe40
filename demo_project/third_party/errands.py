"""
Actions of the third-party application for a visitor: refresh the tokens when needed, then call the API.

The pages and the command share this, so that both handle tokens and errors in the same way. Raises a `RefusalError` for
whatever the service does not do; tokens are deleted only where the service answers `invalid_grant`.
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
"""Seconds before its expiry from which an access token is not used any more: the request takes time too."""

SUBJECT = "Weekly review (from Acme Dashboard)"

Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True, slots=True)
class Overview:
    """Data for the dashboard."""

    me: dict[str, Any]
    requests: list[dict[str, Any]] | None
    """None where the service refuses them to this user or application: `refusal` says why."""
    refusal: str = ""

    @property
    def verdicts(self) -> list[tuple[str, str, str]]:
        """Return (scope, verdict, explanation) for each scope; no explanation for `in_effect`."""
        scopes = self.me["scopes"].items()
        return [(name, verdict, "" if verdict == "in_effect" else reason(verdict)) for name, verdict in scopes]


def overview(visitor: Visitor) -> Overview:
    """Return the user's data for the dashboard."""
    return _with_valid_tokens(visitor, _overview)


def weekly_review(visitor: Visitor) -> str:
    """Submit a request, or only read requests if `request:create` is not in effect. Return a sentence about it."""
    refresh(visitor)
    return _with_valid_tokens(visitor, _review)


def refresh(visitor: Visitor) -> None:
    """
    Exchange the refresh token for new tokens, and save them before they are used.

    A refresh token is single use, and reuse can revoke the token family. So one page or process at a time does this,
    under the visitor's lock; one that had to wait uses the tokens that were saved meanwhile.
    """
    before = visitor.token
    with visitor.locked():
        if visitor.token == before:
            visitor.token = _new_tokens(visitor)
            visitor.save()
    if not visitor.token:
        raise AccessEndedError


def disconnect(visitor: Visitor) -> None:
    """Delete the tokens, and then revoke them at the service, whether that succeeds or not."""
    with visitor.locked():
        token = visitor.token
        visitor.forget()
        visitor.reload()
    if token:
        Service(credentials.load(), token).revoke()


def _new_tokens(visitor: Visitor) -> dict[str, Any]:
    try:
        return Service(credentials.load(), visitor.token).refresh()
    except GrantRefusedError:
        return {}


def _with_valid_tokens(visitor: Visitor, action: Callable[[Service, Visitor], Result]) -> Result:
    if visitor.token.get("expires_at", math.inf) < time.time() + MARGIN:
        refresh(visitor)
    try:
        return action(Service(credentials.load(), visitor.token), visitor)
    except TokenRefusedError:
        refresh(visitor)
    return action(Service(credentials.load(), visitor.token), visitor)


def _overview(service: Service, visitor: Visitor) -> Overview:
    me = _me(service, visitor)
    try:
        return Overview(me=me, requests=[_readable(each) for each in service.visible_requests()])
    except NotInEffectError as refusal:
        return Overview(me=me, requests=None, refusal=str(refusal))


def _readable(request: dict[str, Any]) -> dict[str, Any]:
    return request | {"status": str(request["status"]).replace("_", " ")}


def _review(service: Service, visitor: Visitor) -> str:
    scopes = _me(service, visitor)["scopes"]
    if scopes.get("request:create") == "in_effect":
        return f"submitted request {service.create_request(SUBJECT)}, “{SUBJECT}”"
    reason_for_none = NotInEffectError({"request:create": scopes.get("request:create", "not_allowed")})
    return f"read {len(service.visible_requests())} requests, and submitted none. {reason_for_none}"


def _me(service: Service, visitor: Visitor) -> dict[str, Any]:
    """Return the user from the API, and save the name: it is printed when the tokens are no longer valid."""
    me = service.me()
    if me["username"] != visitor.username:
        with visitor.locked():
            visitor.username = me["username"]
            if visitor.token:
                visitor.save()
    return me
