"""An API with DRF's own ``TokenAuthentication``, which checks no scope and no role."""

from django.urls import path
from rest_framework.authentication import TokenAuthentication
from rest_framework.authtoken.models import Token
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from benchmarks.sites.people import users_with_role


class UsernameView(APIView):
    """Returns the authenticated user's name."""

    authentication_classes = (TokenAuthentication,)
    permission_classes = (IsAuthenticated,)

    def get(self, request: Request) -> Response:
        """Return the name."""
        return Response({"username": request.user.get_username()})


urlpatterns = [path("", UsernameView.as_view())]


def fill() -> list[str]:
    """Fill an empty site, and return a value of the ``Authorization`` header for each user."""
    return [f"Token {Token.objects.create(user=user).key}" for user in users_with_role()[1]]
