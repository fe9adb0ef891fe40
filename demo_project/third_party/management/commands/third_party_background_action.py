"""What the third-party application does while its users are away."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from demo_project.third_party import credentials, errands
from demo_project.third_party.refusals import RefusalError
from demo_project.third_party.visitors import Visitor


class Command(BaseCommand):
    """`manage.py third_party_background_action`, for a cron job: no browser, no user, no database."""

    help = "Refresh the tokens of everybody who is connected to Acme Dashboard, and submit a request on their behalf."
    requires_system_checks = ()  # they are about the service

    def handle(self, **options: Any) -> None:
        """Print a line for each visitor. Exit status 1 where an operator has to look."""
        try:
            credentials.load()
        except credentials.NotRegisteredError:
            raise CommandError("Acme Dashboard has no credentials yet. Run “manage.py demo” to register it.") from None
        connected = (visitor for visitor in Visitor.everybody() if visitor.token)
        visitors = sorted(connected, key=lambda visitor: visitor.username)
        if not visitors:
            self.stdout.write("Nobody is connected.")
        failed = sum(not self._act_for(visitor) for visitor in visitors)
        if failed:
            raise CommandError(f"{failed} of {len(visitors)} failed: see above.")

    def _act_for(self, visitor: Visitor) -> bool:
        """Print what was done, or why not, and return whether the technique held."""
        who = visitor.username
        try:
            done, technical = errands.weekly_review(visitor), False
        except RefusalError as refusal:
            done, technical = str(refusal), refusal.technical
        self.stdout.write(f"{visitor.username or who or 'somebody'}: {done}")
        return not technical
