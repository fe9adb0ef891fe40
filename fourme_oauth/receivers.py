"""
What listens to Django's signals and to ours; ``AppConfig.ready()`` imports it when the models are there.

A receiver only takes from a signal what a rule needs. Each has a ``dispatch_uid``, so that it is connected once.
"""

from typing import Any, TypeGuard

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, Group
from django.contrib.auth.signals import user_logged_in
from django.db import connections, models, router
from django.db.models.signals import post_save, pre_delete, pre_save
from django.dispatch import receiver

from . import audit_changes, mails, revocation, signals
from .authorization_server import reauthentication
from .models import Application, Authorization

user_logged_in.connect(reauthentication.note_sign_in, dispatch_uid="fourme_oauth.note_sign_in")
signals.authorization_granted.connect(mails.mail_of_authorization, dispatch_uid="fourme_oauth.mail_of_authorization")
signals.authorization_revoked.connect(mails.mail_of_revocation, dispatch_uid="fourme_oauth.mail_of_revocation")
signals.reuse_detected.connect(mails.mail_of_reuse, dispatch_uid="fourme_oauth.mail_of_reuse")


# By class of the instance, not by the signal's sender: a site may save users through a proxy of its user model.
@receiver(pre_save, dispatch_uid="fourme_oauth.before_account_is_saved")
def before_account_is_saved(*, instance: models.Model, **kwargs: Any) -> None:
    """
    End what ``after_account_is_saved`` would, before the row of a user is written who is saved in a transaction.

    What mints locks the user last, for what its rows refer to: so does this. Without a transaction, nobody's lock
    outlasts its statement.
    """
    if _is_stored_user(instance) and connections[router.db_for_write(Authorization)].in_atomic_block:
        revocation.end_access_of_account(instance)


@receiver(post_save, dispatch_uid="fourme_oauth.after_account_is_saved")
def after_account_is_saved(*, instance: models.Model, created: bool, **kwargs: Any) -> None:
    if not created and _is_stored_user(instance):
        revocation.end_access_of_account(instance)


def _is_stored_user(instance: models.Model) -> TypeGuard[AbstractUser]:
    return isinstance(instance, get_user_model()) and instance.pk is not None


@receiver(pre_delete, sender=Application, dispatch_uid="fourme_oauth.application_is_deleted")
def application_is_deleted(*, instance: Application, **kwargs: Any) -> None:
    revocation.end_deleted_application(instance)


def user_is_deleted(*, instance: AbstractUser, **kwargs: Any) -> None:
    revocation.end_deleted_user(instance)


def role_is_deleted(*, instance: Group, origin: Any, **kwargs: Any) -> None:
    audit_changes.record_role_deletion(instance, origin=origin)


# A site may delete through a proxy. Without a sender, Django could delete no model in one statement. Of a child of the
# model for groups, Django deletes the parent too, and tells that.
for model in apps.get_models():
    if issubclass(model, get_user_model()):
        pre_delete.connect(user_is_deleted, sender=model, dispatch_uid="fourme_oauth.user_is_deleted")
    if model._meta.concrete_model is Group:
        pre_delete.connect(role_is_deleted, sender=model, dispatch_uid="fourme_oauth.role_is_deleted")
