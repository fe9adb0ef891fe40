"""A code or a refresh token came a second time: is it the same request again, or does somebody have a copy?"""

from datetime import datetime, timedelta

from django.utils import timezone

from .. import revocation
from ..conf import app_settings
from ..models import Grant, RefreshToken
from . import issuance


def refuse_code(code: Grant, *, received_at: datetime) -> None:
    """
    Do what a used ``code`` asks for that came in a request received at ``received_at`` and proved possession.

    A second use ends what the first gave (RFC 6749 section 4.1.2). A request that was already under way when the code
    was used is the same one sent several times at once, not a second use.
    """
    if code.used_at is None or code.token_family is None or code.used_at >= received_at:
        issuance.extend_burst(code, now=timezone.now())
        return
    revocation.end_reused_family(code.token_family, user=code.user, application=code.application, credential="code")


def refuse_refresh_token(refresh_token: RefreshToken, *, now: datetime) -> None:
    """
    Do what a rotated ``refresh_token`` asks for that came again: end its family (RFC 9700 section 4.14.2).

    At once after the rotation it is a client that did not get the answer, not a thief: refused, and nothing else.
    """
    grace = timedelta(seconds=app_settings.refresh_token_replay_grace_seconds)
    if refresh_token.revoked is None or refresh_token.token_family is None or now <= refresh_token.revoked + grace:
        return
    revocation.end_reused_family(
        refresh_token.token_family,
        user=refresh_token.user,
        application=refresh_token.application,
        credential="refresh token",
    )
