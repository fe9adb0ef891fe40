"""
Views of the API. `required_scopes` names the scopes of each method; `HasEffectiveScope` enforces them.

Scopes limit what an application may do on behalf of a user. Which rows the user may see is the service desk's own
rule, in the querysets.
"""

from typing import Any, ClassVar, cast

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from demo_project.service_desk.models import Person, Request
from demo_project.service_desk.pagination import LinkedPages
from demo_project.service_desk.serializers import MeSerializer, PersonSerializer, RequestSerializer


def user_of(request: ApiRequest) -> User:
    """Return the authenticated user. `HasEffectiveScope` has refused anonymous requests before."""
    return cast("User", request.user)


class RequestViewSet(
    mixins.ListModelMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    GenericViewSet[Request],
):
    """Requests: list, create, read, update."""

    http_method_names = ("get", "post", "patch", "head", "options")
    pagination_class = LinkedPages
    queryset = Request.objects.none()  # for drf-spectacular: the type of the primary key
    required_scopes: ClassVar = {"GET": ["request:read"], "POST": ["request:create"], "PATCH": ["request:update"]}
    serializer_class = RequestSerializer

    def get_queryset(self) -> QuerySet[Request]:
        """Return the rows that the user may see."""
        return Request.objects.visible_to(user_of(self.request)).select_related("organization", "requested_by")

    def perform_create(self, serializer: BaseSerializer[Request]) -> None:
        """Set the requester and their organization from the authenticated user."""
        user = user_of(self.request)
        person = Person.objects.filter(user=user).select_related("organization").first()
        serializer.save(requested_by=user, organization=person and person.organization)


class PersonViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.UpdateModelMixin, GenericViewSet[Person]):
    """People: list, read, update."""

    http_method_names = ("get", "patch", "head", "options")
    pagination_class = LinkedPages
    queryset = Person.objects.none()  # for drf-spectacular: the type of the primary key
    required_scopes: ClassVar = {"GET": ["person:read"], "PATCH": ["person:update"]}
    serializer_class = PersonSerializer

    def get_queryset(self) -> QuerySet[Person]:
        """Return the rows that the user may see."""
        return Person.objects.visible_to(user_of(self.request)).select_related("user", "organization")


class MeView(APIView):
    """The authenticated user, their roles, and a verdict on each scope for this token."""

    required_scopes: ClassVar = {"GET": ["account:read"]}

    @extend_schema(responses=MeSerializer)
    def get(self, request: ApiRequest) -> Response:
        """Return username, roles and verdicts. `scopes` is empty with session authentication: there is no token."""
        user = user_of(request)
        return Response(
            {
                "username": user.get_username(),
                "roles": sorted(user.groups.values_list("name", flat=True)),
                "scopes": self.verdicts(request.auth),
            }
        )

    @staticmethod
    def verdicts(token: Any) -> dict[str, str]:
        """Return a verdict for each scope of the catalogue."""
        return {name: str(verdict) for name, verdict in token.explain().items()} if token is not None else {}


@csrf_exempt
def not_found(request: HttpRequest) -> JsonResponse:
    """Return 404 as JSON, for any unknown URL below the API."""
    return JsonResponse({"detail": "Not found."}, status=404)
