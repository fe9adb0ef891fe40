"""Say what an application may do for a user now, scope by scope, and why not more."""

import json
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.core.management.base import BaseCommand, CommandError

from ...explanation import Explanation, Line, explain
from ...models import Application


class Command(BaseCommand):
    help = "Say what an application may do for a user now, scope by scope, and why not more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--application", metavar="CLIENT_ID", required=True, help="by its client ID")
        parser.add_argument("--user", metavar="NAME", required=True, help="by user name")
        parser.add_argument("--json", action="store_true", help="one JSON document, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        explanation = explain(_user(options["user"]), _application(options["application"]))
        if options["json"]:
            self.stdout.write(json.dumps(explanation.document(), ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(_text(explanation)))


def _text(explanation: Explanation) -> list[str]:
    standing = explanation.authorization
    used = standing.last_used_at if standing else None
    return [
        f"{explanation.application.name} for {explanation.user.get_username()}",
        f"  roles: {', '.join(explanation.roles) or 'none'}",
        f"  authorized since: {standing.granted_at.isoformat() if standing else 'not authorized'}",
        f"  last used: {used.isoformat() if used else 'never'}",
        *_table(explanation.lines),
        *(["by its own credentials, acting as this user:", *_table(explanation.own)] if explanation.own else []),
    ]


def _table(lines: tuple[Line, ...]) -> list[str]:
    width = max((len(line.scope) for line in lines), default=0)
    return [f"  {line.scope:<{width}}  {line.verdict:<20}  {line.reason}" for line in lines]


def _user(name: str) -> AbstractUser:
    users = get_user_model()
    try:
        found: AbstractUser = users._default_manager.get_by_natural_key(name)
    except users.DoesNotExist:
        raise CommandError(f"There is no user {name!r}.") from None
    return found


def _application(client_id: str) -> Application:
    found: Application | None = Application.objects.filter(client_id=client_id).first()
    # MariaDB finds other cases of the letters too.
    if found is None or found.client_id != client_id:
        raise CommandError(f"There is no application with the client ID {client_id!r}.")
    return found
