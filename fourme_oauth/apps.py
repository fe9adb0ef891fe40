"""The AppConfig: imports models, registers checks and connects receivers."""

from importlib import import_module

from django.apps import AppConfig, apps
from django.core import checks as django_checks
from django.utils.translation import gettext_lazy as _

from . import checks
from .conf import missing_settings


class FourmeOAuthConfig(AppConfig):
    name = "fourme_oauth"
    verbose_name = _("Applications")
    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self) -> None:
        if not missing_settings():
            super().import_models()
            return
        # As Django's own import_models() does: get_models() needs it.
        self.models = apps.all_models[self.label]
        if apps.is_installed("oauth2_provider"):
            import_module(f"{self.name}.placeholder_models").define()

    def ready(self) -> None:
        django_checks.register(checks.check_wiring, django_checks.Tags.security)
        if missing_settings():
            return
        # Not tagged "database": Django skips such checks without --database, and this one reads settings only.
        django_checks.register(checks.check_deployment, django_checks.Tags.security, deploy=True)
        django_checks.register(checks.check_coverage, django_checks.Tags.security)
        django_checks.register(checks.check_catalogue, django_checks.Tags.security)
        django_checks.register(checks.check_secrets, django_checks.Tags.security, deploy=True)
        # Not imported above: they import models.
        import_module(f"{self.name}.receivers")
        import_module(f"{self.name}.authorization_server.redaction").quieten_libraries()
        self._describe_tokens_to_spectacular()

    def _describe_tokens_to_spectacular(self) -> None:
        # Optional: drf-spectacular registers its extensions when they are imported.
        if apps.is_installed("drf_spectacular"):
            import_module(f"{self.name}.rest_framework.schema")
