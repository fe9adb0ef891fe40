"""
The toolkit's codes and tokens, with the generations they were minted under.

The text of a code or token is never stored: ``Grant.code`` and ``token_checksum`` hold its SHA-256, ``token`` is empty.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self, TypeVar

from django.db import models, transaction
from django.db.models import F, FilteredRelation, Q
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import (
    AbstractAccessToken,
    AbstractDeviceGrant,
    AbstractGrant,
    AbstractIDToken,
    AbstractRefreshToken,
)
from oauth2_provider.settings import oauth2_settings

from ..conf import app_settings
from .credentials import digest
from .deletion import delete_in_one_statement

Minted = TypeVar("Minted", bound=models.Model)

ATTEMPTS_PER_CODE = 5
"""A code is burnt by this many failed attempts: there is no guessing of verifiers."""


def of_living_generations(queryset: models.QuerySet[Minted]) -> models.QuerySet[Minted]:
    """
    Keep the codes or tokens that were minted under the present generations, in the statement that finds them.

    Annotates ``authorized_scopes``, what the user's authorization includes now, ``authorization_confirmed_at`` and
    ``authorization_last_used_at``.
    A client-credentials token has no authorization: it lives while its application acts as the same user.
    """
    standing = FilteredRelation(
        "user__authorizations",
        condition=Q(
            user__authorizations__application=F("application"),
            user__authorizations__generation=F("authorization_generation"),
            user__authorizations__revoked_at=None,
        ),
    )
    living: models.QuerySet[Minted] = (
        queryset.annotate(standing=standing)
        .filter(
            Q(standing__isnull=False) | Q(authorization_generation=None, application__linked_user=F("user")),
            application_generation=F("application__generation"),
        )
        .annotate(
            authorized_scopes=F("standing__scopes"),
            authorization_confirmed_at=F("standing__confirmed_at"),
            authorization_last_used_at=F("standing__last_used_at"),
        )
    )
    return living


class Generations(models.Model):
    """The generations that a code or token was minted under; it is dead when either is over."""

    application_generation = models.PositiveIntegerField(default=0)
    authorization_generation = models.PositiveIntegerField(null=True)
    """``None`` for what was not minted from a user's authorization: client credentials."""

    class Meta:
        abstract = True


class GrantQuerySet(models.QuerySet["Grant"]):
    def by_text(self, code: str) -> Self:
        return self.filter(code=digest(code))

    def living(self) -> models.QuerySet["Grant"]:
        return of_living_generations(self)

    def pending(self, now: datetime) -> Self:
        """Keep what could still be exchanged, as far as the row itself tells."""
        return self.filter(used_at=None, expires__gt=now, failed_attempts__lt=ATTEMPTS_PER_CODE)

    @transaction.atomic
    def record_replay(self, now: datetime) -> datetime | None:
        """Write ``now`` down and return when the code, already used, had come again before, if it had."""
        # The lock gives requests that come together an order: each learns of the one before it.
        before = self.select_for_update().values_list("replayed_at", flat=True).first()
        self.update(replayed_at=now)
        return before

    def count_failed_attempt(self) -> None:
        """Count up to what burns a code, and no further: the column is small, and who fails may go on failing."""
        self.filter(failed_attempts__lt=ATTEMPTS_PER_CODE).update(failed_attempts=F("failed_attempts") + 1)


