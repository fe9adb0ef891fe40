"""Record expired client secrets in the audit trail."""

from typing import Any

from django.utils import timezone

from ...conf import missing_settings
from ..model_command import ModelCommand

if not missing_settings():
    from ... import maintenance


class Command(ModelCommand):
    help = "Write an audit event for each client secret that has expired since the last time."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Expired: {maintenance.note_expired_secrets(timezone.now())}")
