"""Act for every connected user without a browser (offline access)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from demo_project.third_party import credentials, errands
from demo_project.third_party.refusals import RefusalError
from demo_project.third_party.visitors import Visitor


class Command(BaseCommand):
    """`manage.py third_party_background_action`, for a cron job. Uses no database."""

    help = "Refresh the tokens of every user connected to Acme Dashboard, and submit a request on their behalf."
    requires_system_checks = ()  # they check the service, not this application

    def handle(self, **options: Any) -> None:
        """Print a line for each visitor. Exit status 1 if any failed for a reason that only an operator can fix."""
        try:
            credentials.load()
        except credentials.NotRegisteredError:
            raise CommandError("Acme Dashboard has no credentials yet. Run “manage.py demo” to register it.") from None
        connected = (visitor for visitor in Visitor.all() if visitor.token)
        visitors = sorted(connected, key=lambda visitor: visitor.username)
        if not visitors:
            self.stdout.write("Nobody is connected.")
        failed = sum(not self._act_for(visitor) for visitor in visitors)
        if failed:
            raise CommandError(f"{failed} of {len(visitors)} failed: see above.")

    def _act_for(self, visitor: Visitor) -> bool:
        """Print the result for one visitor. Return False if it failed for a technical reason."""
        name = visitor.username  # `visitor` forgets it when its access has ended
        try:
            result, technical = errands.weekly_review(visitor), False
        except RefusalError as refusal:
            result, technical = str(refusal), refusal.technical
        self.stdout.write(f"{visitor.username or name or 'somebody'}: {result}")
        return not technical
