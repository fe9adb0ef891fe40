"""Access that ends without being asked for: accounts are deactivated, passwords change, rows are deleted."""

from typing import Any

from django.contrib.auth.models import AbstractUser, Group
from django.db.models import QuerySet

from ..conf import app_settings
from ..models import AccessToken, Application, AuditEvent, Authorization, Grant, RefreshToken, Scope
from .authorizations import revoke_all, revoke_several


def revoke_all_of_deactivated_holder(text: str) -> None:
    """
    End for good all that was allowed by the holder of the token or code with this ``text``, if they are deactivated.

    Only where the site says so: otherwise, what has not expired works again when they come back.
    """
    if not app_settings.end_access_of_deactivated_users:
        return
    for model in (AccessToken, RefreshToken, Grant):
        held = model.objects.by_text(text).filter(user__is_active=False).select_related("user").first()
        if held is not None:
            revoke_all(held.user, cause="account")


def end_access_of_account(user: AbstractUser) -> None:
    """End all that ``user`` allowed if they are deactivated or setting another password, where the site says so."""
    if cause := _cause(user):
        revoke_all(user, cause=cause)


def _cause(user: AbstractUser) -> str:
    """Return why an account in this state ends what it allowed; empty where it does not."""
    if not user.is_active and app_settings.end_access_of_deactivated_users:
        return "account"
    # Django keeps the text that set_password() was given until the row is saved, and none where it only hashed the same
    # password anew. Nothing public tells these apart: there is no signal, and the stored hash changes both times.
    is_new_password = getattr(user, "_password", None) is not None
    return "password" if is_new_password and app_settings.end_access_on_password_change else ""


def end_deleted_application(application: Application) -> None:
    """Revoke what users allowed an application that is being deleted. Its codes and tokens go with it."""
    revoke_several(Authorization.objects.filter(application=application), deleted="application")


def end_deleted_user(user: AbstractUser) -> None:
    """Revoke what a user allowed who is being deleted. The audit trail keeps the user's name."""
    revoke_several(Authorization.objects.of(user), cause="account", deleted="user")


def retire_scopes_of_deleted_role(role: Group, *, origin: Any) -> None:
    """
    Retire the scopes that are losing their last role. ``origin`` is what is deleted with it: Django's signal tells.

    A scope without roles is permitted to everybody: deleting a role must not give everybody what it alone permitted.
    """
    together = isinstance(origin, QuerySet) and origin.model is Group
    deleted = list(origin.values_list("pk", flat=True)) if together else [role.pk]
    still_with_a_role = Scope.objects.filter(roles__in=Group.objects.exclude(pk__in=deleted))
    losing = Scope.objects.filter(roles=role, retired=False).exclude(pk__in=still_with_a_role)
    retired = dict(losing.order_by("name").values_list("pk", "name").distinct())
    Scope.objects.filter(pk__in=retired).update(retired=True)
    for name in retired.values():
        told: dict[str, Any] = {"scope": name, "deleted_role": role.name, "changes": {"retired": [False, True]}}
        AuditEvent.objects.record(AuditEvent.Kind.SCOPE_CHANGED, **told)
