"""The place that our classes take on the site's AdminSite."""

from django.contrib import admin
from django.db.models import Model


def replace_base(site: admin.AdminSite, model: type[Model], ours: type[admin.ModelAdmin]) -> None:
    """
    Register ``ours`` for ``model`` in the place of the class that it extends, and of no other.

    A class of the site's own, which adds the inline itself, is left alone; so is a ``model`` that is not registered.
    """
    if site.is_registered(model) and type(site.get_model_admin(model)) is ours.__base__:
        site.unregister(model)
        site.register(model, ours)
