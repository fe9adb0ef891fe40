"""Replacement of Django's model admins on an ``AdminSite``."""

from django.contrib import admin
from django.db.models import Model


def replace_base(site: admin.AdminSite, model: type[Model], ours: type[admin.ModelAdmin]) -> None:
    """
    Register ``ours`` for ``model`` if exactly the class that it extends is registered.

    A model admin of the site's own, which can add the inline itself, is not replaced; nor is an unregistered ``model``.
    """
    if site.is_registered(model) and type(site.get_model_admin(model)) is ours.__base__:
        site.unregister(model)
        site.register(model, ours)
