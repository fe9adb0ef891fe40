"""Serializers of the API."""

from typing import Any

from rest_framework import serializers

from demo_project.service_desk.models import Person, Request
from fourme_oauth.effective_access import Verdict


class RequestSerializer(serializers.ModelSerializer[Request]):
    """A request. `organization` and `requested_by` are set from the authenticated user."""

    organization = serializers.StringRelatedField[Request](read_only=True, allow_null=True)
    requested_by = serializers.StringRelatedField[Request](read_only=True, allow_null=True)

    class Meta:
        model = Request
        fields = ("id", "subject", "status", "organization", "requested_by", "created", "updated")
        read_only_fields = ("created", "updated")


class PersonSerializer(serializers.ModelSerializer[Person]):
    """A person. The user and the organization are read-only."""

    username = serializers.CharField(source="user.username", read_only=True)
    organization = serializers.StringRelatedField[Person](read_only=True)

    class Meta:
        model = Person
        fields = ("id", "username", "name", "job_title", "organization")


class MeSerializer(serializers.Serializer[Any]):
    """The authenticated user, and the verdict on each scope for the token."""

    username = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())
    scopes = serializers.DictField(
        child=serializers.ChoiceField(choices=[(verdict.value, verdict.value) for verdict in Verdict]),
        help_text="The verdict on each scope of the catalogue; empty without a token.",
    )
