"""Rows as written by a worker that runs the toolkit alone, on a database shared with workers that run this package."""

from django.db.models import QuerySet
from oauth2_provider import models

NAMES = ("Application", "Grant", "AccessToken", "RefreshToken", "IDToken", "DeviceGrant")


def model(name):
    """The toolkit's own model, in whose place ours stands: its statements name the toolkit's columns only."""
    return getattr(models, name)


def rows(name):
    """The rows of its table. A swapped model has no manager."""
    return QuerySet(model(name))
