"""What a revocation or change would affect, in a constant number of queries."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AbstractUser
from django.db.models import Count, Max, Q
from django.utils import timezone

from ..models import Application, Authorization, ClientSecret
from ..models.token_sets import TokenCounts, live_counts_of_applications, live_counts_of_user


@dataclass(frozen=True, kw_only=True)
class Impact:
    """What disabling applications, or revoking all of their access, affects."""

    users: int
    """The number of users with an unrevoked authorization."""
    alive: TokenCounts
    last_call: datetime | None
    """When an application last called the API for a user, or last authenticated with a secret."""

    @property
    def tokens(self) -> int:
        """The number of valid codes and tokens."""
        return self.alive.codes + self.alive.refresh_tokens + self.alive.access_tokens


def impact_of(applications: Iterable[Application]) -> Impact:
    """Count what disabling ``applications``, or revoking all of their access, affects; change nothing."""
    chosen = list(applications)
    own = Authorization.objects.filter(application__in=[each.pk for each in chosen])
    standing = own.standing().aggregate(users=Count("user", distinct=True), last=Max("last_used_at"))
    secrets = ClientSecret.objects.filter(application__in=[each.pk for each in chosen])
    last_calls = [standing["last"], secrets.aggregate(last=Max("last_used_at"))["last"]]
    return Impact(
        users=standing["users"],
        alive=live_counts_of_applications(chosen, timezone.now()),
        last_call=max((at for at in last_calls if at is not None), default=None),
    )


@dataclass(frozen=True, kw_only=True)
class UserImpact:
    """What revoking all of a user's authorizations affects; client credentials are not part of it."""

    applications: int
    """The number of applications that the user allows now."""
    alive: TokenCounts
    last_call: datetime | None
    """When one of them last called the API for the user."""


def impact_of_user(user: AbstractUser) -> UserImpact:
    """Count what ``revoke_all`` would revoke, in four queries; change nothing."""
    row = Authorization.objects.of(user).standing().aggregate(applications=Count("pk"), last=Max("last_used_at"))
    return UserImpact(
        applications=row["applications"],
        alive=live_counts_of_user(user, timezone.now()),
        last_call=row["last"],
    )


def granted_counts(application: Application, scopes: Iterable[str]) -> dict[str, int]:
    """Return how many users have granted each of ``scopes``, in one query."""
    names = dict(enumerate(sorted(scopes)))
    counts = {f"number_{at}": Count("pk", filter=_mentions("scopes", name)) for at, name in names.items()}
    row = Authorization.objects.filter(application=application).standing().aggregate(**counts)
    return {name: row[f"number_{at}"] for at, name in names.items()}


def count_to_be_asked(application: Application, scopes: Iterable[str]) -> int:
    """Return how many users have neither granted nor withdrawn one of ``scopes``: they will be asked."""
    lacking = Q(pk__in=[])
    for name in scopes:
        lacking |= ~_mentions("scopes", name) & ~_mentions("withdrawn_scopes", name)
    return Authorization.objects.filter(lacking, application=application).standing().count()


def _mentions(field: str, name: str) -> Q:
    # Not LIKE, which ignores case on some databases.
    return Q(**{f"{field}__regex": f"(^| ){re.escape(name)}( |$)"})
