"""Which scope opens which endpoint, and which roles permit it?"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.core.management.base import CommandError
from django.db import OperationalError, ProgrammingError

from ...conf import missing_settings
from ..model_command import ModelCommand

if not missing_settings():
    from ...models import Scope
    from ...scope_coverage.endpoints import Endpoint, endpoints

HEADINGS = ("Scope", "Endpoint", "Method", "Roles")
WITHOUT_A_SCOPE = {
    "any token": "(any living token)",
    "closed": "(closed to applications)",
    "not asked": "(no scope is asked for)",
    "mistake": "(can't be read: see manage.py check)",
}


class Row(NamedTuple):
    """One way into one endpoint, from the side of one scope."""

    access: str
    """``scope``, or a key of ``WITHOUT_A_SCOPE``."""
    scope: str | None
    together_with: tuple[str, ...]
    """The other scopes that this way needs."""
    endpoint: str | None
    """``None`` for a scope that opens nothing."""
    method: str | None
    view: str | None


class Command(ModelCommand):
    help = "Print which scope opens which endpoint to bearer tokens, and which roles permit it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=["text", "markdown", "json"], default="text", help="how to print it")

    def handle(self, *args: Any, **options: Any) -> None:
        write = {"text": _text, "markdown": _markdown, "json": _json}[options["format"]]
        roles = _roles()
        self.stdout.write(write(_rows(endpoints(), roles), roles))


def _roles() -> dict[str, list[str]]:
    """Return the roles that permit each scope of the catalogue; none where it is permitted to everybody."""
    scopes = Scope.objects.in_catalogue().prefetch_related("roles")
    try:
        return {scope.name: sorted(role.name for role in scope.roles.all()) for scope in scopes}
    except (OperationalError, ProgrammingError) as fault:
        raise CommandError(f"The catalogue can't be read. Has the site been migrated? {fault}") from fault


def _rows(found: list[Endpoint], roles: dict[str, list[str]]) -> list[Row]:
    """Return what each scope opens, by scope; then, what opens without one."""
    rows = [row for each in found for row in _rows_of(each)]
    needless = roles.keys() - {row.scope for row in rows}
    rows += [Row("scope", name, (), None, None, None) for name in needless]
    return sorted(rows, key=lambda row: (row.scope is None, row.scope or row.access, row.endpoint or "", row[4:]))


def _rows_of(endpoint: Endpoint) -> Iterator[Row]:
    where = (endpoint.path, endpoint.method, endpoint.view)
    if access := _without_a_scope(endpoint):
        yield Row(access, None, (), *where)
    for alternative in endpoint.declaration.alternatives if endpoint.declaration and not access else ():
        for scope in alternative:
            yield Row("scope", scope, tuple(sorted(alternative - {scope})), *where)


def _without_a_scope(endpoint: Endpoint) -> str:
    if endpoint.mistake:
        return "mistake"
    if not endpoint.asks_for_scopes:
        return "not asked"
    if endpoint.declaration is None:
        return "closed"
    return "" if endpoint.scopes else "any token"


def _cells(row: Row, roles: dict[str, list[str]]) -> tuple[str, ...]:
    together = f" (with {', '.join(row.together_with)})" if row.together_with else ""
    scope = WITHOUT_A_SCOPE[row.access] if row.scope is None else row.scope + together
    return scope, row.endpoint or "(none)", row.method or "", _permitted_to(row, roles)


def _permitted_to(row: Row, roles: dict[str, list[str]]) -> str:
    if row.scope is None:
        return ""
    return (", ".join(roles[row.scope]) or "(everybody)") if row.scope in roles else "(not in the catalogue)"


def _text(rows: list[Row], roles: dict[str, list[str]]) -> str:
    table = [HEADINGS, *(_cells(row, roles) for row in rows)]
    widths = [max(len(cells[column]) for cells in table) for column in range(len(HEADINGS))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) for cells in table)
    return "\n".join(line.rstrip() for line in lines)


def _markdown(rows: list[Row], roles: dict[str, list[str]]) -> str:
    table = [HEADINGS, ("---",) * len(HEADINGS), *(_cells(row, roles) for row in rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |" for cells in table)


def _json(rows: list[Row], roles: dict[str, list[str]]) -> str:
    entries = [
        {**row._asdict(), "roles": roles.get(row.scope or ""), "in_catalogue": row.scope in roles} for row in rows
    ]
    return json.dumps(entries, indent=2)
