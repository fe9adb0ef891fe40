"""A registered third-party application."""

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import FileExtensionValidator
from django.db import models, transaction
from django.db.models import F
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractApplication, ApplicationManager

# RFC 8252 section 7.3: the port of a loopback redirect URI is the operating system's choice at the time of the request.
LOOPBACK = re.compile(r"\Ahttp://(?P<host>127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?(?P<rest>/[^#]*)?\Z")
# RFC 3986 section 2
URI_CHARACTERS = re.compile(r"\A[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*\Z")


def redirect_uri_matches(uri: str, registered: str) -> bool:
    """Compare as RFC 9700 section 2.1 says: the same string, but for the port of a loopback address."""
    if uri == registered:
        return True
    asked, known = LOOPBACK.match(uri), LOOPBACK.match(registered)
    return asked is not None and known is not None and asked.groupdict() == known.groupdict()


def redirect_uri_fault(uri: str, *, client_type: str) -> str | None:
    """Say why ``uri`` can't be registered, or return ``None``."""
    try:
        parts = urlsplit(uri)
        host = parts.hostname
        parts.port  # noqa: B018 - reading it validates it
    except ValueError:
        return gettext("is not a valid URI")
    if not URI_CHARACTERS.match(uri):
        return gettext("has a character that must be percent-encoded")
    if "#" in uri:
        return gettext("has a fragment, which RFC 6749 section 3.1.2 forbids")
    if "*" in uri:
        return gettext("has a wildcard; redirect URIs are compared character by character")
    if "@" in parts.netloc:
        return gettext("carries a user name or password")
    return _scheme_fault(parts.scheme, host, uri, client_type)


def _scheme_fault(scheme: str, host: str | None, uri: str, client_type: str) -> str | None:
    if scheme == "https":
        return None if host else gettext("has no host")
    if scheme == "http":
        return (
            None
            if host in {"127.0.0.1", "::1", "localhost"}
            else gettext("must use https; http is for loopback addresses")
        )
    # RFC 8252 section 7.1: a private-use scheme is a domain name of the application's, in reverse order.
    if "." not in scheme:
        return gettext("must start with https://")
    if client_type != AbstractApplication.CLIENT_PUBLIC:
        return gettext("has a private-use scheme, which only public applications may have")
    return None if re.match(r"[^:]+:/[^/]", uri) else gettext("must have one slash after its private-use scheme")


class Application(AbstractApplication):
    """What an administrator registers. Secrets are rows of their own: the toolkit's column stays empty."""

    # The toolkit's CASCADE would delete an application with the person who registered it.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        related_name="%(app_label)s_%(class)s",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        verbose_name=_("registered by"),
    )
    # The toolkit's field would hash even an empty value, into something that can be guessed.
    client_secret = models.CharField(
        _("client secret"), max_length=255, blank=True, default="", db_index=True, editable=False
    )
    publisher = models.CharField(
        _("publisher"),
        max_length=200,
        blank=True,
        help_text=_("Who offers it. Shown to users when it asks for access."),
    )
    homepage = models.URLField(_("homepage"), blank=True, help_text=_("Shown to users when it asks for access."))
    description = models.TextField(
        _("description"), blank=True, help_text=_("Why it asks. Shown to users when it asks for access.")
    )
    logo = models.FileField(
        _("logo"),
        upload_to="fourme_oauth/logos/",
        blank=True,
        # Not SVG: it can carry scripts.
        validators=[FileExtensionValidator(["png", "jpg", "jpeg", "webp"])],
    )
    scopes = models.ManyToManyField(
        "fourme_oauth.Scope",
        blank=True,
        related_name="applications",
        verbose_name=_("scopes"),
        help_text=_("The most that it can be granted."),
    )
    disabled = models.BooleanField(
        _("disabled"),
        default=False,
        help_text=_("A disabled application is refused everywhere; its tokens end for good."),
    )
    require_pkce = models.BooleanField(
        _("require PKCE"),
        default=False,
        help_text=_("Refuse authorization requests without a code challenge. Always on for public applications."),
    )
    linked_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        related_name="linked_applications",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        verbose_name=_("linked user"),
        help_text=_("Whom it acts as when it uses its own credentials (client credentials)."),
    )
    generation = models.PositiveIntegerField(default=0, editable=False)

    objects = ApplicationManager()

    class Meta(AbstractApplication.Meta):
        abstract = False
        db_table = "oauth2_provider_application"
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        permissions = [("issue_client_secret", "Can issue and retire client secrets")]

    def natural_key(self) -> tuple[str]:
        return (self.client_id,)

    def get_absolute_url(self) -> str | None:
        """The toolkit's page for it is not mounted."""
        return None

    @property
    def is_public(self) -> bool:
        return bool(self.client_type == self.CLIENT_PUBLIC)

    @property
    def pkce_required(self) -> bool:
        return self.is_public or self.require_pkce

    def is_usable(self, request: Any) -> bool:
        return not self.disabled

    def redirect_uri_allowed(self, uri: str) -> bool:
        return any(redirect_uri_matches(uri, registered) for registered in self.redirect_uris.split())

    def get_allowed_schemes(self) -> list[str]:
        return sorted({urlsplit(uri).scheme for uri in self.redirect_uris.split()})

    def save(self, *, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """
        Store everything but the generation, which only ever moves on, and only in the database.

        So a stale copy writes no old generation back, and a disabled application that is enabled again revives no
        token, whichever way it was disabled.
        """
        if self._state.adding:
            super().save(update_fields=update_fields, **kwargs)
            return
        stored = {field.name for field in self._meta.concrete_fields if not field.primary_key}
        written = stored if update_fields is None else set(update_fields)
        with transaction.atomic():
            was_disabled = type(self).objects.filter(pk=self.pk, disabled=True).exists()
            super().save(update_fields=written - {"generation"}, **kwargs)
            if self.disabled or was_disabled:
                self.move_on_a_generation()

    def move_on_a_generation(self) -> None:
        """End every code and token minted so far, in one statement."""
        type(self).objects.filter(pk=self.pk).update(generation=F("generation") + 1)
        self.refresh_from_db(fields=["generation"])

    def clean(self) -> None:
        """Raise ``ValidationError`` keyed by field, with every fault found."""
        faults: dict[str, list[ValidationError]] = {}
        if redirect_uri_faults := list(self._redirect_uri_faults()):
            faults["redirect_uris"] = redirect_uri_faults
        if self.authorization_grant_type == self.GRANT_CLIENT_CREDENTIALS:
            if self.is_public:
                faults["client_type"] = [
                    ValidationError(_("Only a confidential application has credentials of its own."))
                ]
            if self.linked_user is None:
                faults["linked_user"] = [ValidationError(_("Choose the user whom the application acts as."))]
        if faults:
            raise ValidationError(faults)

    def _redirect_uri_faults(self) -> Iterator[ValidationError]:
        uris = self.redirect_uris.split()
        if not uris and self.authorization_grant_type == self.GRANT_AUTHORIZATION_CODE:
            yield ValidationError(_("Enter at least one redirect URI."))
        for uri in uris:
            if fault := redirect_uri_fault(uri, client_type=self.client_type):
                yield ValidationError(_("%(uri)s %(fault)s."), params={"uri": uri, "fault": fault})
