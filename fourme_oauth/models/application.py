"""A registered third-party application."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Self
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.core.validators import FileExtensionValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractApplication, ApplicationManager
from oauth2_provider.settings import oauth2_settings

from .credentials import unusable_hash
from .fields import ClientSecretHashField, refuse_readable
from .lifetimes import lifetime_faults, shorter
from .redirect_uris import faults_of, origin_fault, redirect_uri_fault, redirect_uri_matches


class ApplicationQuerySet(models.QuerySet["Application"]):
    def acting_as(self, user: AbstractUser) -> Self:
        """Keep enabled applications that use client credentials and act as ``user``, sorted by name."""
        own_credentials = Q(authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS) | Q(client_credentials=True)
        return self.filter(own_credentials, linked_user_id=user.pk, disabled=False).order_by("name")


class Application(AbstractApplication):
    """A registered application. Secrets are ``ClientSecret`` rows: the toolkit's column holds an unusable hash."""

    # The toolkit's CASCADE would delete an application with the user who registered it.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        related_name="%(app_label)s_%(class)s",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        verbose_name=_("registered by"),
    )
    # The toolkit's field would hash even an empty value, so that an empty secret could match.
    client_secret = ClientSecretHashField(
        _("client secret"), max_length=255, blank=True, default=unusable_hash, db_index=True, editable=False
    )
    publisher = models.CharField(
        _("publisher"),
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text=_("Who offers it. Shown to users when it asks for access."),
    )
    homepage = models.URLField(
        _("homepage"), blank=True, default="", db_default="", help_text=_("Shown to users when it asks for access.")
    )
    description = models.TextField(
        _("description"),
        blank=True,
        default="",
        db_default="",
        help_text=_("Why it needs access. Shown to users when it asks for access."),
    )
    logo = models.FileField(
        _("logo"),
        upload_to="fourme_oauth/logos/",
        blank=True,
        default="",
        db_default="",
        # Not SVG: it can carry scripts.
        validators=[FileExtensionValidator(["png", "jpg", "jpeg", "webp"])],
    )
    scopes = models.ManyToManyField(
        "fourme_oauth.Scope",
        blank=True,
        related_name="applications",
        verbose_name=_("scopes"),
        help_text=_("The most that users can grant it."),
    )
    disabled = models.BooleanField(
        _("disabled"),
        default=False,
        db_default=False,
        help_text=_("All requests of a disabled application are refused; its tokens are revoked for good."),
    )
    require_pkce = models.BooleanField(
        _("require PKCE"),
        default=False,
        db_default=False,
        help_text=_("Refuse authorization requests without a code challenge. Always on for public applications."),
    )
    linked_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        related_name="linked_applications",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        verbose_name=_("linked user"),
        help_text=_("The user whom it acts as with its own credentials (client credentials)."),
    )
    client_credentials = models.BooleanField(
        _("also allow client credentials"),
        default=False,
        db_default=False,
        help_text=_("Besides acting for users who authorize it, it may act as its linked user by its own credentials."),
    )
    resource_server = models.BooleanField(
        _("resource server"),
        default=False,
        db_default=False,
        help_text=_("May introspect the tokens of every application, not just its own (RFC 7662)."),
    )
    access_token_seconds = models.PositiveIntegerField(
        _("lifetime of access tokens"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("In seconds, shorter than the site's. Empty: the site's."),
    )
    refresh_token_seconds = models.PositiveIntegerField(
        _("lifetime of refresh tokens"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("In seconds, shorter than the site's. Empty: the site's."),
    )
    generation = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    registration_key = models.UUIDField(null=True, unique=True, editable=False)  # of one rendered form; not secret

    objects = ApplicationManager.from_queryset(ApplicationQuerySet)()

    class Meta(AbstractApplication.Meta):
        abstract = False
        db_table = "oauth2_provider_application"
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        permissions = [
            ("issue_client_secret", "Can issue and retire client secrets"),
            ("link_user", "Can choose the user whom an application acts as"),
        ]

    def natural_key(self) -> tuple[str]:
        return (self.client_id,)

    def get_absolute_url(self) -> str | None:
        """Return ``None``: the toolkit's page for it is not mounted."""
        return None

    @property
    def is_public(self) -> bool:
        return bool(self.client_type == self.CLIENT_PUBLIC)

    @property
    def pkce_required(self) -> bool:
        return self.is_public or self.require_pkce

    def allows_grant_type(self, *grant_types: str) -> bool:
        """Return whether it may use one of ``grant_types``, named as in the toolkit."""
        offered = {self.authorization_grant_type}
        if self.client_credentials:
            offered.add(self.GRANT_CLIENT_CREDENTIALS)
        return not offered.isdisjoint(grant_types)

    @property
    def access_token_lifetime(self) -> timedelta:
        return shorter(oauth2_settings.ACCESS_TOKEN_EXPIRE_SECONDS, self.access_token_seconds)

    @property
    def refresh_token_lifetime(self) -> timedelta:
        """Counted from the issue of each refresh token."""
        return shorter(oauth2_settings.REFRESH_TOKEN_EXPIRE_SECONDS, self.refresh_token_seconds)

    def is_usable(self, request: Any) -> bool:
        return not self.disabled

    def is_identified_by(self, redirect_uri: str) -> bool:
        """
        Return whether its secret or ``redirect_uri`` identifies this application, so that no other can impersonate it.

        Any program can claim a private-use scheme or a loopback port (RFC 8252 section 8.6).
        """
        return not self.is_public or redirect_uri.startswith("https://")

    def redirect_uri_allowed(self, uri: str) -> bool:
        return any(redirect_uri_matches(uri, registered) for registered in self.redirect_uris.split())

    def origin_allowed(self, origin: str) -> bool:
        """Return whether scripts from ``origin`` may read responses (CORS). Only public ones run in browsers."""
        return self.is_public and origin in self.allowed_origins.split()

    def get_allowed_schemes(self) -> list[str]:
        return sorted({urlsplit(uri).scheme for uri in self.redirect_uris.split()})

    def save(self, *, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """
        Store all fields but the generation, which is only incremented, and only in the database.

        So a stale instance restores no old generation, and enabling a disabled application makes no token valid again,
        whichever way it was disabled. Nor does it restore a legacy secret that was retired meanwhile: the stored value
        is kept unless ``update_fields`` names it. Raises ``ValueError`` where it was set to readable text.
        """
        if self._state.adding:
            super().save(update_fields=update_fields, **kwargs)
            return
        stored = {field.name for field in self._meta.concrete_fields if not field.primary_key}
        written = stored - {"client_secret"} if update_fields is None else set(update_fields)
        with transaction.atomic():
            current = type(self).objects.filter(pk=self.pk).values_list("disabled", "client_secret").first()
            was_disabled, secret = current or (False, self.client_secret)
            if self.client_secret != secret:
                refuse_readable(self.client_secret)
            super().save(update_fields=written - {"generation"}, **kwargs)
            if self.disabled or was_disabled:
                self.move_on_a_generation()

    def move_on_a_generation(self) -> None:
        """Revoke every code and token minted so far, in one statement."""
        type(self).objects.filter(pk=self.pk).update(generation=F("generation") + 1)
        self.refresh_from_db(fields=["generation"])

    def clean(self) -> None:
        """Raise ``ValidationError`` with every fault, keyed by field."""
        faults: dict[str, list[ValidationError]] = {}
        if redirect_uri_faults := self._redirect_uri_faults():
            faults["redirect_uris"] = redirect_uri_faults
        if self.allows_grant_type(self.GRANT_CLIENT_CREDENTIALS):
            if self.is_public:
                faults["client_type"] = [
                    ValidationError(_("Only a confidential application can use client credentials."))
                ]
            if self.linked_user is None:
                faults["linked_user"] = [ValidationError(_("Choose the user whom the application acts as."))]
        if self.is_public and self.skip_authorization:
            # RFC 6749 section 10.2: an application that can't authenticate is not trusted.
            faults["skip_authorization"] = [ValidationError(_("Only a confidential application can be trusted."))]
        if origin_faults := faults_of(self.allowed_origins, origin_fault, client_type=self.client_type):
            faults["allowed_origins"] = origin_faults
        faults |= lifetime_faults(
            access_token_seconds=self.access_token_seconds, refresh_token_seconds=self.refresh_token_seconds
        )
        if faults:
            raise ValidationError(faults)

    def _redirect_uri_faults(self) -> list[ValidationError]:
        if not self.redirect_uris.split() and self.authorization_grant_type == self.GRANT_AUTHORIZATION_CODE:
            return [ValidationError(_("Enter at least one redirect URI."))]
        return faults_of(self.redirect_uris, redirect_uri_fault, client_type=self.client_type)
