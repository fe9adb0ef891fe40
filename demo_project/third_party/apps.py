"""App configuration of the third-party application, for its templates and command."""

from django.apps import AppConfig


class ThirdPartyConfig(AppConfig):
    """Has no models."""

    name = "demo_project.third_party"
    verbose_name = "Acme Dashboard"
