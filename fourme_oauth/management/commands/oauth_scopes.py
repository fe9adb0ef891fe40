"""List which scope opens which endpoint, and which roles permit it."""

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


class Permitted(NamedTuple):
    """To whom a scope is permitted."""

    for_everyone: bool
    roles: list[str]


Catalogue = dict[str, Permitted]
NOT_IN_CATALOGUE = dict.fromkeys(Permitted._fields)


class Row(NamedTuple):
    """One scope and one endpoint that it opens."""

    access: str
    """``scope``, or a key of ``WITHOUT_A_SCOPE``."""
    scope: str | None
    together_with: tuple[str, ...]
    """The other scopes that are required with it."""
    endpoint: str | None
    """``None`` for a scope that opens nothing."""
    method: str | None
    view: str | None


class Command(ModelCommand):
    help = "Print which scope opens which endpoint to bearer tokens, and which roles permit it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=["text", "markdown", "json"], default="text", help="output format")

    def handle(self, *args: Any, **options: Any) -> None:
        write = {"text": _text, "markdown": _markdown, "json": _json}[options["format"]]
        catalogue = _catalogue()
        self.stdout.write(write(_rows(endpoints(), catalogue), catalogue))


def _catalogue() -> Catalogue:
    """Return to whom each scope of the catalogue is permitted, by its name."""
    scopes = Scope.objects.in_catalogue().prefetch_related("roles")
    try:
        return {scope.name: _permitted(scope) for scope in scopes}
    except (OperationalError, ProgrammingError) as fault:
        raise CommandError(f"The catalogue can't be read. Has the site been migrated? {fault}") from fault


def _permitted(scope: Scope) -> Permitted:
    return Permitted(scope.for_everyone, sorted(role.name for role in scope.roles.all()))


def _rows(found: list[Endpoint], catalogue: Catalogue) -> list[Row]:
    """Return the endpoints by scope, and after them those that require none."""
    rows = [row for each in found for row in _rows_of(each)]
    needless = catalogue.keys() - {row.scope for row in rows}
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


def _cells(row: Row, catalogue: Catalogue) -> tuple[str, ...]:
    together = f" (with {', '.join(row.together_with)})" if row.together_with else ""
    scope = WITHOUT_A_SCOPE[row.access] if row.scope is None else row.scope + together
    return scope, row.endpoint or "(none)", row.method or "", _permitted_to(row, catalogue)


def _permitted_to(row: Row, catalogue: Catalogue) -> str:
    if row.scope is None:
        return ""
    if row.scope not in catalogue:
        return "(not in the catalogue)"
    for_everyone, roles = catalogue[row.scope]
    return "(everybody)" if for_everyone else ", ".join(roles) or "(nobody)"


def _text(rows: list[Row], catalogue: Catalogue) -> str:
    table = [HEADINGS, *(_cells(row, catalogue) for row in rows)]
    widths = [max(len(cells[column]) for cells in table) for column in range(len(HEADINGS))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) for cells in table)
    return "\n".join(line.rstrip() for line in lines)


def _markdown(rows: list[Row], catalogue: Catalogue) -> str:
    table = [HEADINGS, ("---",) * len(HEADINGS), *(_cells(row, catalogue) for row in rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |" for cells in table)


def _json(rows: list[Row], catalogue: Catalogue) -> str:
    return json.dumps([_entry(row, catalogue.get(row.scope or "")) for row in rows], indent=2)


def _entry(row: Row, permitted: Permitted | None) -> dict[str, Any]:
    known = permitted._asdict() if permitted else NOT_IN_CATALOGUE
    return {**row._asdict(), **known, "in_catalogue": permitted is not None}
