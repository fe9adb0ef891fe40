"""Explain the effective access of an application for a user, scope by scope."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from ...conf import missing_settings
from ..model_command import ModelCommand

if not missing_settings():
    from ...explanation import Explanation, Line, explain
    from ..lookup import application_by_client_id, user_by_name


class Command(ModelCommand):
    help = "Explain the effective access of an application for a user, scope by scope."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--application", metavar="CLIENT_ID", required=True, help="by its client ID")
        parser.add_argument("--user", metavar="NAME", required=True, help="by user name")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        explanation = explain(user_by_name(options["user"]), application_by_client_id(options["application"]))
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
