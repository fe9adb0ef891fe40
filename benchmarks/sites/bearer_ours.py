"""An API with this package: each request checks that the scope is granted, allowed and permitted."""

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar

from django.contrib.auth.models import User
from django.urls import path
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from benchmarks.sites.contents import SCOPES, application
from benchmarks.sites.people import users_with_role
from fourme_oauth import consent
from fourme_oauth.actor import Actor
from fourme_oauth.models import AccessToken, Application, Scope
from fourme_oauth.models.credentials import ACCESS_TOKEN_PREFIX, digest, generate
from fourme_oauth.rest_framework import HasEffectiveScope, OAuth2Authentication


class UsernameView(APIView):
    """Returns the authenticated user's name."""

    authentication_classes = (OAuth2Authentication,)
    permission_classes = (HasEffectiveScope,)
    required_scopes: ClassVar = ["read"]

    def get(self, request: Request) -> Response:
        """Return the name."""
        return Response({"username": request.user.get_username()})


urlpatterns = [path("", UsernameView.as_view())]


def fill() -> list[str]:
    """Fill an empty site, and return a value of the ``Authorization`` header for each user."""
    role, users = users_with_role()
    scopes = [Scope.objects.create(name=name, wording=name) for name in SCOPES.split()]
    for scope in scopes:
        scope.roles.add(role)
    registered = application()
    registered.scopes.set(scopes)
    return [f"Bearer {text}" for text in _tokens(users, registered)]


def _tokens(users: list[User], registered: Application) -> Iterator[str]:
    for user in users:
        access_request = consent.AccessRequest(user=user, application=registered, scopes=frozenset(SCOPES.split()))
        authorization = consent.allow(consent.question(access_request), by=Actor(user))
        text = generate(ACCESS_TOKEN_PREFIX)
        AccessToken.objects.create(
            user=user,
            application=registered,
            application_generation=registered.generation,
            authorization_generation=authorization.generation,
            token_checksum=digest(text),
            expires=timezone.now() + timedelta(days=1),
            scope=SCOPES,
        )
        yield text
