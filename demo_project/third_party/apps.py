"""The third-party application as a Django app, for its templates."""

from django.apps import AppConfig


class ThirdPartyConfig(AppConfig):
    """It has no models."""

    name = "demo_project.third_party"
    verbose_name = "Acme Dashboard"
