"""
The toolkit's codes and tokens, with the generations they were minted under.

The text of a code or token is never stored: ``Grant.code`` and ``token_checksum`` hold its SHA-256, ``token`` is empty.
Our columns are nullable or have a ``db_default``: a worker that runs the toolkit alone inserts only the toolkit's.
Such a field has a ``default`` too: otherwise its value in an unsaved instance would be a ``DatabaseDefault``.
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
"""This many failed attempts invalidate a code, so that verifiers can't be guessed."""


NO_EXEMPTION = Q()
"""The empty condition, which changes nothing in an OR."""
CLIENT_CREDENTIALS = Q(by_client_credentials=True, application__linked_user=F("user"))
"""Client credentials need no authorization, while the token's user is still the application's linked user."""


def of_living_generations(
    queryset: models.QuerySet[Minted], *, without_authorization: Q = NO_EXEMPTION
) -> models.QuerySet[Minted]:
    """
    Keep the codes or tokens that were minted under the current generations, in the same query.

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
    """The generations that a code or token was minted under; it is invalid once either has changed."""

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
        """Keep what can still be exchanged, by the row alone: generations are not checked."""
        return self.filter(used_at=None, expires__gt=now, failed_attempts__lt=ATTEMPTS_PER_CODE)

    @transaction.atomic
    def record_replay(self, now: datetime) -> datetime | None:
        """Record a replay; return the time of the previous one, if any."""
        # The lock serializes concurrent requests: each sees the one before it.
        before = self.select_for_update().values_list("replayed_at", flat=True).first()
        self.update(replayed_at=now)
        return before

    def count_failed_attempt(self) -> None:
        """Count up to ``ATTEMPTS_PER_CODE``, no further: the column is small, and attempts can go on."""
        self.filter(failed_attempts__lt=ATTEMPTS_PER_CODE).update(failed_attempts=F("failed_attempts") + 1)


class Grant(Generations, AbstractGrant):
    """An authorization code (the toolkit's name). Kept after use, so that a replay revokes its tokens."""

    redirect_uri_given = models.BooleanField(default=True, db_default=True)
    """Whether the authorization request named the redirect URI, so that the token request must too (RFC 6749 4.1.3)."""
    used_at = models.DateTimeField(_("used"), null=True)
    replayed_at = models.DateTimeField(null=True)
    """When it was last replayed."""
    failed_attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    token_family = models.UUIDField(null=True, editable=False)
    """The family of the tokens that it was exchanged for."""

    objects = GrantQuerySet.as_manager()

    class Meta(AbstractGrant.Meta):
        abstract = False
        db_table = "oauth2_provider_grant"

    def is_pending(self, now: datetime) -> bool:
        """Return whether the queryset's ``pending`` would keep it."""
        return self.used_at is None and now < self.expires and self.failed_attempts < ATTEMPTS_PER_CODE

    def accepts_redirect_uri(self, redirect_uri: str | None) -> bool:
        """Return whether ``redirect_uri`` matches that of the authorization request (RFC 6749 4.1.3)."""
        return redirect_uri == self.redirect_uri or (redirect_uri is None and not self.redirect_uri_given)

    def accepts_verifier(self, code_verifier: str | None) -> bool:
        """Return whether ``code_verifier`` matches; required if and only if there is a challenge (RFC 9700 4.8.2)."""
        if not self.code_challenge:
            return code_verifier is None and not self.application.pkce_required
        if code_verifier is None or not CODE_VERIFIER.match(code_verifier):
            return False
        return bool(code_challenge_method_s256(code_verifier, self.code_challenge))


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    def by_text(self, token: str) -> Self:
        return self.filter(token_checksum=digest(token))

    def of_users(self) -> Self:
        """Exclude client credentials, which no user authorizes or revokes."""
        return self.filter(by_client_credentials=False)

    def delete_rows(self) -> int:
        """
        Delete in one statement and return how many.

        Django's ``delete()`` loads the rows first, to clear the refresh tokens that refer to them. Here the caller has
        cleared those; otherwise only the toolkit's ID tokens refer to them, which this package never issues.
        """
        return delete_in_one_statement(self)

    def living(self, now: datetime) -> models.QuerySet["AccessToken"]:
        return of_living_generations(self.filter(expires__gt=now), without_authorization=CLIENT_CREDENTIALS)


class AccessToken(Generations, AbstractAccessToken):
    token_family = models.UUIDField(null=True, editable=False, db_index=True)
    by_client_credentials = models.BooleanField(default=False, db_default=False, editable=False)
    """Issued for the application's own credentials (RFC 6749 4.4), not under a user's authorization."""

    objects = AccessTokenQuerySet.as_manager()

    class Meta(AbstractAccessToken.Meta):
        abstract = False
        db_table = "oauth2_provider_accesstoken"

    def is_valid(self, scopes: Iterable[str] | None = None) -> bool:
        """
        Return whether it is valid and all of ``scopes`` are in effect, for the toolkit's decorators and permissions.

        Models don't import the rules: these are found as the toolkit's models find the scopes, by the class in the
        settings.
        """
        is_in_effect: bool = oauth2_settings.SCOPES_BACKEND_CLASS().are_in_effect(self, scopes or ())
        return is_in_effect


class RefreshTokenQuerySet(models.QuerySet["RefreshToken"]):
    def by_text(self, token: str) -> Self:
        return self.filter(token_checksum=digest(token))

    def living(self, now: datetime) -> models.QuerySet["RefreshToken"]:
        return of_living_generations(self.unused().filter(expires__gt=now))

    def living_or_rotated(self) -> models.QuerySet["RefreshToken"]:
        """Keep those of current generations, rotated ones too: their replay must be recognized."""
        return of_living_generations(self)

    def unused(self) -> Self:
        """Keep those neither rotated nor revoked."""
        return self.filter(revoked=None)


class RefreshToken(Generations, AbstractRefreshToken):
    """``revoked`` is set on rotation too: the replay of a rotated token revokes its family."""

    expires = models.DateTimeField(_("expires"), null=True)
    scope = models.TextField(_("scope"), blank=True, default="", db_default="")
    """All that the user granted: an access token may have less (RFC 6749 section 6)."""

    objects = RefreshTokenQuerySet.as_manager()

    class Meta(AbstractRefreshToken.Meta):
        abstract = False
        db_table = "oauth2_provider_refreshtoken"
        # The toolkit's own name: a site that runs the toolkit has this index already.
        indexes = [models.Index(fields=["token_family"], name="oauth2_prov_token_f_996e8a_idx")]

    def can_be_renewed(self, now: datetime) -> bool:
        """
        Return whether an unused row of current generations is neither expired nor past the maximum age.

        The authorization's maximum age counts from when the user last consented (ASVS 10.4.8).
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
