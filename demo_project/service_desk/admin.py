"""Django admin of the service desk's models."""

from django.contrib import admin

from demo_project.service_desk.models import Organization, Person, Request

admin.site.register(Organization)


@admin.register(Person)
class PersonAdmin(admin.ModelAdmin):
    """People with their user and organization."""

    list_display = ("name", "user", "organization", "job_title")
    list_select_related = ("user", "organization")


@admin.register(Request)
class RequestAdmin(admin.ModelAdmin):
    """Requests with their status."""

    list_display = ("subject", "status", "organization", "requested_by", "created")
    list_filter = ("status", "organization")
    list_select_related = ("organization", "requested_by")
