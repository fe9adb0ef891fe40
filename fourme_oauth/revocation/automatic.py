"""Revocation as a consequence: of a deactivated account, a changed password, or a deleted user or application."""

from django.contrib.auth.models import AbstractUser

from ..conf import app_settings
from ..models import AccessToken, Application, Authorization, Grant, RefreshToken
from .authorizations import revoke_all, revoke_several


def revoke_all_of_deactivated_holder(text: str) -> None:
    """
    Revoke all authorizations of the user of this token or code, if the user is deactivated.

    Only with ``END_ACCESS_OF_DEACTIVATED_USERS``: otherwise, unexpired tokens are valid again after a reactivation.
    """
    if not app_settings.end_access_of_deactivated_users:
        return
    for model in (AccessToken, RefreshToken, Grant):
        held = model.objects.by_text(text).filter(user__is_active=False).select_related("user").first()
        if held is not None:
            revoke_all(held.user, cause="account")


def end_access_of_account(user: AbstractUser) -> None:
    """Revoke all of the user's authorizations after a deactivation or a new password, where the settings say so."""
    if cause := _cause(user):
        revoke_all(user, cause=cause)


def _cause(user: AbstractUser) -> str:
    """Return why the state of ``user`` revokes; empty where it does not."""
    if not user.is_active and app_settings.end_access_of_deactivated_users:
        return "account"
    # set_password() keeps the new password here until the row is saved; an upgrade of the hash at sign-in does not.
    # Nothing public tells the two apart: there is no signal, and the stored hash changes both times.
    is_new_password = getattr(user, "_password", None) is not None
    return "password" if is_new_password and app_settings.end_access_on_password_change else ""


def end_deleted_application(application: Application) -> None:
    """Revoke all authorizations of an application that is being deleted. Its codes and tokens are deleted with it."""
    revoke_several(Authorization.objects.filter(application=application), deleted="application")


def end_deleted_user(user: AbstractUser) -> None:
    """Revoke all authorizations of a user who is being deleted. The audit trail keeps the user's name."""
    revoke_several(Authorization.objects.of(user), cause="account", deleted="user")
