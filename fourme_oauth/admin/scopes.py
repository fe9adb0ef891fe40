"""The admin of the scope catalogue."""

from typing import Any

from django.contrib import admin
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from ..actor import Actor
from ..audit_changes import record_scope_changes, scope_snapshot
from ..models import Application, Authorization, Scope
from .lists import MAX_NAMED, ListAdmin


@admin.register(Scope)
class ScopeAdmin(ListAdmin):
    list_display = ("name", "wording", "role_names", "retired")
    list_filter = ("for_everyone", "retired", "roles")
    lookups = ("for_everyone__exact", "retired__exact", "roles__id__exact", "roles__isnull")
    search_fields = ("name", "wording")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("roles")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        # A site has few roles, and checkboxes need no JavaScript.
        return super().formfield_for_manytomany(db_field, request, **{"widget": CheckboxSelectMultiple, **kwargs})

    def get_fieldsets(self, request: HttpRequest, obj: Scope | None = None) -> Any:
        editable = {"fields": ("name", "wording", "roles", "for_everyone", "retired")}
        if obj is None:
            return [(None, editable)]
        note = _("The name can't be changed: applications and the API use it. Add another scope and retire this one.")
        return [(None, {**editable, "description": note}), (_("Who uses it"), {"fields": ("allowed_to", "granted_by")})]

    def get_readonly_fields(self, request: HttpRequest, obj: Scope | None = None) -> Any:
        return ("name", "allowed_to", "granted_by") if obj else ()

    def save_model(self, request: HttpRequest, obj: Scope, form: Any, change: bool) -> None:
        form.before = scope_snapshot(obj) if change else {}
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        record_scope_changes(form.instance, form.before, by=Actor.of(request))

    def has_delete_permission(self, request: HttpRequest, obj: Scope | None = None) -> bool:
        # A scope in use is retired, not deleted.
        return super().has_delete_permission(request, obj) and (obj is None or not obj.is_in_use())

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        # Searches all authorizations, which no index supports: only when a scope is about to be deleted.
        listed, counts, lacking, protected = super().get_deleted_objects(objs, request)
        granted = [scope.name for scope in objs if Authorization.objects.standing().including(scope.name).exists()]
        message = gettext("%(name)s: users have granted it. Retire it instead.")
        return listed, counts, lacking, [*protected, *(message % {"name": name} for name in granted)]

    @admin.display(description=_("roles"))
    def role_names(self, obj: Scope) -> str:
        if obj.for_everyone:
            return gettext("everyone")
        return ", ".join(role.name for role in obj.roles.all()) or gettext("nobody")

    @admin.display(description=_("allowed to"))
    def allowed_to(self, obj: Scope) -> str:
        allowed = Application.objects.filter(scopes=obj).order_by("name", "pk")
        names = list(allowed.values_list("pk", "name")[: MAX_NAMED + 1])
        context = {"applications": names[:MAX_NAMED], "are_more": len(names) > MAX_NAMED}
        return render_to_string("admin/fourme_oauth/scope/applications.html", context)

    @admin.display(description=_("granted by"))
    def granted_by(self, obj: Scope) -> str:
        number, looked_at = Authorization.objects.standing().granting(obj.name)
        text = ngettext(
            "%(number)d of the last %(looked_at)d authorization",
            "%(number)d of the last %(looked_at)d authorizations",
            looked_at,
        )
        return text % {"number": number, "looked_at": looked_at}
