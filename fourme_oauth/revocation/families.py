"""The tokens that descend from one code, ended."""

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
"""What the audit trail and the signal call it."""


@transaction.atomic
def end_family(minted: Grant | AccessToken | RefreshToken) -> bool:
    """
    End the tokens that descend from the code that ``minted`` is or comes from (RFC 7009 section 2.1, RFC 9700 4.14.2).

    Return whether there was one to end.
    """
    # The same lock as minting takes, so that a rotation under way is either seen here or sees this.
    list(Authorization.objects.select_for_update().between(minted.user, minted.application))
    now = timezone.now()
    family = RefreshToken.objects.filter(token_family=minted.token_family)
    had_one = family.unused().exists()
    family.update(revoked=Coalesce("revoked", now), access_token=None)
    AccessToken.objects.filter(token_family=minted.token_family).delete_rows()
    return had_one


def end_token(token: AccessToken | RefreshToken) -> None:
    """End one token at its application's own wish, with its family if it has one."""
    if token.token_family is None:
        token.delete()
    else:
        end_family(token)


@transaction.atomic
def end_reused_family(reused: Grant | RefreshToken, *, by: Actor) -> None:
    """
    End the family of a code or refresh token that was presented a second time: somebody has a copy.

    Recorded and mailed once: whoever goes on sending it fills no audit trail and no mailbox.
    """
    if not end_family(reused):
        return
    application, user = reused.application, reused.user
    kind, credential = REUSED[type(reused)]
    AuditEvent.objects.record(kind, application=application, user=user, by=by)
    reuse_detected.send(sender=RefreshToken, application=application, user=user, credential=credential)
