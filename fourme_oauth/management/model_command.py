"""Base class of the commands that need our models."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from ..conf import require_complete_settings


class ModelCommand(BaseCommand):
    """Raises ``CommandError`` with what is missing while the settings are not complete and there are no models."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            require_complete_settings()
        except ImproperlyConfigured as fault:
            raise CommandError(str(fault)) from None
        return super().execute(*args, **options)
