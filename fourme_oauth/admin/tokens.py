"""Tokens and codes are not rows to browse."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern


class HiddenAdmin(admin.ModelAdmin):
    """Takes the place of the toolkit's own pages for tokens and codes, and shows nothing to anybody."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Who may delete a user or an application deletes their tokens with them; there is no page that deletes one, so
        # that nothing may link to it.
        return obj is not None

    def get_urls(self) -> list[URLPattern]:
        return []
