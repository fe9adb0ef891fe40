"""Roles are Django's groups: their page shows, and sets, the scopes that a role permits."""

from typing import Any

from django import forms
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
    """Records in the audit trail which scopes it changes, and ``by`` whom."""

    by: Actor

    def save(self, commit: bool = True) -> Any:
        before = [(scope, scope_snapshot(scope)) for scope in self._touched()]
        saved = super().save(commit)
        for scope, facts in before:
            record_scope_changes(scope, facts, by=self.by)
        return saved

    def _touched(self) -> QuerySet[Scope]:
        """Keep the scopes that a line named before, or names now."""
        changed = [form for form in self.forms if form.has_changed()]
        before = [form.initial.get("scope") for form in changed]
        now = [form.cleaned_data.get("scope") for form in changed]
        return Scope.objects.filter(pk__in=[*before, *(scope.pk for scope in now if scope)]).order_by("pk")


def _name_of_scope(line: Any) -> str:
    return str(line.scope)


# What Django calls a line of the page stands above it, and in the history of the role.
Scope.roles.through.__str__ = _name_of_scope  # type: ignore[method-assign]


class ScopesOfRoleInline(admin.StackedInline):
    """For the page of Django's groups, on whichever class of the site's own it stands."""

    model = Scope.roles.through
    formset = ScopesFormSet
    extra = 0
    autocomplete_fields = ("scope",)
    verbose_name = _("scope that the role permits")
    verbose_name_plural = _("scopes that the role permits, beside those that are for everyone")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("scope")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        return type(formset.__name__, (formset,), {"by": Actor.of(request)})


class RoleAdmin(GroupAdmin):
    """Django's own page for a group, with its scopes."""

    inlines = (ScopesOfRoleInline,)


replace_base(admin.site, Group, RoleAdmin)
