"""Access that ends without being asked for: accounts are deactivated, passwords change, rows are deleted."""

from django.contrib.auth.models import AbstractUser

from ..conf import app_settings
from ..models import AccessToken, Application, Authorization, Grant, RefreshToken
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
