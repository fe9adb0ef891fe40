"""App configuration of the service desk."""

from django.apps import AppConfig


class ServiceDeskConfig(AppConfig):
    """Label `service_desk`."""

    name = "demo_project.service_desk"
    verbose_name = "Service desk"
