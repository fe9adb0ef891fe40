"""An API under DRF's own ``TokenAuthentication``, which checks no scope and no role."""

from django.urls import path
from rest_framework.authentication import TokenAuthentication
from rest_framework.authtoken.models import Token
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from benchmarks.sites.people import with_a_role


class Answer(APIView):
    """Says who asks."""

    authentication_classes = (TokenAuthentication,)
    permission_classes = (IsAuthenticated,)

    def get(self, request: Request) -> Response:
        """Answer."""
        return Response({"username": request.user.get_username()})


urlpatterns = [path("", Answer.as_view())]


def fill() -> list[str]:
    """Fill an empty site and return what goes into the header ``Authorization``."""
    return [f"Token {Token.objects.create(user=user).key}" for user in with_a_role()[1]]
