"""Bulk revocation: all of an application, or everything since a given time."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from ..actor import SYSTEM, Actor
from ..models import AccessToken, Application, AuditEvent, Authorization, Grant, RefreshToken
from ..models.authorization import AuthorizationQuerySet
from ..models.token_sets import TokenCounts, delete_tokens, live_counts, live_counts_of_applications
from ..models.tokens import AccessTokenQuerySet
from .authorizations import BATCH_SIZE, revoke_several


@transaction.atomic
def end_application(application: Application, *, by: Actor = SYSTEM) -> TokenCounts:
    """
    Revoke all access of ``application``: every user's authorization, and its client-credentials tokens.

    It is not disabled: users may allow it again.
    """
    # Lock order as when tokens are issued: authorizations before the application.
    ended = revoke_several(Authorization.objects.filter(application=application), by=by)
    own = _own_tokens(application=application)
    ended += TokenCounts(access_tokens=own.living(timezone.now()).count())
    application.move_on_a_generation()
    own.delete_rows()
    AuditEvent.objects.record(AuditEvent.Kind.APPLICATION_ENDED, application=application, by=by, **vars(ended))
    return ended


@transaction.atomic
def end_since(
    since: datetime,
    *,
    user: AbstractUser | None = None,
    application: Application | None = None,
    by: Actor = SYSTEM,
) -> TokenCounts:
    """
    Revoke what was allowed, used to issue tokens, or issued ``since`` that time: the response to an incident.

    The authorizations are those of ``standing_authorizations``; of client-credentials tokens, those issued since.
    """
    own = _own_tokens(user=user, application=application, since=since)
    ended = TokenCounts(access_tokens=own.living(timezone.now()).count())
    own.delete_rows()
    authorizations = standing_authorizations(user=user, application=application, since=since)
    return ended + revoke_several(authorizations, by=by)


def standing_authorizations(
    *, user: AbstractUser | None = None, application: Application | None = None, since: datetime | None = None
) -> AuthorizationQuerySet:
    """
    Return the unrevoked authorizations of ``user`` and ``application``, each if given.

    With ``since``: those with a consent, or a code or token issued, since that time.
    """
    authorizations = Authorization.objects.standing().filter(**_named(user=user, application=application))
    if since is None:
        return authorizations
    minted = Q(confirmed_at__gte=since)
    for rows in (Grant.objects.all(), RefreshToken.objects.all(), AccessToken.objects.of_users()):
        own = rows.filter(user=OuterRef("user"), application=OuterRef("application"), created__gte=since)
        minted |= Q(Exists(own))
    return authorizations.filter(minted)


def count_live(
    *, user: AbstractUser | None = None, application: Application | None = None, since: datetime | None = None
) -> TokenCounts:
    """Count the valid codes and tokens that a revocation would end, and change nothing."""
    now = timezone.now()
    authorizations = list(standing_authorizations(user=user, application=application, since=since).order_by("pk"))
    counted = TokenCounts()
    for first in range(0, len(authorizations), BATCH_SIZE):
        counted += sum(live_counts(authorizations[first : first + BATCH_SIZE], now).values(), start=TokenCounts())
    if since is None and (user is not None or application is None):
        return counted
    own = _own_tokens(user=user, application=application, since=since)
    return counted + TokenCounts(access_tokens=own.living(now).count())


def _named(*, user: AbstractUser | None, application: Application | None) -> dict[str, Any]:
    named = {"user_id": user and user.pk, "application_id": application and application.pk}
    return {name: pk for name, pk in named.items() if pk is not None}


def _own_tokens(
    *, user: AbstractUser | None = None, application: Application | None = None, since: datetime | None = None
) -> AccessTokenQuerySet:
    """Return client-credentials tokens, which belong to no authorization."""
    own = AccessToken.objects.filter(by_client_credentials=True, **_named(user=user, application=application))
    return own if since is None else own.filter(created__gte=since)


@transaction.atomic
def disable(application: Application, *, by: Actor = SYSTEM) -> TokenCounts:
    """
    Disable ``application`` and end all of its codes and tokens.

    Authorizations remain, so users need not be asked again; but enabling it again makes no old token valid.
    """
    # Lock order as when tokens are issued: an authorization, then (by foreign keys) the application.
    standing = Authorization.objects.filter(application=application).standing()
    list(standing.select_for_update().order_by("pk").values_list("pk", flat=True))
    ended = live_counts_of_applications([application], timezone.now())
    Application.objects.filter(pk=application.pk).update(disabled=True, generation=F("generation") + 1)
    application.refresh_from_db(fields=["disabled", "generation"])
    delete_tokens(**_all_of(application))
    AuditEvent.objects.record(AuditEvent.Kind.APPLICATION_DISABLED, application=application, by=by, **vars(ended))
    return ended


def _all_of(application: Application) -> dict[str, Any]:
    """Return the codes and tokens of ``application`` as the arguments of ``delete_tokens``."""
    held: dict[str, type[models.Model]] = {
        "codes": Grant,
        "refresh_tokens": RefreshToken,
        "access_tokens": AccessToken,
    }
    return {name: model._default_manager.filter(application=application) for name, model in held.items()}
