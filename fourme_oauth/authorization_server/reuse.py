"""Reuse of a code or a refresh token: tell a retry of the same request from the replay of a copy."""

import time
from datetime import datetime, timedelta

from django.utils import timezone

from .. import revocation
from ..actor import Actor
from ..conf import app_settings
from ..models import Grant, RefreshToken

BURST_LENGTH = timedelta(seconds=5)
"""How long after the first use of a code others can belong to the burst: one request, sent many times at once."""
CONCURRENT = timedelta(seconds=1)
"""Requests within this time of each other count as concurrent."""


def refuse_code(code: Grant, *, by: Actor, received_at: datetime) -> None:
    """
    Handle the reuse of ``code`` in a request that proved possession: revoke its tokens (RFC 6749 section 4.1.2).

    One request that was sent several times at once is no reuse, and revokes nothing.
    """
    if code.token_family is None or _is_of_a_burst(code, received_at):
        return
    revocation.end_reused_family(code, by=by)


def note_lost_race(code: Grant) -> None:
    """Record that a request for ``code`` lost the race to a concurrent one."""
    Grant.objects.filter(pk=code.pk).record_replay(timezone.now())


def _is_of_a_burst(code: Grant, received_at: datetime) -> bool:
    """
    Record this request for ``code``; return whether another one was concurrent.

    Where requests queue before they are read, the last of a burst is read after the response to the first, but still
    close to others of the burst. A request without a predecessor waits ``CONCURRENT`` for a successor.
    """
    now = timezone.now()
    row = Grant.objects.filter(pk=code.pk)
    before = row.record_replay(now)
    if code.used_at is None or received_at <= code.used_at:
        return True
    if now > code.used_at + BURST_LENGTH:
        return False
    if before is not None and abs(now - before) <= CONCURRENT:
        return True
    time.sleep(CONCURRENT.total_seconds())
    return row.filter(replayed_at__gt=now).exists()


def refuse_refresh_token(refresh_token: RefreshToken, *, by: Actor, now: datetime) -> None:
    """
    Handle the replay of a rotated ``refresh_token``: revoke its family (RFC 9700 section 4.14.2).

    Within the grace period after rotation it is only refused: the application did not get the response.
    """
    grace = timedelta(seconds=app_settings.refresh_token_replay_grace_seconds)
    if refresh_token.revoked is None or refresh_token.token_family is None or now <= refresh_token.revoked + grace:
        return
    revocation.end_reused_family(refresh_token, by=by)
