"""The user's standing yes to one application."""

from datetime import datetime
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
from .compiled_query import CompiledQuery, Parameter, columns_of, instance_of
from .scope import is_permitted

LOOKED_AT = 10_000
"""Among how many of the youngest it is counted who granted a scope."""


class AuthorizationQuerySet(models.QuerySet["Authorization"]):
    def standing(self) -> Self:
        """Keep what is not revoked."""
        return self.filter(revoked_at=None)

    def of(self, user: AbstractUser) -> Self:
        """Keep the user's own."""
        return self.filter(user_id=user.pk)

    def between(self, user: AbstractUser, application: Application) -> Self:
        """Keep the one row of ``user`` and ``application``, standing or not."""
        return self.of(user).filter(application=application)

    def allowed_scopes(self) -> list[tuple[int, str, bool]]:
        """
        Return the name of each scope that is allowed to the application of each of these, with the authorization's
        primary key in front, and behind it whether the scope is permitted to the authorization's user.
        """
        own = is_permitted(path="application__scopes__", user=OuterRef("user"))
        permitted = Case(When(own, then=True), default=False, output_field=models.BooleanField())
        ticked = self.filter(application__scopes__retired=False)
        return list(ticked.values_list("pk", "application__scopes__name", permitted))

    def lock_standing(self, user_pk: Any, application_pk: Any, *, generation: int | None) -> "Authorization | None":
        """Lock the row of the two, in a transaction, and return it; ``None`` if it does not stand in ``generation``."""
        using = router.db_for_write(Authorization)
        rows = LOCKED_STANDING.rows(using, user=user_pk, application=application_pk, generation=generation)
        return instance_of(Authorization, rows[0], using) if rows else None

    def note_use(self, now: datetime, *, before: datetime | None, ip: str | None) -> None:
        """
        Write down that these were used, unless another use than that of ``before`` has been noted.

        The audit trail tells of it once a day; where the site keeps IP addresses, once a day for each ``ip``.
        """
        # Several workers notice at the same time; the condition lets one of them write.
        unnoted = self.filter(last_used_at=before)
        is_first_of_day = is_another_day(now, than=before)
        if not is_first_of_day and ip_to_store(ip) is None:
            unnoted.update(last_used_at=now)
            return
        with transaction.atomic(using=router.db_for_write(self.model)):
            if unnoted.update(last_used_at=now):
                told = () if is_first_of_day else self._told_of_use(now, ip)
                self.exclude(pk__in=told)._tell(AuditEvent.Kind.USED, now, ip)

    def note_renewal(self, now: datetime, *, before: datetime | None, ip: str | None) -> None:
        """Let the audit trail tell, once a day, that these were renewed: the last it told of was ``before``."""
        if is_another_day(now, than=before) and self.filter(renewed_at=before).update(renewed_at=now):
            self._tell(AuditEvent.Kind.RENEWED, now, ip)

    def _told_of_use(self, now: datetime, ip: str | None) -> list[int]:
        """Return the primary keys of those of which the audit trail told on this day, from ``ip``."""
        told = AuditEvent.objects.filter(kind=AuditEvent.Kind.USED, ip_address=ip_to_store(ip))
        told = told.since_the_day_of(now).filter(user=OuterRef("user"), application=OuterRef("application"))
        return list(self.filter(Exists(told)).values_list("pk", flat=True))

    def _tell(self, kind: AuditEvent.Kind, now: datetime, ip: str | None) -> None:
        for each in self.select_related("user", "application"):
            AuditEvent.objects.record(kind, application=each.application, user=each.user, by=Actor(ip=ip), at=now)

    def including(self, scope: str) -> Self:
        """Keep those under which the user granted ``scope``. No index helps: the rows are read until one is found."""
        blank = Value(" ")
        listed = Concat(blank, "scopes", blank, output_field=models.TextField())
        return self.annotate(listed=listed).filter(listed__contains=f" {scope} ")

    def granting(self, scope: str) -> tuple[int, int]:
        """Count those that include ``scope`` among the youngest, and say among how many: a bounded number."""
        youngest = self.order_by("-pk").values_list("pk", flat=True)[:LOOKED_AT]
        keys = list(youngest)
        if not keys:
            return 0, 0
        return self.filter(pk__gte=keys[-1]).including(scope).count(), len(keys)


class Authorization(models.Model):
    """
    One row per user and application, reused when the user says yes again; earlier periods are in the audit.

    ``generation`` decides whether a code or token lives: each stores the one that it was minted under.
    """

    # Neither needs an index of its own: another begins with it. PostgreSQL weighs each at every request to the API.
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
        # What the user once allowed stays readable after the application is deleted.
        on_delete=models.SET_NULL,
        related_name="authorizations",
        verbose_name=_("application"),
    )
    client_id = models.CharField(_("client ID"), max_length=255)
    application_name = models.CharField(_("application's name"), max_length=255)
    scopes = models.TextField(_("scopes"), blank=True)
    """What the user granted: wire names, sorted, separated by spaces."""
    wording = models.JSONField(_("wording"), default=dict)
    """What was shown when the user granted it: scope name to consent wording."""
    granted_at = models.DateTimeField(_("granted"))
    confirmed_at = models.DateTimeField(_("last confirmed"))
    """When the user last said yes; refresh tokens can be renewed for a time from here."""
    last_used_at = models.DateTimeField(_("last used"), null=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("revoked by")
    )
    withdrawn_scopes = models.TextField(_("withdrawn scopes"), blank=True, default="")
    """What the user took back by reducing and has not allowed since: wire names, sorted, separated by spaces."""
    renewed_at = models.DateTimeField(null=True)
    """When the audit trail last said that tokens were renewed: it says so once a day."""
    generation = models.PositiveIntegerField(default=0)

    objects = AuthorizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("authorization")
        verbose_name_plural = _("authorizations")
        constraints = [
            models.UniqueConstraint(fields=["user", "application"], name="fourme_oauth_one_authorization"),
        ]
        indexes = [
            # The list of the admin: youngest first, of one application, and of one that is gone.
            models.Index(fields=["-granted_at", "-id"], name="fourme_oauth_auth_granted"),
            models.Index(fields=["application", "-granted_at"], name="fourme_oauth_auth_app"),
            models.Index(fields=["client_id"], name="fourme_oauth_auth_client"),
        ]
        permissions = [("revoke_authorization", "Can revoke authorizations")]

    def __str__(self) -> str:
        return f"{self.user}: {self.application_name or self.client_id}"

    @property
    def granted(self) -> frozenset[str]:
        """What the user granted, while the authorization stands."""
        return frozenset() if self.revoked_at else frozenset(self.scopes.split())


def _locked_standing() -> models.QuerySet[Any, tuple[Any, ...]]:
    fields = ("user", "application", "generation")
    given = {name: _parameter(name) for name in fields}
    return Authorization.objects.standing().filter(**given).select_for_update().values_list(*columns_of(Authorization))


def _parameter(name: str) -> Parameter:
    field: Any = Authorization._meta.get_field(name)
    return Parameter(name, field.target_field if field.is_relation else field)


LOCKED_STANDING = CompiledQuery(_locked_standing)
