"""Record in the audit trail what an administrator changed: the old and the new values."""

from typing import Any

from django.contrib.auth.models import Group
from django.db.models import QuerySet

from .actor import SYSTEM, Actor
from .models import Application, AuditEvent, Scope

RECORDED_FIELDS = (
    "name",
    "publisher",
    "homepage",
    "description",
    "logo",
    "client_type",
    "authorization_grant_type",
    "client_credentials",
    "redirect_uris",
    "allowed_origins",
    "require_pkce",
    "skip_authorization",
    "access_token_seconds",
    "refresh_token_seconds",
    "resource_server",
    "disabled",
)
"""The fields whose values are recorded as they are. None of them is a secret."""


def application_snapshot(application: Application) -> dict[str, Any]:
    """Return the stored values of ``application`` as JSON types, without any secret or its hash."""
    stored = Application.objects.select_related("linked_user").get(pk=application.pk)
    facts = {name: _plain(getattr(stored, name)) for name in RECORDED_FIELDS}
    linked = stored.linked_user
    facts["linked_user"] = linked.get_username() if linked else None
    facts["scopes"] = sorted(stored.scopes.values_list("name", flat=True))
    return facts


def scope_snapshot(scope: Scope) -> dict[str, Any]:
    """Return the stored values of ``scope`` as JSON types."""
    stored = Scope.objects.get(pk=scope.pk)
    roles = sorted(stored.roles.values_list("name", flat=True))
    return {
        "wording": stored.wording,
        "roles": roles,
        "for_everyone": stored.for_everyone,
        "retired": stored.retired,
    }


def record_scope_changes(scope: Scope, before: dict[str, Any], *, by: Actor = SYSTEM) -> None:
    """Record how ``scope`` differs from ``before``, its earlier snapshot, if it does."""
    if changes := changes_between(before, scope_snapshot(scope)):
        kind = AuditEvent.Kind.SCOPE_CHANGED
        AuditEvent.objects.record(kind, by=by, scope=scope.name, changes=changes)


def record_role_deletion(role: Group, *, origin: Any) -> None:
    """
    Record in the audit trail each scope that loses ``role``, before the role's row is deleted.

    ``origin`` is what is deleted with it, as Django's ``pre_delete`` has it: the instance, or a queryset.
    """
    together = isinstance(origin, QuerySet) and issubclass(origin.model, Group)
    deleted = {role.name, *(origin.values_list("name", flat=True) if together else ())}
    losing = Scope.objects.filter(pk__in=role.permitted_scopes.values("pk"))
    for name, roles in losing.role_names().items():
        kept = [name_of_role for name_of_role in roles if name_of_role not in deleted]
        values: dict[str, Any] = {"scope": name, "deleted_role": role.name, "changes": {"roles": [roles, kept]}}
        AuditEvent.objects.record(AuditEvent.Kind.SCOPE_CHANGED, **values)


def record_application(application: Application, before: dict[str, Any], *, by: Actor = SYSTEM) -> None:
    """Record how ``application`` differs from ``before``, its earlier snapshot; with an empty one, its registration."""
    changes = changes_between(before, application_snapshot(application))
    values: dict[str, Any] = {"application": application, "by": by}
    if "linked_user" in changes and application.linked_user is not None:
        AuditEvent.objects.record(AuditEvent.Kind.USER_LINKED, user=application.linked_user, **values)
    kind = AuditEvent.Kind.APPLICATION_CHANGED if before else AuditEvent.Kind.APPLICATION_REGISTERED
    AuditEvent.objects.record(kind, changes=changes, **values)
    if before.get("disabled") and not application.disabled:
        AuditEvent.objects.record(AuditEvent.Kind.APPLICATION_ENABLED, **values)


def changes_between(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    """Return ``[old, new]`` for each field that differs; ``None``, blank and ``False`` count as equal."""
    changed = (name for name, value in after.items() if (before.get(name) or None) != (value or None))
    return {name: [before.get(name), after[name]] for name in changed}


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int) or value is None else str(value)
