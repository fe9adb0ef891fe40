"""
The API. Each view says which scope a bearer token needs for each method; `HasEffectiveScope` does the rest.

Scopes limit what an application may do on behalf of a user. What the user may see at all is the service desk's own
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
    """Return whom the permission has let through: nobody anonymous."""
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
    queryset = Request.objects.none()  # tells the OpenAPI document the type of the key
    required_scopes: ClassVar = {"GET": ["request:read"], "POST": ["request:create"], "PATCH": ["request:update"]}
    serializer_class = RequestSerializer

    def get_queryset(self) -> QuerySet[Request]:
        """Return what the user may see."""
        return Request.objects.visible_to(user_of(self.request)).select_related("organization", "requested_by")

    def perform_create(self, serializer: BaseSerializer[Request]) -> None:
        """Put the request in the organization of who asks."""
        user = user_of(self.request)
        person = Person.objects.filter(user=user).select_related("organization").first()
        serializer.save(requested_by=user, organization=person and person.organization)


class PersonViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.UpdateModelMixin, GenericViewSet[Person]):
    """People: list, read, update."""

    http_method_names = ("get", "patch", "head", "options")
    pagination_class = LinkedPages
    queryset = Person.objects.none()  # tells the OpenAPI document the type of the key
    required_scopes: ClassVar = {"GET": ["person:read"], "PATCH": ["person:update"]}
    serializer_class = PersonSerializer

    def get_queryset(self) -> QuerySet[Person]:
        """Return what the user may see."""
        return Person.objects.visible_to(user_of(self.request)).select_related("user", "organization")


class MeView(APIView):
    """Who is calling, with which roles, and which scopes are in effect for this token and why the others are not."""

    required_scopes: ClassVar = {"GET": ["account:read"]}

    @extend_schema(responses=MeSerializer)
    def get(self, request: ApiRequest) -> Response:
        """Answer for the user of this request. A person who is signed in with a session has no token to explain."""
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
def nothing_here(request: HttpRequest) -> JsonResponse:
    """Say so in JSON: clients of an API do not read pages."""
    return JsonResponse({"detail": "Not found."}, status=404)
