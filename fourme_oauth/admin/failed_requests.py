"""The latest failed requests of applications, each with a reason that an administrator can act on."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from ..failed_requests import sentence
from ..models import FailedRequest
from .lists import ByAutocomplete, CascadeOnlyAdmin


@admin.register(FailedRequest)
class FailedRequestAdmin(CascadeOnlyAdmin):
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
