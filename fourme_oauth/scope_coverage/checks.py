"""System checks that compare the API's views, their declared scopes, and the catalogue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, Info, Warning
from django.db import router

from ..models import Scope
from .endpoints import Endpoint, endpoints

OPEN = "every application may use it, whatever scopes it was granted"
CLOSED = "it is closed to every application"


def check_coverage(databases: Collection[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Report differences between views, declarations and the catalogue; the latter only where a query is allowed."""
    found = endpoints()
    catalogue = _catalogue(databases or ()) if found else []
    return [
        *declarations_can_be_read(found),
        *scopes_are_declared(found),
        *declarations_have_an_effect(found),
        # With an empty catalogue, the site is still being set up.
        *(_compared(found, catalogue) if catalogue else []),
    ]


def _compared(found: list[Endpoint], catalogue: list[Scope]) -> Iterator[CheckMessage]:
    yield from declared_scopes_are_in_the_catalogue(found, catalogue)
    yield from declared_scopes_have_wording(found, catalogue)
    yield from scopes_are_required(found, catalogue)


def declarations_can_be_read(found: Iterable[Endpoint]) -> Iterator[CheckMessage]:
    for view, mistake in sorted({(each.view, each.mistake) for each in found if each.mistake}):
        yield Error(
            f"required_scopes of {view} can't be read, so every request with a token would be an error: {mistake}",
            hint='Write required_scopes = ["request:read"], or a dict of such lists by HTTP method or action.',
            id="fourme_oauth.E008",
        )


def scopes_are_declared(found: Iterable[Endpoint]) -> Iterator[CheckMessage]:
    undeclared: dict[tuple[str, bool], set[str]] = defaultdict(set)
    for each in found:
        if not each.declares:
            undeclared[each.view, each.asks_for_scopes].add(each.action)
    for (view, asks), actions in sorted(undeclared.items()):
        asking = "" if asks else " Also add HasEffectiveScope to its permission_classes."
        yield Warning(
            f"{view} declares no scope{_for(actions)}, so {CLOSED if asks else OPEN}.",
            hint='Add required_scopes = ["request:read"], with the scope it needs, to the class, or '
            '@required_scopes(["request:read"]) above @api_view; [] where any living token will do.' + asking,
            id="fourme_oauth.W003",
        )


def declarations_have_an_effect(found: Iterable[Endpoint]) -> Iterator[CheckMessage]:
    for view in sorted({each.view for each in found if _is_not_asked(each)}):
        yield Warning(
            f"{view} declares scopes and asks for none, so {OPEN}.",
            hint="Add HasEffectiveScope to its permission_classes.",
            id="fourme_oauth.W004",
        )


def declared_scopes_are_in_the_catalogue(found: list[Endpoint], catalogue: list[Scope]) -> Iterator[CheckMessage]:
    retired = {scope.name: scope.retired for scope in catalogue}
    for scope, views in _views(found):
        if retired.get(scope, True):
            fault = "is retired" if scope in retired else "is not in the catalogue"
            yield Warning(
                f"The scope {scope!r}, required by {views}, {fault}, so nobody can be granted it.",
                hint="Add it in the admin, or take its retirement back there, or correct its name in required_scopes.",
                id="fourme_oauth.W005",
            )


def declared_scopes_have_wording(found: list[Endpoint], catalogue: list[Scope]) -> Iterator[CheckMessage]:
    wordless = {scope.name for scope in catalogue if not scope.retired and not scope.wording.strip()}
    for scope, views in _views(found):
        if scope in wordless:
            yield Warning(
                f"The scope {scope!r}, required by {views}, has no wording, so users are not told what they allow.",
                hint="Say in the admin what it lets an application do.",
                id="fourme_oauth.W006",
            )


def scopes_are_required(found: list[Endpoint], catalogue: list[Scope]) -> Iterator[CheckMessage]:
    required = frozenset().union(*(each.scopes for each in found))
    for scope in catalogue:
        if not scope.retired and scope.name not in required:
            yield Info(
                f"The scope {scope.name!r} is in the catalogue, and no view requires it.",
                hint="Retire it in the admin, or have a view require it.",
                id="fourme_oauth.I001",
            )


def _catalogue(databases: Collection[str]) -> list[Scope]:
    """Return every scope, retired ones too; none where the database can't or mustn't be queried."""
    database = router.db_for_read(Scope)
    if database not in databases:
        return []
    try:
        return list(Scope.objects.using(database).only("name", "wording", "retired").order_by("name"))
    except Exception:
        # No table yet, no database, or a test without one: other checks report that.
        return []


def _is_not_asked(endpoint: Endpoint) -> bool:
    """Does the view declare scopes, or close a method, without a permission class that enforces it?"""
    says_more = endpoint.declaration is None or bool(endpoint.scopes)
    return endpoint.declares and says_more and not endpoint.asks_for_scopes


def _for(actions: set[str]) -> str:
    """Return the actions of a viewset as part of a sentence."""
    return f" for {', '.join(sorted(actions))}" if actions != {""} else ""


def _views(found: Iterable[Endpoint]) -> Iterator[tuple[str, str]]:
    """Yield each scope with the views that declare it."""
    views: dict[str, set[str]] = defaultdict(set)
    for each in found:
        for scope in each.scopes:
            views[scope].add(each.view)
    yield from ((scope, ", ".join(sorted(views[scope]))) for scope in sorted(views))
