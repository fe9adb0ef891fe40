"""The audit trail: what happened to which application and user, by whom, from which IP. Append-only."""

from datetime import datetime
from ipaddress import ip_address
from typing import Any, Never, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..actor import SYSTEM, Actor
from ..conf import app_settings
from .application import Application
from .deletion import delete_in_one_statement


def ip_to_store(ip: str | None) -> str | None:
    """Return the IP address to store; ``None`` where the site keeps none, and for what is no IP address (a socket)."""
    if not ip or not app_settings.keep_ip_addresses:
        return None
    try:
        return str(ip_address(ip))
    except ValueError:
        return None


def is_another_day(moment: datetime, *, than: datetime | None) -> bool:
    """Return whether ``moment`` is on another day than ``than`` in the site's time zone; true without ``than``."""
    return than is None or _day(moment) != _day(than)


def _day(moment: datetime) -> datetime:
    """Return the start of the day of ``moment``, in the site's time zone, whatever the active one."""
    local = timezone.localtime(moment, timezone.get_default_timezone())
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def record(self, kind: str, **what: Any) -> "AuditEvent":
        """Append the event that ``describe`` returns for the same arguments."""
        event = self.describe(kind, **what)
        event.save()
        return event

    def describe(
        self,
        kind: str,
        *,
        application: Application | None = None,
        user: AbstractUser | None = None,
        by: Actor = SYSTEM,
        at: datetime | None = None,
        **details: Any,
    ) -> "AuditEvent":
        """
        Return an unsaved event. ``details`` must be JSON and never hold a secret, code or token.

        Names are stored by value too, so that the trail stays readable when the rows are deleted.
        ``at`` is when it happened, by default now.
        """
        return self.model(
            kind=kind,
            at=at or timezone.now(),
            application=application,
            client_id=application.client_id if application else "",
            user_id=user.pk if user else None,
            username=user.get_username() if user else "",
            by_id=by.user.pk if by.user else None,
            by_username=by.user.get_username() if by.user else "",
            ip_address=ip_to_store(by.ip),
            details=details,
        )

    def since_the_day_of(self, moment: datetime) -> Self:
        """Keep what happened on the day of ``moment``, in the site's time zone, and after it."""
        return self.filter(at__gte=_day(moment))

    def older_than(self, moment: datetime) -> Self:
        """Keep what happened before ``moment``."""
        return self.filter(at__lt=moment)

    def remove_some(self, at_most: int) -> int:
        """Delete at most ``at_most``, the oldest first, and return how many. Only for the clean-up."""
        oldest = list(self.order_by("at", "pk").values_list("pk", flat=True)[:at_most])
        return delete_in_one_statement(self.model.objects.filter(pk__in=oldest)) if oldest else 0

    def update(self, **kwargs: Any) -> Never:
        raise TypeError("Audit events are append-only.")

    def delete(self) -> Never:
        raise TypeError("Audit events are append-only.")


class AuditEvent(models.Model):
    """One event of the audit trail."""

    class Kind(models.TextChoices):
        APPLICATION_REGISTERED = "application_registered", _("application registered")
        APPLICATION_CHANGED = "application_changed", _("application changed")
        APPLICATION_ENDED = "application_ended", _("all access of the application ended")
        APPLICATION_DISABLED = "application_disabled", _("application disabled")
        APPLICATION_ENABLED = "application_enabled", _("application enabled")
        SCOPE_CHANGED = "scope_changed", _("scope changed")
        USER_LINKED = "user_linked", _("linked user chosen")
        SECRET_ISSUED = "secret_issued", _("secret issued")
        SECRET_RETIRED = "secret_retired", _("secret retired")
        SECRET_EXPIRED = "secret_expired", _("secret expired")
        AUTHORIZED = "authorized", _("authorized")
        RENEWED = "renewed", _("renewed")
        USED = "used", _("used")
        REDUCED = "reduced", _("reduced")
        REVOKED = "revoked", _("revoked")
        CODE_REUSED = "code_reused", _("code reused")
        REFRESH_TOKEN_REUSED = "refresh_token_reused", _("refresh token reused")
        EVENTS_DELETED = "events_deleted", _("old audit events deleted")

    kind = models.CharField(_("kind"), max_length=40, choices=Kind.choices)
    at = models.DateTimeField(_("time"), default=timezone.now)
    application = models.ForeignKey(
        "fourme_oauth.Application",
        null=True,
        on_delete=models.SET_NULL,
        related_name="audit_events",
        verbose_name=_("application"),
    )
    client_id = models.CharField(_("client ID"), max_length=255, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("user")
    )
    username = models.CharField(_("user name"), max_length=255, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("by")
    )
    by_username = models.CharField(_("by (user name)"), max_length=255, blank=True)
    ip_address = models.GenericIPAddressField(_("IP address"), null=True)
    details = models.JSONField(_("details"), default=dict)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        ordering = ("-at", "-pk")
        indexes = [
            models.Index(fields=["application", "-at"], name="fourme_oauth_audit_app"),
            models.Index(fields=["user", "-at"], name="fourme_oauth_audit_user"),
            # Admin lists: newest first, of one kind, and of deleted applications and users by value.
            models.Index(fields=["-at", "-id"], name="fourme_oauth_audit_at"),
            models.Index(fields=["kind", "-at"], name="fourme_oauth_audit_kind"),
            models.Index(fields=["client_id", "-at"], name="fourme_oauth_audit_client"),
            models.Index(fields=["username", "-at"], name="fourme_oauth_audit_name"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M}"

    def save(self, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("Audit events are append-only.")
        super().save(**kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Never:
        raise TypeError("Audit events are append-only.")

    @property
    def counts_by_day(self) -> bool:
        """Whether it is so frequent that it is recorded once a day. Then the time of day says nothing."""
        return self.kind in {self.Kind.RENEWED, self.Kind.USED}

    def without(self, name: str) -> "AuditEvent":
        """Clear the foreign key ``name``, "user" or "application", if any, and return it; the value stays."""
        if name:
            setattr(self, name, None)
        return self
