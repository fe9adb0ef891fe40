"""The audit trail: append-only, so read-only; and taken away as a file."""

import json
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..models import Application, AuditEvent
from .audit_export import csv_of
from .lists import ByAutocomplete, ByPeriod, ListAdmin

FOUND = 100
"""How many applications a search takes into account."""


@admin.register(AuditEvent)
class AuditEventAdmin(ListAdmin):
    list_display = ("at", "kind", "what", "client_id", "username", "by_username", "ip_address")
    list_filter = (("at", ByPeriod), "kind", ("application", ByAutocomplete), ("user", ByAutocomplete))
    ordering = ("-at",)
    sortable_by = ("at",)
    search_fields = ("client_id",)
    found_by = _("An application's name or client ID, or a user name, in full.")
    fields = ("at", "kind", "application", "client_id", "user", "username", "by", "by_username", "ip_address", "what")
    readonly_fields = fields

    def __init__(self, model: type[AuditEvent], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        of_user = f"user__{get_user_model()._meta.pk.name}__exact"
        self.lookups = ("kind__exact", "application__id__exact", of_user, "from", "until")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        export = path(
            "export/",
            self.admin_site.admin_view(self.export_view),
            name=f"{self.opts.app_label}_{self.opts.model_name}_export",
        )
        return [export, *super().get_urls()]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent], search_term: str
    ) -> tuple[QuerySet[AuditEvent], bool]:
        """Find what has the very name, by value or by row: no index leads from a part of a name to these rows."""
        if not search_term:
            return queryset, False
        named = Application.objects.filter(name__icontains=search_term).order_by("pk")
        applications = list(named.values_list("pk", flat=True)[:FOUND])
        exactly = {get_user_model().USERNAME_FIELD: search_term}
        doers = list(get_user_model()._default_manager.filter(**exactly).values_list("pk", flat=True))
        by_value = Q(client_id=search_term) | Q(username=search_term)
        return queryset.filter(by_value | Q(application__in=applications) | Q(by__in=doers)), False

    @admin.display(description=_("what"))
    def what(self, obj: AuditEvent) -> str:
        return "; ".join(_detail(name, value) for name, value in sorted(obj.details.items()))

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with what the list shows under the same address, whole: as CSV, row by row."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            events = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return redirect(reverse("admin:fourme_oauth_auditevent_changelist", current_app=self.admin_site.name))
        response = StreamingHttpResponse(csv_of(events), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = 'attachment; filename="audit-events.csv"'
        return response


def _detail(name: str, value: Any) -> str:
    if name == "changes":
        return "; ".join(_change(field, *pair) for field, pair in sorted(value.items()))
    shown = ", ".join(str(each) for each in value) if isinstance(value, list) else value
    return f"{name}: {shown}"


def _change(field: str, before: Any, after: Any) -> str:
    told = {"field": field, "before": _told(before), "after": _told(after)}
    return gettext("%(field)s: from %(before)s to %(after)s") % told


def _told(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
