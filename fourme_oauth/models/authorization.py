"""A user's standing consent to one application."""

from datetime import datetime
from functools import cache
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models, router, transaction
from django.db.models import Case, Exists, OuterRef, Value, When
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

from ..actor import Actor
from .application import Application
from .audit_event import AuditEvent, ip_to_store, is_another_day
from .compiled_query import CompiledQuery
from .scope import is_permitted

LOOKED_AT = 10_000
"""How many of the newest authorizations ``granting`` examines."""


class AuthorizationQuerySet(models.QuerySet["Authorization"]):
    def standing(self) -> Self:
        """Keep what is not revoked."""
        return self.filter(revoked_at=None)

    def of(self, user: AbstractUser) -> Self:
        """Keep those of ``user``."""
        return self.filter(user_id=user.pk)

    def between(self, user: AbstractUser, application: Application) -> Self:
        """Keep the one row of ``user`` and ``application``, revoked or not."""
        return self.of(user).filter(application=application)

    def allowed_scopes(self) -> list[tuple[int, str, bool]]:
        """
        Return the scopes that are allowed to the application of each authorization.

        A tuple has the authorization's primary key, the scope's name, and whether it is permitted to the user.
        """
        own = is_permitted(path="application__scopes__", user=OuterRef("user"))
        permitted = Case(When(own, then=True), default=False, output_field=models.BooleanField())
        ticked = self.filter(application__scopes__retired=False)
        return list(ticked.values_list("pk", "application__scopes__name", permitted))

    def lock_standing(self, user_pk: Any, application_pk: Any, *, generation: int | None) -> "Authorization | None":
        """Lock and return the row, in a transaction; ``None`` if it is revoked or not of ``generation``."""
        query = _locked_standing(router.db_for_write(Authorization))
        rows = query.rows(user=user_pk, application=application_pk, generation=generation)
        return query.instance(Authorization, rows[0]) if rows else None

    def note_use(self, now: datetime, *, before: datetime | None, ip: str | None) -> None:
        """
        Compare-and-swap ``last_used_at`` from ``before`` to ``now``, and record the use in the audit trail.

        It is recorded once a day; where the site keeps IP addresses, once a day for each ``ip``.
        """
        # The condition lets only one of several concurrent workers write.
        unchanged = self.filter(last_used_at=before)
        is_first_of_day = is_another_day(now, than=before)
        if not is_first_of_day and ip_to_store(ip) is None:
            unchanged.update(last_used_at=now)
            return
        with transaction.atomic(using=router.db_for_write(self.model)):
            if unchanged.update(last_used_at=now):
                recorded = () if is_first_of_day else self._recorded_use(now, ip)
                self.exclude(pk__in=recorded)._record(AuditEvent.Kind.USED, now, ip)

    def note_renewal(self, now: datetime, *, before: datetime | None, ip: str | None) -> None:
        """Record in the audit trail, once a day, that tokens were renewed; ``before`` is the last recorded renewal."""
        if is_another_day(now, than=before) and self.filter(renewed_at=before).update(renewed_at=now):
            self._record(AuditEvent.Kind.RENEWED, now, ip)

    def _recorded_use(self, now: datetime, ip: str | None) -> list[int]:
        """Return the primary keys of those whose use from ``ip`` was recorded in the audit trail on this day."""
        recorded = AuditEvent.objects.filter(kind=AuditEvent.Kind.USED, ip_address=ip_to_store(ip))
        recorded = recorded.since_the_day_of(now).filter(user=OuterRef("user"), application=OuterRef("application"))
        return list(self.filter(Exists(recorded)).values_list("pk", flat=True))

    def _record(self, kind: AuditEvent.Kind, now: datetime, ip: str | None) -> None:
        for each in self.select_related("user", "application"):
            AuditEvent.objects.record(kind, application=each.application, user=each.user, by=Actor(ip=ip), at=now)

    def including(self, scope: str) -> Self:
        """Keep those that include ``scope``. No index helps: rows are scanned until one matches."""
        space = Value(" ")
        padded = Concat(space, "scopes", space, output_field=models.TextField())
        return self.annotate(padded=padded).filter(padded__contains=f" {scope} ")

    def granting(self, scope: str) -> tuple[int, int]:
        """Return how many of the newest ``LOOKED_AT`` include ``scope``, and how many were examined."""
        youngest = self.order_by("-pk").values_list("pk", flat=True)[:LOOKED_AT]
        examined = list(youngest)
        if not examined:
            return 0, 0
        return self.filter(pk__gte=examined[-1]).including(scope).count(), len(examined)


class Authorization(models.Model):
    """
    One row per user and application, reused when the user consents again; earlier periods are in the audit trail.

    ``generation`` decides whether a code or token is valid: each stores the one that it was minted under.
    """

    # Neither needs its own index: another begins with it, and PostgreSQL plans with each at every API request.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="authorizations",
        db_index=False,
        verbose_name=_("user"),
    )
    application = models.ForeignKey(
        "fourme_oauth.Application",
        null=True,
        db_index=False,
        # Authorizations stay readable after the application is deleted.
        on_delete=models.SET_NULL,
        related_name="authorizations",
        verbose_name=_("application"),
    )
    client_id = models.CharField(_("client ID"), max_length=255)
    application_name = models.CharField(_("application's name"), max_length=255)
    scopes = models.TextField(_("scopes"), blank=True)
    """What the user granted: wire names, sorted, separated by spaces."""
    wording = models.JSONField(_("wording"), default=dict)
    """The consent wording that was displayed, by scope name."""
    granted_at = models.DateTimeField(_("granted"))
    confirmed_at = models.DateTimeField(_("last confirmed"))
    """When the user last consented; the maximum age of the authorization counts from here."""
    last_used_at = models.DateTimeField(_("last used"), null=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("revoked by")
    )
    withdrawn_scopes = models.TextField(_("withdrawn scopes"), blank=True, default="")
    """What the user withdrew and has not granted since: wire names, sorted, separated by spaces."""
    renewed_at = models.DateTimeField(null=True)
    """When a renewal was last recorded in the audit trail: once a day."""
    generation = models.PositiveIntegerField(default=0)

    objects = AuthorizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("authorization")
        verbose_name_plural = _("authorizations")
        constraints = [
            models.UniqueConstraint(fields=["user", "application"], name="fourme_oauth_one_authorization"),
        ]
        indexes = [
            # Admin lists: newest first, of one application, and of a deleted one by client ID.
            models.Index(fields=["-granted_at", "-id"], name="fourme_oauth_auth_granted"),
            models.Index(fields=["application", "-granted_at"], name="fourme_oauth_auth_app"),
            models.Index(fields=["client_id"], name="fourme_oauth_auth_client"),
        ]
        permissions = [("revoke_authorization", "Can revoke authorizations")]

    def __str__(self) -> str:
        return f"{self.user}: {self.application_name or self.client_id}"

    @property
    def granted(self) -> frozenset[str]:
        """The scopes that the user granted; empty once revoked."""
        return frozenset() if self.revoked_at else frozenset(self.scopes.split())


@cache
def _locked_standing(using: str) -> CompiledQuery:
    standing = Authorization.objects.using(using).standing().select_for_update()
    return CompiledQuery.of(standing, by=("user", "application", "generation"))
