"""Measure a page: its queries, its duration, and the sequential scans that EXPLAIN finds."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

LARGE = frozenset(
    {
        "fourme_oauth_authorization",
        "fourme_oauth_auditevent",
        "oauth2_provider_accesstoken",
        "oauth2_provider_refreshtoken",
        "oauth2_provider_grant",
        "auth_user",
    }
)
"""The tables that grow with the number of users."""
FEW = 10_000
"""A table with fewer rows is never reported: scanning it is cheap."""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """Measurements of one request for a page."""

    statements: list[tuple[str, Any]]
    milliseconds: float
    scans: list[str]
    """Large tables with a sequential scan."""


def opened(visit: Callable[[], object]) -> Opened:
    """Open a page and measure it; its SELECT statements are explained afterwards, outside of the measurement."""
    from django.db import connection

    statements: list[tuple[str, Any]] = []

    def record(execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Any) -> Any:
        statements.append((sql, parameters))
        return execute(sql, parameters, many, context)

    started = time.perf_counter()
    with connection.execute_wrapper(record):
        visit()
    milliseconds = (time.perf_counter() - started) * 1000
    return Opened(statements=statements, milliseconds=milliseconds, scans=list(_scans(statements)))


def _scans(statements: list[tuple[str, Any]]) -> Iterator[str]:
    from django.db import connection

    large = _large()
    for sql, parameters in statements:
        if not sql.lstrip().upper().startswith("SELECT"):
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", parameters)
            plan = cursor.fetchone()[0][0]["Plan"]
        yield from (table for table in _sequential_scans(plan) if table in large)


def _large() -> set[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples >= %s", [FEW])
        return {name for (name,) in cursor.fetchall()} & LARGE


def _sequential_scans(plan: dict[str, Any]) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for part in plan.get("Plans", []):
        yield from _sequential_scans(part)
