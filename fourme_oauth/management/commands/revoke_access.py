"""Revoke access of a user, of an application, since a given time, or of any of these combined."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from ...conf import missing_settings
from ..model_command import ModelCommand

if not missing_settings():
    from ... import revocation
    from ...models import Application
    from ...revocation import TokenCounts
    from ..lookup import application_by_client_id, user_by_name


class Command(ModelCommand):
    help = "Revoke access of applications, and print what was revoked. Options given together are combined with AND."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", metavar="NAME", help="the authorizations of this user, by user name")
        parser.add_argument("--application", metavar="CLIENT_ID", help="all access of this application, by client ID")
        parser.add_argument("--since", metavar="MOMENT", help="what was allowed or issued since this time, in ISO 8601")
        parser.add_argument("--dry-run", action="store_true", help="print what would be revoked, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen: dict[str, Any] = {
            "user": options["user"] and user_by_name(options["user"]),
            "application": options["application"] and application_by_client_id(options["application"]),
            "since": options["since"] and _moment(options["since"]),
        }
        if not any(chosen.values()):
            raise CommandError("Say what to end: --user, --application, --since, or several of them.")
        hit = list(revocation.standing_authorizations(**chosen).values_list("user", "application"))
        ended = revocation.count_live(**chosen) if options["dry_run"] else _end(**chosen)
        self.stdout.write("This would end:" if options["dry_run"] else "Ended:")
        self.stdout.write(f"  users: {len({user for user, _ in hit})}")
        self.stdout.write(f"  applications: {len({application for _, application in hit})}")
        self.stdout.write(f"  codes: {ended.codes}")
        self.stdout.write(f"  refresh tokens: {ended.refresh_tokens}")
        self.stdout.write(f"  access tokens: {ended.access_tokens}")


def _end(*, user: AbstractUser | None, application: Application | None, since: datetime | None) -> TokenCounts:
    if since is not None:
        return revocation.end_since(since, user=user, application=application)
    if application is not None and user is None:
        return revocation.end_application(application)
    return revocation.revoke_several(revocation.standing_authorizations(user=user, application=application))


def _moment(text: str) -> datetime:
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        raise CommandError(f"{text!r} is no moment: write 2026-01-31T12:00 or 2026-01-31T12:00+01:00.")
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment
