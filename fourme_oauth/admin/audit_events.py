"""The audit trail: append-only, so read-only in the admin, with a CSV export."""

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
from django.urls import URLPattern
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..models import Application, AuditEvent
from .audit_export import csv_of
from .lists import SEARCH_LIMIT, ByAutocomplete, ByPeriod, ReadOnlyAdmin


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
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

    def get_urls(self) -> list[URLPattern]:
        return [self.url_pattern("export/", self.export_view, "export"), *super().get_urls()]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent], search_term: str
    ) -> tuple[QuerySet[AuditEvent], bool]:
        """Match names exactly, in the columns or by foreign key: no index supports a substring search of these rows."""
        if not search_term:
            return queryset, False
        matching = Application.objects.filter(name__icontains=search_term).order_by("pk")
        applications = list(matching.values_list("pk", flat=True)[:SEARCH_LIMIT])
        exact = {get_user_model().USERNAME_FIELD: search_term}
        actors = list(get_user_model()._default_manager.filter(**exact).values_list("pk", flat=True))
        by_value = Q(client_id=search_term) | Q(username=search_term)
        return queryset.filter(by_value | Q(application__in=applications) | Q(by__in=actors)), False

    @admin.display(description=_("details"))
    def what(self, obj: AuditEvent) -> str:
        return "; ".join(_detail(name, value) for name, value in sorted(obj.details.items()))

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """Stream all events that match the query string of the changelist as CSV."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            events = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return redirect(self.url_of("changelist"))
        response = StreamingHttpResponse(csv_of(events), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = 'attachment; filename="audit-events.csv"'
        return response


def _detail(name: str, value: Any) -> str:
    if name == "changes":
        return "; ".join(_change(field, *pair) for field, pair in sorted(value.items()))
    shown = ", ".join(str(each) for each in value) if isinstance(value, list) else value
    return f"{name}: {shown}"


def _change(field: str, before: Any, after: Any) -> str:
    values = {"field": field, "before": _as_json(before), "after": _as_json(after)}
    return gettext("%(field)s: from %(before)s to %(after)s") % values


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
