"""
End it: one authorization, one application, one family of tokens.

The only place where access ends. A generation that moves on ends every code and token at once, whenever it was minted;
the rows are removed after it, upstream first, so that nothing still alive can mint a successor.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, Group
from django.db import models, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from .conf import app_settings
from .models import AccessToken, Application, AuditEvent, Authorization, Grant, RefreshToken, Scope
from .models.tokens import AccessTokenQuerySet, GrantQuerySet, RefreshTokenQuerySet
from .signals import authorization_revoked, reuse_detected


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How much was alive, and ended."""

    codes: int = 0
    refresh_tokens: int = 0
    access_tokens: int = 0

    def __add__(self, other: "Ended") -> "Ended":
        return Ended(
            codes=self.codes + other.codes,
            refresh_tokens=self.refresh_tokens + other.refresh_tokens,
            access_tokens=self.access_tokens + other.access_tokens,
        )


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
def reduce(authorization: Authorization, *, keep: Iterable[str], by: AbstractUser | None = None) -> frozenset[str]:
    """
    Take back every scope but those to ``keep``, and return what was taken.

    In effect at the next request; tokens live on with the rest. Raises ``ValueError`` where nothing would be left: that
    is a revocation.
    """
    locked = Authorization.objects.select_for_update().get(pk=authorization.pk)
    kept = locked.granted.intersection(keep)
    taken = locked.granted - kept
    if not kept:
        raise ValueError("Nothing would be left.")
    if taken:
        Authorization.objects.filter(pk=locked.pk).update(
            scopes=" ".join(sorted(kept)), taken_back=" ".join(sorted(taken.union(locked.taken_back.split())))
        )
        AuditEvent.objects.record(
            AuditEvent.Kind.REDUCED, application=locked.application, user=locked.user, by=by, scopes=sorted(taken)
        )
    return taken


@transaction.atomic
def revoke_all(user: AbstractUser, *, by: AbstractUser | None = None) -> Ended:
    """End everything that any application can do on behalf of ``user``. Idempotent."""
    # In one order, so that two who do this at the same time don't wait for each other.
    standing = Authorization.objects.of(user).standing().order_by("pk")
    return sum((revoke(authorization, by=by) for authorization in standing), start=Ended())


def revoke_all_of_deactivated_holder(text: str) -> None:
    """
    End for good all that was allowed by the holder of the token or code with this ``text``, if they are deactivated.

    Only where the site says so: otherwise, what has not expired works again when they come back.
    """
    if not app_settings.end_access_of_deactivated_users:
        return
    for model in (AccessToken, RefreshToken, Grant):
        held = model.objects.by_text(text).filter(user__is_active=False).select_related("user").first()
        if held is not None:
            revoke_all(held.user)


def end_access_with_account(*, instance: models.Model, created: bool, **kwargs: Any) -> None:
    """End all that a user allowed when they set another password or are deactivated, where the site says so."""
    # Not by the signal's sender: a site may save users through a proxy of its user model.
    if created or not isinstance(instance, get_user_model()):
        return
    # Django forgets it after this signal, and has none where it only hashed the same password anew.
    is_new_password = getattr(instance, "_password", None) is not None
    is_over = not instance.is_active and app_settings.end_access_of_deactivated_users
    if is_over or (is_new_password and app_settings.end_access_on_password_change):
        revoke_all(instance)


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
def end_reused_family(token_family: UUID, *, user: AbstractUser, application: Application, credential: str) -> None:
    """
    End a family of which a ``credential`` ("code" or "refresh token") came a second time: somebody has a copy.

    Told once: whoever goes on sending it fills no audit trail and no mailbox.
    """
    if not end_family(token_family, user=user, application=application):
        return
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
