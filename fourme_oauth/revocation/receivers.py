"""What else ends access: a user who is deactivated, and rows that are deleted."""

from typing import Any, cast

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.db import connections, models, router

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


def end_access_before_account(*, instance: models.Model, **kwargs: Any) -> None:
    """
    End what ``end_access_with_account`` would, before the row of a user is written who is saved in a transaction.

    What mints locks the user last, for what its rows refer to: so does this. Without a transaction, nobody's lock
    outlasts its statement.
    """
    if connections[router.db_for_write(Authorization)].in_atomic_block:
        _end_access(instance)


def end_access_with_account(*, instance: models.Model, created: bool, **kwargs: Any) -> None:
    """End all that a user allowed when they set another password or are deactivated, where the site says so."""
    if not created:
        _end_access(instance)


def _end_access(instance: models.Model) -> None:
    if cause := _cause(instance):
        revoke_all(cast("AbstractUser", instance), cause=cause)


def _cause(instance: models.Model) -> str:
    """Return why saving ``instance`` ends what it allowed; empty where it does not."""
    # Not by the signal's sender: a site may save users through a proxy of its user model.
    if not isinstance(instance, get_user_model()) or instance.pk is None:
        return ""
    if not instance.is_active and app_settings.end_access_of_deactivated_users:
        return "account"
    # Django forgets it after it has saved, and has none where it only hashed the same password anew.
    is_new_password = getattr(instance, "_password", None) is not None
    return "password" if is_new_password and app_settings.end_access_on_password_change else ""


def end_deleted_application(*, instance: Application, **kwargs: Any) -> None:
    """Revoke what users allowed an application that is being deleted. Its codes and tokens go with it."""
    revoke_several(Authorization.objects.filter(application=instance), deleted="application")


def end_deleted_user(*, instance: AbstractUser, **kwargs: Any) -> None:
    """Revoke what a user allowed who is being deleted. The audit trail keeps the user's name."""
    revoke_several(Authorization.objects.of(instance), cause="account", deleted="user")
