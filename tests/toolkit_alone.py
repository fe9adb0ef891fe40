"""Rows as a worker writes them that runs the toolkit alone, on the same database as workers that run this package."""

from django.db.models import QuerySet
from oauth2_provider import models

NAMES = ("Application", "Grant", "AccessToken", "RefreshToken", "IDToken", "DeviceGrant")


def model(name):
    """The toolkit's own model, in whose place ours stands: its statements name the toolkit's columns only."""
    return getattr(models, name)


def rows(name):
    """The rows of its table. A model that another takes the place of has no manager."""
    return QuerySet(model(name))
