"""Delete audit events that are older than the retention period."""

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from ...conf import missing_settings
from ..model_command import ModelCommand

if not missing_settings():
    from ... import maintenance
    from ...models import AuditEvent


class Command(ModelCommand):
    help = "Delete the audit events that are older than FOURME_OAUTH['AUDIT_RETENTION_DAYS'] days."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="print how many would be deleted, and delete none")

    def handle(self, *args: Any, **options: Any) -> None:
        before = maintenance.kept_until(timezone.now())
        if before is None:
            self.stdout.write("Every audit event is kept: FOURME_OAUTH['AUDIT_RETENTION_DAYS'] says nothing else.")
        elif options["dry_run"]:
            number = AuditEvent.objects.older_than(before).count()
            self.stdout.write(f"This would delete the audit events from before {before.isoformat()}: {number}")
        else:
            number = maintenance.delete_old_audit_events(before)
            self.stdout.write(f"Deleted the audit events from before {before.isoformat()}: {number}")
