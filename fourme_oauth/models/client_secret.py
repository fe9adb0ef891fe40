"""The secrets of an application: only their hashes."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ClientSecretQuerySet(models.QuerySet["ClientSecret"]):
    def live(self, now: datetime) -> Self:
        """Keep what is neither retired nor expired."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), retired_at=None)


class ClientSecret(models.Model):
    """One of an application's secrets. Rotated by overlap: issue, switch, retire."""

    application = models.ForeignKey(
        "fourme_oauth.Application",
        on_delete=models.CASCADE,
        related_name="client_secrets",
        verbose_name=_("application"),
    )
    digest = models.CharField(max_length=100, editable=False)
    """The algorithm's name, a dollar sign, and the hash in hexadecimal."""
    hint = models.CharField(_("last four characters"), max_length=4, editable=False)
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

    objects = ClientSecretQuerySet.as_manager()

    class Meta:
        verbose_name = _("client secret")
        verbose_name_plural = _("client secrets")
        ordering = ("-issued_at", "-pk")

    def __str__(self) -> str:
        return f"…{self.hint}"
