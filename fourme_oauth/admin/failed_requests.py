"""The last failed requests of applications, in words that an administrator can act on."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ..failed_requests import sentence
from ..models import FailedRequest
from .lists import ByAutocomplete, ListAdmin


@admin.register(FailedRequest)
class FailedRequestAdmin(ListAdmin):
    list_display = ("last_at", "application", "what", "times")
    list_display_links = None
    list_select_related = ("application",)
    list_filter = (("application", ByAutocomplete), "kind")
    ordering = ("-last_at",)
    sortable_by = ("last_at",)
    lookups = ("application__id__exact", "kind__exact")
    fields = ("application", "kind", "what", "times", "first_at", "last_at")
    readonly_fields = fields

    @admin.display(description=_("what happened"))
    def what(self, obj: FailedRequest) -> str:
        return sentence(obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # It only goes with its application, whose admin asks here on its own pages.
        page = str(request.resolver_match.url_name) if request.resolver_match else ""
        own = page.startswith(f"{self.opts.app_label}_{self.opts.model_name}_")
        return page.endswith(("_delete", "_changelist")) and not own
