"""Tokens and codes have no pages in the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern


class HiddenAdmin(admin.ModelAdmin):
    """Replaces the toolkit's model admins for tokens and codes, without pages or view permission."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Deleting a user or an application deletes its tokens by cascade and asks for this permission with ``obj``.
        # Without ``obj``, the admin would link to pages that don't exist.
        return obj is not None

    def get_urls(self) -> list[URLPattern]:
        return []
