"""Organizations, people and requests."""

from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models

KEY_CONTACT = "key contact"
SEE_EVERYTHING = frozenset({"specialist", "auditor", "account administrator"})


class BelongsToOrganizationQuerySet(models.QuerySet[Any]):
    """Rows that belong to an organization and, by the field `owner`, to a user."""

    owner: str

    def visible_to(self, user: AbstractUser) -> Self:
        """Filter by role: a key contact sees their own organization's rows, a user without any role only their own."""
        roles = frozenset(user.groups.values_list("name", flat=True))
        if not roles:
            return self.filter(**{self.owner: user})
        if KEY_CONTACT in roles and not roles & SEE_EVERYTHING:
            return self.filter(organization__people__user=user)
        return self


class PersonQuerySet(BelongsToOrganizationQuerySet):
    """People; each row belongs to its own user."""

    owner = "user"


class RequestQuerySet(BelongsToOrganizationQuerySet):
    """Requests; each belongs to the user who made it."""

    owner = "requested_by"


class Organization(models.Model):
    """A customer of the service desk."""

    name = models.CharField(max_length=200, unique=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Person(models.Model):
    """A user's name, job title and organization."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="person")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="people")
    name = models.CharField(max_length=200)
    job_title = models.CharField(max_length=200, blank=True)

    objects = PersonQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return self.name


class Request(models.Model):
    """A request to the service desk."""

    class Status(models.TextChoices):
        """Progress of a request."""

        REGISTERED = "registered", "Registered"
        IN_PROGRESS = "in_progress", "In progress"
        COMPLETED = "completed", "Completed"

    subject = models.CharField(max_length=200)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.REGISTERED)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="requests", null=True, blank=True
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, related_name="service_desk_requests", null=True, blank=True
    )
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.subject
