"""A lower bound: one hand-written query that looks up a token and its user by key."""

from hashlib import sha256

from django.contrib.auth.models import User
from django.db import connection
from django.urls import path
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from benchmarks.sites import bearer_ours

STATEMENT = """
SELECT auth_user.id, auth_user.username, auth_user.is_active FROM oauth2_provider_accesstoken token
JOIN auth_user ON auth_user.id = token.user_id WHERE token.token_checksum = %s AND token.expires > %s
"""


class RawAuthentication(BaseAuthentication):
    """Checks neither scope nor role; the user has only the selected columns."""

    def authenticate(self, request: Request) -> tuple[User, None]:
        """Return the user of the token."""
        text = request.META["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
        with connection.cursor() as cursor:
            cursor.execute(STATEMENT, [sha256(text.encode()).hexdigest(), timezone.now()])
            row = cursor.fetchone()
        if row is None:
            raise AuthenticationFailed
        return User(id=row[0], username=row[1], is_active=row[2]), None


class UsernameView(APIView):
    """Returns the authenticated user's name."""

    authentication_classes = (RawAuthentication,)
    permission_classes = ()

    def get(self, request: Request) -> Response:
        """Return the name."""
        return Response({"username": request.user.get_username()})


urlpatterns = [path("", UsernameView.as_view())]
fill = bearer_ours.fill
