"""Audit events as CSV (RFC 4180), for a spreadsheet or another system."""

import csv
import json
from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet

from ..models import AuditEvent

COLUMNS = ("at", "kind", "client_id", "username", "by", "ip_address", "details")
"""The column names, which programs read: not translated."""
EXPORT_BATCH_SIZE = 2_000
"""Rows per query, and in memory at a time."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Leading characters that make a spreadsheet evaluate a cell (CSV injection)."""


class Echo:
    """A file-like object whose ``write`` returns the text, so that ``csv.writer`` can be streamed."""

    def write(self, line: str) -> str:
        return line


def csv_of(events: QuerySet[AuditEvent]) -> Iterator[str]:
    """Yield ``events`` as CSV lines, newest first; times are ISO 8601 with a UTC offset."""
    writer = csv.writer(Echo())
    yield writer.writerow(COLUMNS)
    for event in _in_batches(events):
        yield writer.writerow(_without_formula(text) for text in _row(event))


def _in_batches(events: QuerySet[AuditEvent]) -> Iterator[AuditEvent]:
    # Keyset pagination, not iterator(): some drivers fetch all rows at once, some poolers have no cursors.
    events = events.select_related(None).order_by("-at", "-pk")
    batch = list(events[:EXPORT_BATCH_SIZE])
    while batch:
        yield from batch
        last = batch[-1]
        # The first condition is redundant, but an index supports it.
        older = events.filter(at__lte=last.at).filter(Q(at__lt=last.at) | Q(pk__lt=last.pk))
        batch = list(older[:EXPORT_BATCH_SIZE])


def _row(event: AuditEvent) -> tuple[str, ...]:
    details: dict[str, Any] = event.details
    return (
        event.at.isoformat(),
        event.kind,
        event.client_id,
        event.username,
        event.by_username,
        event.ip_address or "",
        json.dumps(details, ensure_ascii=False, sort_keys=True),
    )


def _without_formula(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
