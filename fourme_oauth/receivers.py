"""
Receivers of Django's signals and of ours, connected when ``AppConfig.ready()`` imports this module.

Each passes what a rule needs on to it, and has a ``dispatch_uid``, so that it is connected once.
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
    Revoke what ``after_account_is_saved`` would, before the user's row is written within a transaction.

    Keeps the lock order of issuing tokens, which locks the user's row last (by foreign keys). Without a transaction, no
    lock outlasts its statement.
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


# Connected for proxies too, which the site may delete through. A receiver without a sender would keep Django from
# deleting rows of any model in one statement. For a multi-table child of Group, Django sends the parent's signal too.
for model in apps.get_models():
    if issubclass(model, get_user_model()):
        pre_delete.connect(user_is_deleted, sender=model, dispatch_uid="fourme_oauth.user_is_deleted")
    if model._meta.concrete_model is Group:
        pre_delete.connect(role_is_deleted, sender=model, dispatch_uid="fourme_oauth.role_is_deleted")
