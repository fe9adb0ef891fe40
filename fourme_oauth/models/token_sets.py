"""Codes and tokens minted under authorizations, counted and deleted in sets, never row by row."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q

from ..conf import app_settings
from .application import Application
from .authorization import Authorization
from .deletion import delete_in_one_statement
from .tokens import AccessToken, Grant, RefreshToken

Pair = tuple[int, int | None]
"""The primary keys of a user and an application; ``None`` if that is deleted."""


@dataclass(frozen=True, kw_only=True)
class TokenCounts:
    """How many codes and tokens are valid, or were until revoked."""

    codes: int = 0
    refresh_tokens: int = 0
    access_tokens: int = 0

    def __add__(self, other: "TokenCounts") -> "TokenCounts":
        return TokenCounts(
            codes=self.codes + other.codes,
            refresh_tokens=self.refresh_tokens + other.refresh_tokens,
            access_tokens=self.access_tokens + other.access_tokens,
        )


def live_counts(authorizations: Iterable[Authorization], now: datetime) -> dict[Pair, TokenCounts]:
    """Count the valid codes and tokens under each of ``authorizations``, in three queries."""
    pairs = [(each.user_id, each.application_id) for each in authorizations]
    users, applications = {user for user, _ in pairs}, {application for _, application in pairs}
    filters = {"user_id__in": users, "application_id__in": applications}
    codes = _count(Grant.objects.filter(**filters).pending(now).living())
    refresh_tokens = _count(_renewable(RefreshToken.objects.filter(**filters).living(now), now))
    access_tokens = _count(AccessToken.objects.filter(**filters).of_users().living(now))
    return {
        pair: TokenCounts(
            codes=codes.get(pair, 0),
            refresh_tokens=refresh_tokens.get(pair, 0),
            access_tokens=access_tokens.get(pair, 0),
        )
        for pair in pairs
    }


def live_counts_of_applications(applications: Iterable[Application], now: datetime) -> TokenCounts:
    """Count the valid codes and tokens of ``applications``, client credentials included, in three queries."""
    filters = {"application__in": [each.pk for each in applications]}
    return TokenCounts(
        codes=Grant.objects.filter(**filters).pending(now).living().count(),
        refresh_tokens=_renewable(RefreshToken.objects.filter(**filters).living(now), now).count(),
        access_tokens=AccessToken.objects.filter(**filters).living(now).count(),
    )


def live_counts_of_user(user: AbstractUser, now: datetime) -> TokenCounts:
    """Count the valid codes and tokens under all authorizations of ``user``, in three queries."""
    filters = {"user_id": user.pk}
    return TokenCounts(
        codes=Grant.objects.filter(**filters).pending(now).living().count(),
        refresh_tokens=_renewable(RefreshToken.objects.filter(**filters).living(now), now).count(),
        access_tokens=AccessToken.objects.filter(**filters).of_users().living(now).count(),
    )


def _count(living: models.QuerySet[Any]) -> dict[Pair, int]:
    counted = living.order_by().values("user_id", "application_id").annotate(number=Count("pk"))
    return {(each["user_id"], each["application_id"]): each["number"] for each in counted}


def _renewable(living: models.QuerySet[RefreshToken], now: datetime) -> models.QuerySet[RefreshToken]:
    """Keep those within the maximum age of an authorization, since the user last consented (ASVS 10.4.8)."""
    max_age = app_settings.authorization_max_age_seconds
    if max_age is None:
        return living
    return living.filter(Q(authorization_confirmed_at__gt=now - timedelta(seconds=max_age)))


def delete_under(authorizations: Iterable[Authorization]) -> None:
    """Delete the codes and tokens, valid or not, that were minted under ``authorizations``."""
    own = Authorization.objects.filter(pk__in=[each.pk for each in authorizations])
    pair = own.filter(user=OuterRef("user"), application=OuterRef("application"))
    # Filtered by user too: not every database server uses an index for the pairs alone.
    users = {each.user_id for each in authorizations}
    delete_tokens(
        codes=Grant.objects.filter(Exists(pair), user_id__in=users),
        refresh_tokens=RefreshToken.objects.filter(Exists(pair), user_id__in=users),
        access_tokens=AccessToken.objects.filter(Exists(pair), user_id__in=users).of_users(),
    )


def delete_tokens(
    *,
    codes: models.QuerySet[Grant],
    refresh_tokens: models.QuerySet[RefreshToken],
    access_tokens: models.QuerySet[AccessToken],
) -> None:
    """Delete in four statements, codes first; with Django's cascade where a table of the site refers to them."""
    _delete(codes)
    # Access and refresh tokens refer to each other, and MariaDB checks foreign keys immediately.
    access_tokens.exclude(source_refresh_token=None).update(source_refresh_token=None)
    _delete(refresh_tokens)
    _delete(access_tokens)


def _delete(rows: models.QuerySet[Any]) -> None:
    """Delete in one statement, unless a table of the site refers to such rows."""
    own = {AccessToken, RefreshToken}
    if any(relation.related_model not in own for relation in rows.model._meta.related_objects):
        rows.delete()
    else:
        delete_in_one_statement(rows)
