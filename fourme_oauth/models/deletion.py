"""Deletion in one statement."""

from typing import Any

from django.db import models


def delete_in_one_statement(rows: models.QuerySet[Any]) -> int:
    """Delete ``rows`` without loading them, and return how many; without cascades and signals."""
    # Private, without public equivalent: QuerySet.delete() loads rows that have relations or signal receivers.
    return rows._raw_delete(rows.db)
