"""Wiring: registers checks and receivers."""

from importlib import import_module

from django.apps import AppConfig
from django.core import checks as django_checks
from django.core.checks.registry import registry
from django.db.models.signals import pre_delete
from django.utils.translation import gettext_lazy as _

from . import checks


class FourmeOAuthConfig(AppConfig):
    name = "fourme_oauth"
    verbose_name = _("Applications")
    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self) -> None:
        # Our tables are made of the toolkit's: without it there is nothing to import, and the check can say so.
        if not list(checks.toolkit_is_installed()):
            super().import_models()

    def ready(self) -> None:
        if [*checks.toolkit_is_installed(), *checks.tables_are_swapped()]:
            # Every other check would trip over the consequences: some twenty errors for one forgotten line.
            registry.registered_checks.clear()
        else:
            revocation = import_module("fourme_oauth.revocation")  # not before the models are there
            pre_delete.connect(revocation.end_deleted_application, sender=self.get_model("Application"))
        django_checks.register(checks.check_wiring, django_checks.Tags.security)
