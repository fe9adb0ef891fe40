"""What users allowed, ended: one authorization, some of them, all of a user, or a part of one."""

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
"""How many authorizations one statement ends: databases limit how many parameters a statement has."""


def revoke(authorization: Authorization, *, by: Actor = SYSTEM) -> TokenCounts:
    """End everything that the application can do on behalf of the user. Idempotent."""
    return revoke_several(Authorization.objects.filter(pk=authorization.pk), by=by)


def revoke_all(user: AbstractUser, *, by: Actor = SYSTEM, cause: str = "") -> TokenCounts:
    """End everything that any application can do on behalf of ``user``. Idempotent."""
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
    End what each of ``authorizations`` gives. Idempotent; each gets an event and a signal of its own.

    ``cause`` says why it ends where nobody revokes it: "password" where the user's was changed, "account" where that is
    closed. ``deleted`` is "user" or "application" where that row is being deleted: the audit trail then names it by
    value only.
    """
    # In one order, so that two who do this at the same time don't wait for each other.
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
