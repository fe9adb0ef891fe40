"""Roles are Django's groups: their page shows, and sets, the scopes that a role permits."""

from typing import Any

from django import forms
from django.apps.registry import Apps
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import AbstractUser, Group
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ..audit_changes import record_scope_changes, scope_snapshot
from ..models import Scope
from ..whereabouts import address_in


class ScopesFormSet(forms.BaseInlineFormSet):
    """
    Refuses to take the last role from a scope: without one it would be permitted to everybody.

    What it saves it tells the audit trail: ``by`` whom, from which ``address``.
    """

    by: AbstractUser
    address: str

    def clean(self) -> None:
        super().clean()
        taken = [form.instance.scope_id for form in self.deleted_forms if form.instance.pk]
        losing = Scope.objects.filter(pk__in=taken, retired=False)
        kept_by_others = Scope.objects.filter(pk__in=taken, roles__in=Group.objects.exclude(pk=self.instance.pk))
        if names := sorted(losing.exclude(pk__in=kept_by_others).names()):
            reason = _("%(names)s: no other role permits it, and without a role everybody has it. Retire it instead.")
            raise ValidationError(reason, params={"names": ", ".join(names)})

    def save(self, commit: bool = True) -> Any:
        before = [(scope, scope_snapshot(scope)) for scope in self._touched()]
        saved = super().save(commit)
        for scope, facts in before:
            record_scope_changes(scope, facts, by=self.by, address=self.address)
        return saved

    def _touched(self) -> QuerySet[Scope]:
        """Keep the scopes that a line named before, or names now."""
        changed = [form for form in self.forms if form.has_changed()]
        before = [form.initial.get("scope") for form in changed]
        now = [form.cleaned_data.get("scope") for form in changed]
        return Scope.objects.filter(pk__in=[*before, *(scope.pk for scope in now if scope)]).order_by("pk")


class ScopeOfRole(Scope.roles.through):  # type: ignore[name-defined] # made by Django, at run time
    """
    The row that lets a role permit a scope, called by the scope's name.

    What Django calls a row stands above its line of the page, and in the history of the role.
    """

    class Meta:
        proxy = True
        # In a registry of its own, as Django's own record of migrations: it has no migration and no permissions.
        apps = Apps()
        app_label = "fourme_oauth"

    def __str__(self) -> str:
        return str(self.scope)


class ScopesOfRoleInline(admin.StackedInline):
    """For the page of Django's groups, on whichever class of the site's own it stands."""

    model = ScopeOfRole
    formset = ScopesFormSet
    extra = 0
    autocomplete_fields = ("scope",)
    verbose_name = _("scope that the role permits")
    verbose_name_plural = _("scopes that the role permits")

    # What Django asks for of rows that only a many-to-many field has: to see, or to change, what they belong to.

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
        told = {"by": request.user, "address": address_in(request.META)}
        return type(formset.__name__, (formset,), told)


class RoleAdmin(GroupAdmin):
    """Django's own page for a group, with its scopes."""

    inlines = (ScopesOfRoleInline,)


def show_scopes_of_roles(site: admin.AdminSite) -> None:
    """Take the place of Django's own class for groups, and of no other: a site's own adds the inline itself."""
    if site.is_registered(Group) and type(site.get_model_admin(Group)) is GroupAdmin:
        site.unregister(Group)
        site.register(Group, RoleAdmin)


show_scopes_of_roles(admin.site)
