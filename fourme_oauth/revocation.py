"""
End it: one authorization, one application, one family of tokens.

The only place where access ends. A generation that moves on ends every code and token at once, whenever it was minted;
the rows are removed after it, upstream first, so that nothing still alive can mint a successor.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractUser, Group
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from .models import AccessToken, Application, AuditEvent, Authorization, Grant, RefreshToken, Scope
from .models.tokens import AccessTokenQuerySet, GrantQuerySet, RefreshTokenQuerySet
from .signals import authorization_revoked, reuse_detected


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How much was alive, and ended."""

    codes: int = 0
    refresh_tokens: int = 0
    access_tokens: int = 0


@transaction.atomic
def revoke(authorization: Authorization, *, by: AbstractUser | None = None) -> Ended:
    """End everything that the application can do on behalf of the user. Idempotent."""
    authorization = Authorization.objects.select_for_update().get(pk=authorization.pk)
    if authorization.revoked_at is not None:
        return Ended()
    now = timezone.now()
    Authorization.objects.filter(pk=authorization.pk).update(
        generation=F("generation") + 1, revoked_at=now, revoked_by=by
    )
    ended = _remove_between(authorization, now)
    AuditEvent.objects.record(
        AuditEvent.Kind.REVOKED, application=authorization.application, user=authorization.user, by=by, **vars(ended)
    )
    authorization.refresh_from_db()
    authorization_revoked.send(sender=Authorization, authorization=authorization, by=by)
    return ended


@transaction.atomic
def disable(application: Application, *, by: AbstractUser | None = None) -> Ended:
    """
    Refuse ``application`` everywhere and end what it holds.

    Authorizations stand, so users need not say yes again; but enabling it again revives no token.
    """
    locked = Application.objects.select_for_update().get(pk=application.pk)
    Application.objects.filter(pk=locked.pk).update(disabled=True, generation=F("generation") + 1)
    application.refresh_from_db(fields=["disabled", "generation"])
    ended = _remove_all_of(application, timezone.now())
    AuditEvent.objects.record(AuditEvent.Kind.APPLICATION_DISABLED, application=application, by=by, **vars(ended))
    return ended


def retire_scopes_of_deleted_role(*, instance: Group, origin: Any, **kwargs: Any) -> None:
    """
    Retire the scopes that are losing their last role.

    A scope without roles is permitted to everybody: deleting a role must not give everybody what it alone permitted.
    """
    together = isinstance(origin, QuerySet) and origin.model is Group
    deleted = list(origin.values_list("pk", flat=True)) if together else [instance.pk]
    still_with_a_role = Scope.objects.filter(roles__in=Group.objects.exclude(pk__in=deleted))
    Scope.objects.filter(roles=instance).exclude(pk__in=still_with_a_role).update(retired=True)


def end_deleted_application(*, instance: Application, **kwargs: Any) -> None:
    """Mark the authorizations of an application that is being deleted as revoked. Its codes and tokens go with it."""
    Authorization.objects.filter(application=instance).standing().update(
        generation=F("generation") + 1, revoked_at=timezone.now()
    )


@transaction.atomic
def end_family(token_family: UUID, *, user: AbstractUser, application: Application) -> None:
    """End the tokens that descend from one code, as RFC 7009 section 2.1 and RFC 9700 section 4.14.2 ask."""
    # The same lock as minting takes, so that a rotation under way is either seen here or sees this.
    list(Authorization.objects.select_for_update().between(user, application))
    now = timezone.now()
    RefreshToken.objects.filter(token_family=token_family).unused().update(revoked=now)
    AccessToken.objects.filter(token_family=token_family).delete()


def end_token(token: AccessToken | RefreshToken) -> None:
    """End one token at its application's own wish, with its family if it has one."""
    if token.token_family is None:
        token.delete()
    else:
        end_family(token.token_family, user=token.user, application=token.application)


@transaction.atomic
def end_reused_family(token_family: UUID, *, user: AbstractUser, application: Application, credential: str) -> None:
    """End a family of which a ``credential`` ("code" or "refresh token") came a second time: somebody has a copy."""
    end_family(token_family, user=user, application=application)
    kind = AuditEvent.Kind.CODE_REUSED if credential == "code" else AuditEvent.Kind.REFRESH_TOKEN_REUSED
    AuditEvent.objects.record(kind, application=application, user=user)
    reuse_detected.send(sender=RefreshToken, application=application, user=user, credential=credential)


def _remove_between(authorization: Authorization, now: datetime) -> Ended:
    held = {"user_id": authorization.user_id, "application_id": authorization.application_id}
    # Tokens from the application's own credentials are not the user's to give or take.
    codes = Grant.objects.filter(**held)
    refresh_tokens = RefreshToken.objects.filter(**held)
    access_tokens = AccessToken.objects.filter(**held).exclude(authorization_generation=None)
    return _remove(codes=codes, refresh_tokens=refresh_tokens, access_tokens=access_tokens, now=now)


def _remove_all_of(application: Application, now: datetime) -> Ended:
    return _remove(
        codes=Grant.objects.filter(application=application),
        refresh_tokens=RefreshToken.objects.filter(application=application),
        access_tokens=AccessToken.objects.filter(application=application),
        now=now,
    )


def _remove(
    *,
    codes: GrantQuerySet,
    refresh_tokens: RefreshTokenQuerySet,
    access_tokens: AccessTokenQuerySet,
    now: datetime,
) -> Ended:
    ended = Ended(
        codes=codes.pending(now).count(),
        refresh_tokens=refresh_tokens.unused().filter(expires__gt=now).count(),
        access_tokens=access_tokens.filter(expires__gt=now).count(),
    )
    codes.delete()
    refresh_tokens.delete()
    access_tokens.delete()
    return ended
