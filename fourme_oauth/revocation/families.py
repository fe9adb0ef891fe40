"""Revoke token families: all tokens that descend from one code."""

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from ..actor import Actor
from ..models import AccessToken, AuditEvent, Authorization, Grant, RefreshToken
from ..signals import reuse_detected

REUSED: dict[type, tuple[AuditEvent.Kind, str]] = {
    Grant: (AuditEvent.Kind.CODE_REUSED, "code"),
    RefreshToken: (AuditEvent.Kind.REFRESH_TOKEN_REUSED, "refresh token"),
}
"""The audit event's kind, and the signal's ``credential``."""


@transaction.atomic
def end_family(minted: Grant | AccessToken | RefreshToken) -> bool:
    """
    Revoke the token family of a code or token (RFC 7009 section 2.1, RFC 9700 section 4.14.2).

    Return whether it had an unused refresh token.
    """
    # The lock that issuing tokens takes: a concurrent rotation happens wholly before or after this.
    list(Authorization.objects.select_for_update().between(minted.user, minted.application))
    now = timezone.now()
    family = RefreshToken.objects.filter(token_family=minted.token_family)
    had_one = family.unused().exists()
    family.update(revoked=Coalesce("revoked", now), access_token=None)
    AccessToken.objects.filter(token_family=minted.token_family).delete_rows()
    return had_one


def end_token(token: AccessToken | RefreshToken) -> None:
    """Revoke one token for its own application, with its family if it has one (RFC 7009)."""
    if token.token_family is None:
        token.delete()
    else:
        end_family(token)


@transaction.atomic
def end_reused_family(reused: Grant | RefreshToken, *, by: Actor) -> None:
    """
    Revoke the family of a code or refresh token that was reused: it may have been stolen.

    Recorded and signalled once, however often it is presented again.
    """
    if not end_family(reused):
        return
    application, user = reused.application, reused.user
    kind, credential = REUSED[type(reused)]
    AuditEvent.objects.record(kind, application=application, user=user, by=by)
    reuse_detected.send(sender=RefreshToken, application=application, user=user, credential=credential)
