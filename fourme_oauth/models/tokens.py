"""
The toolkit's codes and tokens, with the generations they were minted under.

The text of a code or token is never stored: ``Grant.code`` and ``token_checksum`` hold its SHA-256, ``token`` is empty.
Columns of ours are nullable or have a ``db_default``: a worker that runs the toolkit alone names only the toolkit's.
Such a field has a ``default`` too, or an instance that is not saved yet would have a ``DatabaseDefault`` for its value.
"""

import re
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
from oauthlib.oauth2.rfc6749.grant_types.authorization_code import code_challenge_method_s256

from ..conf import app_settings
from .credentials import digest
from .deletion import delete_in_one_statement

Minted = TypeVar("Minted", bound=models.Model)

# RFC 7636 section 4.1: 43 to 128 unreserved characters.
CODE_VERIFIER = re.compile(r"\A[A-Za-z0-9._~-]{43,128}\Z")
ATTEMPTS_PER_CODE = 5
"""A code is burnt by this many failed attempts: there is no guessing of verifiers."""


NOTHING = Q()
"""What matches nothing where it stands beside something that does."""
CLIENT_CREDENTIALS = Q(by_client_credentials=True, application__linked_user=F("user"))
"""An access token from client credentials needs no authorization, while its application acts as the same user."""


def of_living_generations(
    queryset: models.QuerySet[Minted], *, without_authorization: Q = NOTHING
) -> models.QuerySet[Minted]:
    """
    Keep the codes or tokens that were minted under the present generations, in the statement that finds them.

    Each needs the user's standing authorization, except what ``without_authorization`` matches.
    Annotates ``authorized_scopes``, what the user's authorization includes now, ``authorization_confirmed_at`` and
    ``authorization_last_used_at``.
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
            Q(standing__isnull=False) | without_authorization,
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

    application_generation = models.PositiveIntegerField(default=0, db_default=0)
    authorization_generation = models.PositiveIntegerField(null=True)
    """``None`` where there is no authorization: client credentials, and rows that the toolkit alone has written."""

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

    redirect_uri_given = models.BooleanField(default=True, db_default=True)
    """Whether the authorization request named the redirect URI, so that the token request must too (RFC 6749 4.1.3)."""
    used_at = models.DateTimeField(_("used"), null=True)
    replayed_at = models.DateTimeField(null=True)
    """When it last came after it was used."""
    failed_attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    token_family = models.UUIDField(null=True, editable=False)
    """The family of the tokens that its first use gave."""

    objects = GrantQuerySet.as_manager()

    class Meta(AbstractGrant.Meta):
        abstract = False
        db_table = "oauth2_provider_grant"

    def is_pending(self, now: datetime) -> bool:
        """Say of a row at hand what ``pending`` says of rows in the database."""
        return self.used_at is None and now < self.expires and self.failed_attempts < ATTEMPTS_PER_CODE

    def accepts_redirect_uri(self, redirect_uri: str | None) -> bool:
        """Is ``redirect_uri`` what a token request must say after the authorization request (RFC 6749 4.1.3)?"""
        return redirect_uri == self.redirect_uri or (redirect_uri is None and not self.redirect_uri_given)

    def accepts_verifier(self, code_verifier: str | None) -> bool:
        """Does ``code_verifier`` match? It must be there if and only if a challenge was (RFC 9700 section 4.8.2)."""
        if not self.code_challenge:
            return code_verifier is None and not self.application.pkce_required
        if code_verifier is None or not CODE_VERIFIER.match(code_verifier):
            return False
        return bool(code_challenge_method_s256(code_verifier, self.code_challenge))


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    def by_text(self, token: str) -> Self:
        return self.filter(token_checksum=digest(token))

    def of_users(self) -> Self:
        """Leave out those from client credentials, which are not a user's to give or take."""
        return self.filter(by_client_credentials=False)

    def delete_rows(self) -> int:
        """
        Delete in one statement and return how many there were.

        Django's own ``delete()`` reads the rows first, to clear the refresh tokens that point to them. Here the caller
        has cleared those; what else may point to one is the toolkit's ID token, which this package never issues.
        """
        return delete_in_one_statement(self)

    def living(self, now: datetime) -> models.QuerySet["AccessToken"]:
        return of_living_generations(self.filter(expires__gt=now), without_authorization=CLIENT_CREDENTIALS)


class AccessToken(Generations, AbstractAccessToken):
    token_family = models.UUIDField(null=True, editable=False, db_index=True)
    by_client_credentials = models.BooleanField(default=False, db_default=False, editable=False)
    """Its application got it with its own credentials (RFC 6749 4.4), not from a user's authorization."""

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
    scope = models.TextField(_("scope"), blank=True, default="", db_default="")
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
