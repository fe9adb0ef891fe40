"""A code or a refresh token came a second time: is it the same request again, or does somebody have a copy?"""

import time
from datetime import datetime, timedelta

from django.utils import timezone

from .. import revocation
from ..actor import Actor
from ..conf import app_settings
from ..models import Grant, RefreshToken

BURST = timedelta(seconds=5)
"""How long after its first use a code may come again as part of a burst: one request, sent many times at once."""
TOGETHER = timedelta(seconds=1)
"""Two requests that come within this time of each other are under way at the same time."""


def refuse_code(code: Grant, *, by: Actor, received_at: datetime) -> None:
    """
    Do what a used ``code`` asks for that came again in a request that proved possession.

    A second use ends what the first gave (RFC 6749 section 4.1.2). One request that was sent several times at once is
    not a second use.
    """
    if code.token_family is None or _is_of_a_burst(code, received_at):
        return
    revocation.end_reused_family(code, by=by)


def note_lost_race(code: Grant) -> None:
    """Note that a request for ``code`` lost to another one that was under way at the same time."""
    Grant.objects.filter(pk=code.pk).record_replay(timezone.now())


def _is_of_a_burst(code: Grant, received_at: datetime) -> bool:
    """
    Was another request for ``code`` under way at the same time as this one?

    Where requests queue before they are read, the last of a burst is read after the first is answered. Then it is still
    close to others of the burst. One that comes alone waits a moment, so that whoever is about to come is seen.
    """
    now = timezone.now()
    row = Grant.objects.filter(pk=code.pk)
    before = row.record_replay(now)
    if code.used_at is None or received_at <= code.used_at:
        return True
    if now > code.used_at + BURST:
        return False
    if before is not None and abs(now - before) <= TOGETHER:
        return True
    time.sleep(TOGETHER.total_seconds())
    return row.filter(replayed_at__gt=now).exists()


def refuse_refresh_token(refresh_token: RefreshToken, *, by: Actor, now: datetime) -> None:
    """
    Do what a rotated ``refresh_token`` asks for that came again: end its family (RFC 9700 section 4.14.2).

    At once after the rotation it is a client that did not get the answer, not a thief: refused, and nothing else.
    """
    grace = timedelta(seconds=app_settings.refresh_token_replay_grace_seconds)
    if refresh_token.revoked is None or refresh_token.token_family is None or now <= refresh_token.revoked + grace:
        return
    revocation.end_reused_family(refresh_token, by=by)
