"""The tokens that descend from one code, ended."""

from uuid import UUID

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from ..models import AccessToken, Application, AuditEvent, Authorization, RefreshToken
from ..signals import reuse_detected


@transaction.atomic
def end_family(token_family: UUID, *, user: AbstractUser, application: Application) -> bool:
    """
    End the tokens that descend from one code, as RFC 7009 section 2.1 and RFC 9700 section 4.14.2 ask.

    Return whether there was one to end.
    """
    # The same lock as minting takes, so that a rotation under way is either seen here or sees this.
    list(Authorization.objects.select_for_update().between(user, application))
    now = timezone.now()
    family = RefreshToken.objects.filter(token_family=token_family)
    had_one = family.unused().exists()
    family.update(revoked=Coalesce("revoked", now), access_token=None)
    AccessToken.objects.filter(token_family=token_family).delete_rows()
    return had_one


def end_token(token: AccessToken | RefreshToken) -> None:
    """End one token at its application's own wish, with its family if it has one."""
    if token.token_family is None:
        token.delete()
    else:
        end_family(token.token_family, user=token.user, application=token.application)


@transaction.atomic
def end_reused_family(
    token_family: UUID, *, user: AbstractUser, application: Application, credential: str, address: str | None = None
) -> None:
    """
    End a family of which a ``credential`` ("code" or "refresh token") came a second time: somebody has a copy.

    Told once: whoever goes on sending it fills no audit trail and no mailbox.
    """
    if not end_family(token_family, user=user, application=application):
        return
    kind = AuditEvent.Kind.CODE_REUSED if credential == "code" else AuditEvent.Kind.REFRESH_TOKEN_REUSED
    AuditEvent.objects.record(kind, application=application, user=user, address=address)
    reuse_detected.send(sender=RefreshToken, application=application, user=user, credential=credential)
