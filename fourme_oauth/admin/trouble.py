"""The last failed attempts of applications, in words that an administrator can act on."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from ..models import Trouble
from ..trouble import sentence
from .lists import ByAutocomplete, CascadeOnlyAdmin


@admin.register(Trouble)
class TroubleAdmin(CascadeOnlyAdmin):
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
    def what(self, obj: Trouble) -> str:
        return sentence(obj)
