"""The scope catalogue."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from ..models import Scope


@admin.register(Scope)
class ScopeAdmin(admin.ModelAdmin):
    list_display = ("name", "wording", "retired")
    list_filter = ("retired", "roles")
    search_fields = ("name", "wording")
    filter_horizontal = ("roles",)

    def get_readonly_fields(self, request: HttpRequest, obj: Scope | None = None) -> Any:
        # Applications and the API know a scope by its name.
        return ("name",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Scope | None = None) -> bool:
        # A scope in use is retired, not deleted.
        return super().has_delete_permission(request, obj) and (obj is None or not obj.is_in_use())
