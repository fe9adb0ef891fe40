"""The secrets of an application: only their hashes."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models, router
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .compiled_query import CompiledQuery, Parameter, columns_of, instance_of
from .credentials import stored_form


class ClientSecretQuerySet(models.QuerySet["ClientSecret"]):
    def by_text(self, plaintext: str) -> Self:
        return self.filter(digest=stored_form(plaintext))

    def live(self, now: datetime) -> Self:
        """Keep what is neither retired nor expired."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), retired_at=None)

    def live_of(self, application_pk: int, now: datetime) -> list["ClientSecret"]:
        """Return the live ones of one application."""
        using = router.db_for_read(ClientSecret)
        rows = LIVE_OF.rows(using, application=application_pk, now=now)
        return [instance_of(ClientSecret, row, using) for row in rows]

    def expired_unnoted(self, now: datetime) -> Self:
        """Keep what has expired without being retired, and without the audit trail having said so."""
        return self.filter(expires_at__lte=now, retired_at=None, expiry_noted_at=None)

    def expiring(self, now: datetime, *, within: timedelta) -> Self:
        """Keep what is live and expires ``within`` this time, first what expires first."""
        return self.live(now).filter(expires_at__lte=now + within).order_by("expires_at", "pk")


class ClientSecret(models.Model):
    """One of an application's secrets. Rotated by overlap: issue, switch, retire."""

    application = models.ForeignKey(
        "fourme_oauth.Application",
        on_delete=models.CASCADE,
        related_name="client_secrets",
        verbose_name=_("application"),
    )
    digest = models.CharField(max_length=100, editable=False)
    """The algorithm's name, a dollar sign, and the hash in hexadecimal. Blank where the toolkit's is gone."""
    hint = models.CharField(_("last 4 characters"), max_length=4, editable=False)
    issued_at = models.DateTimeField(_("issued"), editable=False)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
        verbose_name=_("issued by"),
    )
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    retired_at = models.DateTimeField(_("retired"), null=True, editable=False)
    expiry_noted_at = models.DateTimeField(null=True, editable=False)
    """When the audit trail said that it has expired."""
    request_key = models.UUIDField(null=True, editable=False)
    """Which copy of a form issued it, so that the same copy sent again issues none. No secret."""
    warned_at = models.DateTimeField(null=True, editable=False)
    """When the site's managers were told that it is about to expire: once."""

    objects = ClientSecretQuerySet.as_manager()

    class Meta:
        verbose_name = _("client secret")
        verbose_name_plural = _("client secrets")
        ordering = ("-issued_at", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["application", "request_key"], name="fourme_oauth_one_secret_per_request"),
        ]

    def __str__(self) -> str:
        return f"…{self.hint}"

    @property
    def is_legacy(self) -> bool:
        """Did the toolkit keep it, and nobody use it since? Then nothing is known of it but that it was there."""
        return not self.hint

    def is_live(self, now: datetime) -> bool:
        """Say of a row at hand what ``live`` says of rows in the database."""
        return self.retired_at is None and (self.expires_at is None or now < self.expires_at)


def _live_of() -> models.QuerySet[Any, tuple[Any, ...]]:
    now: Any = Parameter("now", models.DateTimeField())
    application = Parameter("application", ClientSecret._meta.get_field("application").target_field)
    return ClientSecret.objects.live(now).filter(application=application).values_list(*columns_of(ClientSecret))


LIVE_OF = CompiledQuery(_live_of)
