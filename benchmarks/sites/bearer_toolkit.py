"""An API with the toolkit's own authentication and permission, and a ``has_perm`` check of the role."""

import secrets
from datetime import timedelta
from typing import ClassVar

from django.core.exceptions import PermissionDenied
from django.urls import path
from django.utils import timezone
from oauth2_provider.contrib.rest_framework import OAuth2Authentication, TokenHasScope
from oauth2_provider.models import get_access_token_model
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from benchmarks.sites.contents import SCOPES, application
from benchmarks.sites.people import users_with_role


class UsernameView(APIView):
    """Returns the authenticated user's name."""

    authentication_classes = (OAuth2Authentication,)
    permission_classes = (TokenHasScope,)
    required_scopes: ClassVar = ["read"]

    def get(self, request: Request) -> Response:
        """Return the name if the user's role has the permission."""
        if not request.user.has_perm("auth.view_user"):
            raise PermissionDenied
        return Response({"username": request.user.get_username()})


urlpatterns = [path("", UsernameView.as_view())]


def fill() -> list[str]:
    """Fill an empty site, and return a value of the ``Authorization`` header for each user."""
    registered = application()
    headers = []
    for user in users_with_role()[1]:
        text = secrets.token_urlsafe(32)
        expires = timezone.now() + timedelta(days=1)
        get_access_token_model().objects.create(
            user=user, application=registered, token=text, expires=expires, scope=SCOPES
        )
        headers.append(f"Bearer {text}")
    return headers
