"""Rows that go in one statement."""

from typing import Any

from django.db import models


def delete_in_one_statement(rows: models.QuerySet[Any]) -> int:
    """Delete ``rows`` without reading them, and return how many there were. What refers to them is not looked at."""
    # Private, and nothing public does it: QuerySet.delete() first reads whatever anything refers to or listens for.
    return rows._raw_delete(rows.db)
