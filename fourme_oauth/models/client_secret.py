"""The secrets of applications, stored as hashes."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any, Self

from django.conf import settings
from django.db import models, router
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .compiled_query import CompiledQuery, Parameter
from .credentials import stored_form


class ClientSecretQuerySet(models.QuerySet["ClientSecret"]):
    def by_text(self, plaintext: str) -> Self:
        return self.filter(digest=stored_form(plaintext))

    def live(self, now: datetime) -> Self:
        """Keep secrets that are neither retired nor expired."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), retired_at=None)

    def live_of(self, application_pk: int, now: datetime) -> list["ClientSecret"]:
        """Return the live secrets of one application."""
        query = _live_of(router.db_for_read(ClientSecret))
        return [query.instance(ClientSecret, row) for row in query.rows(application=application_pk, now=now)]

    def expired_unnoted(self, now: datetime) -> Self:
        """Keep secrets that have expired without being retired, and whose expiry is not in the audit trail yet."""
        return self.filter(expires_at__lte=now, retired_at=None, expiry_noted_at=None)

    def expiring(self, now: datetime, *, within: timedelta) -> Self:
        """Keep live secrets that expire ``within`` this time, sorted by expiry."""
        return self.live(now).filter(expires_at__lte=now + within).order_by("expires_at", "pk")


class ClientSecret(models.Model):
    """One of an application's secrets. Rotated with overlap: issue another, switch, retire the old one."""

    application = models.ForeignKey(
        "fourme_oauth.Application",
        on_delete=models.CASCADE,
        related_name="client_secrets",
        verbose_name=_("application"),
    )
    digest = models.CharField(max_length=100, editable=False)
    """The algorithm's name, a dollar sign, and the hash in hexadecimal. Blank for a retired legacy secret."""
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
    """When its expiry was recorded in the audit trail."""
    request_key = models.UUIDField(null=True, editable=False)
    """Of the rendered form that issued it, so that submitting the form again issues no other. Not secret."""
    warned_at = models.DateTimeField(null=True, editable=False)
    """When the site's managers were warned that it is about to expire: once."""

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
        """Whether the toolkit stored it and it has not been used since: nothing else is known of it."""
        return not self.hint

    def is_live(self, now: datetime) -> bool:
        """Return whether the queryset's ``live`` would keep it."""
        return self.retired_at is None and (self.expires_at is None or now < self.expires_at)


@cache
def _live_of(using: str) -> CompiledQuery:
    now: Any = Parameter("now", models.DateTimeField())
    return CompiledQuery.of(ClientSecret.objects.using(using).live(now), by=["application"])
