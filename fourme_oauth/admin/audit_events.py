"""The audit trail: append-only, so read-only."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from ..models import AuditEvent


@admin.register(AuditEvent)
class AuditEventAdmin(admin.ModelAdmin):
    list_display = ("at", "kind", "client_id", "username", "by_username")
    list_filter = ("kind",)
    search_fields = ("client_id", "username", "by_username")
    date_hierarchy = "at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