class Grant(Generations, AbstractGrant):
    """An authorization code (the toolkit's word). Kept after its use, so that a second use can end the tokens."""

    redirect_uri_given = models.BooleanField(default=True)
    """Whether the authorization request named the redirect URI, so that the token request must too (RFC 6749 4.1.3)."""
    used_at = models.DateTimeField(_("used"), null=True)
    replayed_at = models.DateTimeField(null=True)
    """When it last came after it was used."""
    failed_attempts = models.PositiveSmallIntegerField(default=0)
    token_family = models.UUIDField(null=True, editable=False)
    """The family of the tokens that its first use gave."""

    objects = GrantQuerySet.as_manager()

    class Meta(AbstractGrant.Meta):
        abstract = False
        db_table = "oauth2_provider_grant"

    def is_pending(self, now: datetime) -> bool:
        """Say of a row at hand what ``pending`` says of rows in the database."""
        return self.used_at is None and now < self.expires and self.failed_attempts < ATTEMPTS_PER_CODE


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    def by_text(self, token: str) -> Self:
        return self.filter(token_checksum=digest(token))

    def delete_rows(self) -> int:
        """
        Delete in one statement and return how many there were.

        Django's own ``delete()`` reads the rows first, to clear the refresh tokens that point to them. Here the caller
        has cleared those; what else may point to one is the toolkit's ID token, which this package never issues.
        """
        return delete_in_one_statement(self)

    def living(self, now: datetime) -> models.QuerySet["AccessToken"]:
        return of_living_generations(self.filter(expires__gt=now))


class AccessToken(Generations, AbstractAccessToken):
    token_family = models.UUIDField(null=True, editable=False, db_index=True)

    objects = AccessTokenQuerySet.as_manager()

    class Meta(AbstractAccessToken.Meta):
        abstract = False
        db_table = "oauth2_provider_accesstoken"

    def is_valid(self, scopes: Iterable[str] | None = None) -> bool:
        """
        Is it alive, and are all of ``scopes`` in effect? The toolkit's decorators, views and permissions ask this.

        The rules stand above the tables. They are found as the toolkit's models find the scopes: by the class that
        the settings name.
        """
        answer: bool = oauth2_settings.SCOPES_BACKEND_CLASS().are_in_effect(self, scopes or ())
        return answer


class RefreshTokenQuerySet(models.QuerySet["RefreshToken"]):
    def by_text(self, token: str) -> Self:
        return self.filter(token_checksum=digest(token))

    def living(self, now: datetime) -> models.QuerySet["RefreshToken"]:
        return of_living_generations(self.unused().filter(expires__gt=now))

    def living_or_rotated(self) -> models.QuerySet["RefreshToken"]:
        """Keep those of living generations: a rotated one that comes again must be recognized."""
        return of_living_generations(self)

    def unused(self) -> Self:
        """Keep what was neither rotated nor revoked."""
        return self.filter(revoked=None)


class RefreshToken(Generations, AbstractRefreshToken):
    """``revoked`` is set when it is rotated, too: a rotated token that comes again ends its family."""

    expires = models.DateTimeField(_("expires"), null=True)
    scope = models.TextField(_("scope"), blank=True, default="")
    """What the user granted, whole: an access token may be narrower (RFC 6749 section 6)."""

    objects = RefreshTokenQuerySet.as_manager()

    class Meta(AbstractRefreshToken.Meta):
        abstract = False
        db_table = "oauth2_provider_refreshtoken"
        # The toolkit's own name: a site that runs the toolkit has this index already.
        indexes = [models.Index(fields=["token_family"], name="oauth2_prov_token_f_996e8a_idx")]

    def can_be_renewed(self, now: datetime) -> bool:
        """
        Say of an unused row that was found living whether neither its end nor the absolute one has come.

        The absolute end counts from when the user last said yes (ASVS 10.4.8).
        """
        if self.expires is None or self.expires <= now:
            return False
        max_age, confirmed_at = app_settings.authorization_max_age_seconds, self.authorization_confirmed_at
        return max_age is None or bool(now < confirmed_at + timedelta(seconds=max_age))


class IDToken(AbstractIDToken):
    class Meta(AbstractIDToken.Meta):
        abstract = False
        db_table = "oauth2_provider_idtoken"


class DeviceGrant(AbstractDeviceGrant):
    class Meta(AbstractDeviceGrant.Meta):
        abstract = False
        db_table = "oauth2_provider_devicegrant"
        constraints = [
            models.UniqueConstraint(fields=["device_code"], name="oauth2_provider_devicegrant_unique_device_code")
        ]
