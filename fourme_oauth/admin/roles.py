"""The admin of roles (Django's groups), with an inline for the scopes that a role permits."""

from typing import Any

from django import forms
from django.apps.registry import Apps
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ..actor import Actor
from ..audit_changes import record_scope_changes, scope_snapshot
from ..models import Scope
from .sites import replace_base


class ScopesFormSet(forms.BaseInlineFormSet):
    """Saves the scopes of a role and records each changed scope in the audit trail, ``by`` the user."""

    by: Actor

    def save(self, commit: bool = True) -> Any:
        before = [(scope, scope_snapshot(scope)) for scope in self._changed_scopes()]
        saved = super().save(commit)
        for scope, facts in before:
            record_scope_changes(scope, facts, by=self.by)
        return saved

    def _changed_scopes(self) -> QuerySet[Scope]:
        """Return the scopes that changed forms had before, or have now."""
        changed = [form for form in self.forms if form.has_changed()]
        before = [form.initial.get("scope") for form in changed]
        now = [form.cleaned_data.get("scope") for form in changed]
        return Scope.objects.filter(pk__in=[*before, *(scope.pk for scope in now if scope)]).order_by("pk")


class ScopeOfRole(Scope.roles.through):  # type: ignore[name-defined] # made by Django, at run time
    """
    The many-to-many row of a role and a scope, with the scope's name as its string.

    Django shows the string above the row's form and in the history of the role.
    """

    class Meta:
        proxy = True
        # In an app registry of its own, as Django's MigrationRecorder: so it needs no migration and no permissions.
        apps = Apps()
        app_label = "fourme_oauth"

    def __str__(self) -> str:
        return str(self.scope)


class ScopesOfRoleInline(admin.StackedInline):
    """The inline for the page of a group; a site can add it to a ``GroupAdmin`` of its own."""

    model = ScopeOfRole
    formset = ScopesFormSet
    extra = 0
    autocomplete_fields = ("scope",)
    verbose_name = _("scope that the role permits")
    verbose_name_plural = _("scopes that the role permits, besides those for everyone")

    # As Django checks rows of an automatic many-to-many table: by the permissions on the model they belong to.

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj) or request.user.has_perm("fourme_oauth.view_scope")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("fourme_oauth.change_scope")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("scope")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        return type(formset.__name__, (formset,), {"by": Actor.of(request)})


class RoleAdmin(GroupAdmin):
    """Django's ``GroupAdmin`` with the scopes of the role."""

    inlines = (ScopesOfRoleInline,)


replace_base(admin.site, Group, RoleAdmin)
