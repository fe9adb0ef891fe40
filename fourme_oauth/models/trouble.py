"""Failed attempts of applications, kept for administrators: few, and without anything that could be used again."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from .application import Application
from .credentials import digest

MOST_OF_AN_APPLICATION = 50
MOST_OF_A_KIND = 10
"""How many different failures of one kind are kept, so that one kind does not push the others out."""
NOT_SOONER_THAN = timedelta(minutes=1)
"""A failure of the same kind and application is written no sooner than this after the last: nobody fills the table."""


class TroubleQuerySet(models.QuerySet["Trouble"]):
    def note(self, application: Application, kind: str, *, now: datetime, details: dict[str, Any]) -> None:
        """Write a failed attempt down, or count it to the same one. ``details`` must be JSON without any credential."""
        own = self.filter(application=application)
        if own.filter(kind=kind, last_at__gt=now - NOT_SOONER_THAN).exists():
            return
        fingerprint = digest(json.dumps([kind, details], sort_keys=True))
        if not own.filter(fingerprint=fingerprint).update(last_at=now, times=F("times") + 1):
            self.create(
                application=application,
                kind=kind,
                details=details,
                fingerprint=fingerprint,
                first_at=now,
                last_at=now,
            )
            own.filter(kind=kind).keep(MOST_OF_A_KIND)
            own.keep(MOST_OF_AN_APPLICATION)

    def keep(self, number: int) -> None:
        """Delete all but the youngest ``number``."""
        youngest = list(self.order_by("-last_at", "-pk").values_list("pk", flat=True)[:number])
        self.exclude(pk__in=youngest).delete()


class Trouble(models.Model):
    """One failure of one application, however often it happened."""

    class Kind(models.TextChoices):
        DISABLED = "disabled", _("disabled application")
        THROTTLED = "throttled", _("too many failures")
        SECRET_MISSING = "secret_missing", _("no client secret")
        SECRET_WRONG = "secret_wrong", _("wrong client secret")
        SECRET_RETIRED = "secret_retired", _("retired client secret")
        SECRET_EXPIRED = "secret_expired", _("expired client secret")
        SECRET_NEEDLESS = "secret_needless", _("client secret of a public application")
        REDIRECT_URI_MISSING = "redirect_uri_missing", _("no redirect URI")
        REDIRECT_URI_DIFFERS = "redirect_uri_differs", _("wrong redirect URI")
        CODE_REDIRECT_URI = "code_redirect_uri", _("another redirect URI than in the authorization request")
        CODE_UNKNOWN = "code_unknown", _("unknown code")
        CODE_USED = "code_used", _("code used before")
        CODE_EXPIRED = "code_expired", _("expired code")
        CODE_BURNT = "code_burnt", _("code that failed too often")
        CHALLENGE_MISSING = "challenge_missing", _("no code challenge")
        CHALLENGE_METHOD = "challenge_method", _("code challenge other than S256")
        VERIFIER_MISSING = "verifier_missing", _("no code verifier")
        VERIFIER_WRONG = "verifier_wrong", _("wrong code verifier")
        VERIFIER_NEEDLESS = "verifier_needless", _("code verifier without a challenge")
        REFRESH_TOKEN_UNKNOWN = "refresh_token_unknown", _("unknown refresh token")
        REFRESH_TOKEN_ROTATED = "refresh_token_rotated", _("refresh token used before")
        REFRESH_TOKEN_EXPIRED = "refresh_token_expired", _("expired refresh token")
        REVOKED = "revoked", _("access that was revoked")
        USER_INACTIVE = "user_inactive", _("inactive user")
        GRANT_NOT_OFFERED = "grant_not_offered", _("grant that is not offered")
        LINKED_USER = "linked_user", _("no linked user")
        NOTHING_ALLOWED = "nothing_allowed", _("no scope allowed")
        SCOPE_NOT_ALLOWED = "scope_not_allowed", _("scope that is not allowed")
        NOT_PERMITTED = "not_permitted", _("nothing that the user's role permits")
        OTHER = "other", _("another error")

    application = models.ForeignKey(
        "fourme_oauth.Application",
        on_delete=models.CASCADE,
        related_name="troubles",
        verbose_name=_("application"),
    )
    kind = models.CharField(_("kind"), max_length=40, choices=Kind.choices)
    details = models.JSONField(_("details"), default=dict)
    fingerprint = models.CharField(max_length=64, editable=False)
    """The SHA-256 of kind and details: what is counted as the same."""
    first_at = models.DateTimeField(_("first"))
    last_at = models.DateTimeField(_("last"))
    times = models.PositiveIntegerField(_("times"), default=1, help_text=_("Counted at most once a minute."))

    objects = TroubleQuerySet.as_manager()

    class Meta:
        verbose_name = _("failed attempt")
        verbose_name_plural = _("recent trouble")
        ordering = ("-last_at", "-pk")
        constraints = [models.UniqueConstraint(fields=["application", "fingerprint"], name="fourme_oauth_one_trouble")]
        indexes = [
            models.Index(fields=["-last_at", "-id"], name="fourme_oauth_trouble_last"),
            models.Index(fields=["application", "-last_at"], name="fourme_oauth_trouble_app"),
            models.Index(fields=["kind", "-last_at"], name="fourme_oauth_trouble_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.last_at:%Y-%m-%d %H:%M}"
