"""Revoke authorizations: one, several, all of a user; or withdraw scopes from one."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from ..actor import SYSTEM, Actor
from ..models import AuditEvent, Authorization
from ..models.authorization import AuthorizationQuerySet
from ..models.token_sets import TokenCounts, delete_under, live_counts
from ..signals import authorization_revoked

BATCH_SIZE = 500
"""How many authorizations one statement revokes: databases limit the number of parameters."""


def revoke(authorization: Authorization, *, by: Actor = SYSTEM) -> TokenCounts:
    """Revoke all access of the application to the user's account. Idempotent."""
    return revoke_several(Authorization.objects.filter(pk=authorization.pk), by=by)


def revoke_all(user: AbstractUser, *, by: Actor = SYSTEM, cause: str = "") -> TokenCounts:
    """Revoke all access of every application to the account of ``user``. Idempotent."""
    return revoke_several(Authorization.objects.of(user), by=by, cause=cause)


@transaction.atomic
def revoke_several(
    authorizations: AuthorizationQuerySet,
    *,
    by: Actor = SYSTEM,
    cause: str = "",
    deleted: str = "",
) -> TokenCounts:
    """
    Revoke each of ``authorizations``. Idempotent; each has an audit event and a signal of its own.

    ``cause`` is the reason where nobody revokes: "password" for a changed password, "account" for a deactivated or
    deleted account. ``deleted`` is "user" or "application" where that row is being deleted: the audit event then stores
    only its name.
    """
    # Locked in one order, so that concurrent revocations can't deadlock.
    keys = list(authorizations.standing().order_by("pk").values_list("pk", flat=True))
    ended = TokenCounts()
    for first in range(0, len(keys), BATCH_SIZE):
        ended += _revoke_some(keys[first : first + BATCH_SIZE], by=by, cause=cause, deleted=deleted)
    return ended


def _revoke_some(keys: list[int], *, by: Actor, cause: str = "", deleted: str = "") -> TokenCounts:
    locked = list(Authorization.objects.filter(pk__in=keys).standing().select_for_update().order_by("pk"))
    if not locked:
        return TokenCounts()
    now = timezone.now()
    alive = live_counts(locked, now)
    rows = Authorization.objects.filter(pk__in=[each.pk for each in locked])
    rows.update(generation=F("generation") + 1, revoked_at=now, revoked_by=by.user)
    delete_under(locked)
    revoked = list(rows.select_related("user", "application").order_by("pk"))
    AuditEvent.objects.bulk_create(
        AuditEvent.objects.describe(
            AuditEvent.Kind.REVOKED,
            application=each.application,
            user=each.user,
            by=by,
            **_details(alive[each.user_id, each.application_id], cause),
        ).without(deleted)
        for each in revoked
    )
    for each in revoked:
        authorization_revoked.send(sender=Authorization, authorization=each, by=by.user, cause=cause)
    return sum(alive.values(), start=TokenCounts())


def _details(ended: TokenCounts, cause: str) -> dict[str, Any]:
    return vars(ended) | ({"cause": cause} if cause else {})


@transaction.atomic
def reduce(authorization: Authorization, *, keep: Iterable[str], by: Actor = SYSTEM) -> frozenset[str]:
    """
    Withdraw every scope except those to ``keep``, and return the withdrawn ones.

    In effect at the next request; tokens remain valid for the rest. Raises ``ValueError`` where nothing would be left:
    that is a revocation.
    """
    locked = Authorization.objects.select_for_update().get(pk=authorization.pk)
    kept = locked.granted.intersection(keep)
    taken = locked.granted - kept
    if not kept:
        raise ValueError("Nothing would be left.")
    if taken:
        Authorization.objects.filter(pk=locked.pk).update(
            scopes=" ".join(sorted(kept)),
            withdrawn_scopes=" ".join(sorted(taken.union(locked.withdrawn_scopes.split()))),
        )
        AuditEvent.objects.record(
            AuditEvent.Kind.REDUCED,
            application=locked.application,
            user=locked.user,
            by=by,
            scopes=sorted(taken),
        )
    return taken
