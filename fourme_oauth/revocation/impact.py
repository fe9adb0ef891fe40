"""What ending or changing access would hit, in the same number of statements however much it is."""

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
    """What would be hit, counted before anything is."""

    users: int
    """Whose authorization stands."""
    alive: TokenCounts
    last_call: datetime | None
    """When an application was last at the API for a user, or last got a token with its own credentials."""

    @property
    def tokens(self) -> int:
        """How many codes and tokens are alive."""
        return self.alive.codes + self.alive.refresh_tokens + self.alive.access_tokens


def impact_of(applications: Iterable[Application]) -> Impact:
    """Count what disabling ``applications``, or ending all that they hold, would hit; change nothing."""
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
    """What would be hit if all that one user allows ended. Not what acts as the user by its own credentials."""

    applications: int
    """Which the user allows now."""
    alive: TokenCounts
    last_call: datetime | None
    """When one of them was last at the API for the user."""


def impact_of_user(user: AbstractUser) -> UserImpact:
    """Count what ``revoke_all`` would end, in four statements; change nothing."""
    row = Authorization.objects.of(user).standing().aggregate(applications=Count("pk"), last=Max("last_used_at"))
    return UserImpact(
        applications=row["applications"],
        alive=live_counts_of_user(user, timezone.now()),
        last_call=row["last"],
    )


def granted_counts(application: Application, scopes: Iterable[str]) -> dict[str, int]:
    """Return how many users' standing authorizations include each of ``scopes``, in one statement."""
    names = dict(enumerate(sorted(scopes)))
    counts = {f"number_{at}": Count("pk", filter=_mentions("scopes", name)) for at, name in names.items()}
    row = Authorization.objects.filter(application=application).standing().aggregate(**counts)
    return {name: row[f"number_{at}"] for at, name in names.items()}


def count_to_be_asked(application: Application, scopes: Iterable[str]) -> int:
    """Return how many users have not granted one of ``scopes``, and did not take it back themselves either."""
    lacking = Q(pk__in=[])
    for name in scopes:
        lacking |= ~_mentions("scopes", name) & ~_mentions("withdrawn_scopes", name)
    return Authorization.objects.filter(lacking, application=application).standing().count()


def _mentions(field: str, name: str) -> Q:
    # Not a LIKE, which takes no notice of the case of letters on some databases.
    return Q(**{f"{field}__regex": f"(^| ){re.escape(name)}( |$)"})
