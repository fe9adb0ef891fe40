"""
Placeholders for our models while the settings are not complete, so that the site's other checks can run.

Django and the toolkit resolve each swapped model that the settings name, even where others are missing. So each named
one is defined with the toolkit's own fields; the others remain the toolkit's, and no two models clash. Placeholders are
unmanaged: they have no migrations and no tables.
"""

from typing import Any

from django.conf import settings
from django.db import models
from oauth2_provider import models as toolkit

from .conf import SWAPPED_MODELS


def define() -> list[type[models.Model]]:
    """Define, and so register, a placeholder for each of our six models that the settings name."""
    named = (model for name, model in SWAPPED_MODELS.items() if getattr(settings, name, None) == model)
    return [_placeholder(model.rpartition(".")[2]) for model in named]


def _placeholder(name: str) -> type[models.Model]:
    abstract: Any = getattr(toolkit, f"Abstract{name}")
    meta = type("Meta", (abstract.Meta,), {"abstract": False, "managed": False})
    return type(name, (abstract,), {"__module__": __name__, "Meta": meta})
