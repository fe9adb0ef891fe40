"""
What stands in the place of our models while the settings are not complete, so that Django's other checks can run.

The toolkit, and Django for it, look up the models that the settings name, whether or not the rest is there. So each of
the six that is named is defined, with the toolkit's own columns; those that are not named are the toolkit's. There is
one model of each kind then, and no two clash. No migration and no table is made for a placeholder.
"""

from typing import Any

from django.conf import settings
from django.db import models
from oauth2_provider import models as toolkit

from .conf import SWAPPED_MODELS


def define() -> list[type[models.Model]]:
    """Define, and so register, a placeholder for each of the six models of ours that the settings name."""
    named = (model for name, model in SWAPPED_MODELS.items() if getattr(settings, name, None) == model)
    return [_placeholder(model.rpartition(".")[2]) for model in named]


def _placeholder(name: str) -> type[models.Model]:
    abstract: Any = getattr(toolkit, f"Abstract{name}")
    meta = type("Meta", (abstract.Meta,), {"abstract": False, "managed": False})
    return type(name, (abstract,), {"__module__": __name__, "Meta": meta})
