"""Wiring: registers checks and receivers."""

from importlib import import_module
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in
from django.core import checks as django_checks
from django.core.checks.registry import registry
from django.db.models.signals import post_save, pre_delete, pre_save
from django.utils.translation import gettext_lazy as _

from . import checks, signals


class SealedChecks(set[Any]):
    """System checks that no application that comes later adds to."""

    def add(self, check: Any) -> None:
        """Leave it out."""


class FourmeOAuthConfig(AppConfig):
    name = "fourme_oauth"
    verbose_name = _("Applications")
    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self) -> None:
        # Our tables are made of the toolkit's: without it there is nothing to import, and the check can say so.
        if not list(checks.toolkit_is_installed()):
            super().import_models()

    def ready(self) -> None:
        django_checks.register(checks.check_wiring, django_checks.Tags.security)
        # Not as a check of databases: without --database, Django leaves those out, and this one reads settings only.
        django_checks.register(checks.check_deployment, django_checks.Tags.security, deploy=True)
        if [*checks.toolkit_is_installed(), *checks.tables_are_swapped()]:
            # Every other check would trip over the consequences: some twenty errors for one forgotten line.
            registry.registered_checks = SealedChecks([checks.check_wiring])
            registry.deployment_checks = SealedChecks()
        else:
            django_checks.register(checks.check_coverage, django_checks.Tags.security)
            django_checks.register(checks.check_catalogue, django_checks.Tags.security)
            django_checks.register(checks.check_secrets, django_checks.Tags.security, deploy=True)
            self._wire_models_to_rules()
            self._describe_tokens_to_spectacular()

    def _wire_models_to_rules(self) -> None:
        # Not imported above: the models must be there first.
        revocation, effective_access, mails, redaction, reauthentication, audit_changes = (
            import_module(f"{self.name}.{module}")
            for module in (
                "revocation",
                "effective_access",
                "mails",
                "authorization_server.redaction",
                "authorization_server.reauthentication",
                "audit_changes",
            )
        )
        signals.reuse_detected.connect(mails.mail_of_reuse)
        user_logged_in.connect(reauthentication.note_sign_in)
        signals.authorization_granted.connect(mails.mail_of_authorization)
        signals.authorization_revoked.connect(mails.mail_of_revocation)
        redaction.quieten_libraries()
        pre_delete.connect(revocation.end_deleted_application, sender=self.get_model("Application"))
        pre_save.connect(revocation.end_access_before_account)
        post_save.connect(revocation.end_access_with_account)
        for user in (model for model in apps.get_models() if issubclass(model, get_user_model())):
            pre_delete.connect(revocation.end_deleted_user, sender=user)
        # A site may delete roles through a proxy. Without a sender, Django could delete no model in one statement.
        group = apps.get_model("auth", "Group")
        for role in (model for model in apps.get_models() if model._meta.concrete_model is group):
            pre_delete.connect(audit_changes.record_role_deletion, sender=role)
        self._wire_toolkit_to_rules(effective_access)

    def _wire_toolkit_to_rules(self, effective_access: Any) -> None:
        # The toolkit's permissions for DRF ask the row.
        self.get_model("AccessToken").is_valid = effective_access.is_valid  # type: ignore[attr-defined]
        # Its decorators bring a validator of its own with them, whatever the settings name.
        ours = import_module(f"{self.name}.authorization_server.request_validator").RequestValidator
        toolkits = import_module("oauth2_provider.oauth2_validators").OAuth2Validator
        toolkits.validate_bearer_token = ours.validate_bearer_token

    def _describe_tokens_to_spectacular(self) -> None:
        # An optional extra: drf-spectacular's extensions register themselves when they are imported.
        if apps.is_installed("drf_spectacular"):
            import_module(f"{self.name}.rest_framework.schema")
