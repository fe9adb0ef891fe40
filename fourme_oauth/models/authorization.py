"""The user's standing yes to one application."""

from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models, router
from django.utils.translation import gettext_lazy as _

from .application import Application
from .statement import Parameter, Statement


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

    def lock_standing(self, user_pk: Any, application_pk: Any, *, generation: int | None) -> bool:
        """Lock the row of the two, in a transaction, if it stands in this ``generation``; say whether it does."""
        given = {"user": user_pk, "application": application_pk, "generation": generation}
        return bool(LOCKED_STANDING.rows(router.db_for_write(Authorization), **given))


class Authorization(models.Model):
    """
    One row per user and application, reused when the user says yes again; earlier periods are in the audit.

    ``generation`` decides whether a code or token lives: each stores the one that it was minted under.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="authorizations", verbose_name=_("user")
    )
    application = models.ForeignKey(
        "fourme_oauth.Application",
        null=True,
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
    granted_at = models.DateTimeField(_("allowed since"))
    confirmed_at = models.DateTimeField(_("last confirmed"))
    """When the user last said yes; refresh tokens can be renewed for a time from here."""
    last_used_at = models.DateTimeField(_("last used"), null=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("revoked by")
    )
    taken_back = models.TextField(_("taken back"), blank=True, default="")
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

    def __str__(self) -> str:
        return f"{self.user}: {self.application_name or self.client_id}"

    @property
    def granted(self) -> frozenset[str]:
        """What the user granted, while the authorization stands."""
        return frozenset() if self.revoked_at else frozenset(self.scopes.split())


def _locked_standing() -> models.QuerySet[Any, tuple[Any, ...]]:
    fields = ("user", "application", "generation")
    given = {name: _parameter(name) for name in fields}
    return Authorization.objects.standing().filter(**given).select_for_update().values_list("pk")


def _parameter(name: str) -> Parameter:
    field: Any = Authorization._meta.get_field(name)
    return Parameter(name, field.target_field if field.is_relation else field)


LOCKED_STANDING = Statement(_locked_standing)
