"""Type of a request in a view that requires a signed-in user."""

from django.contrib.auth.models import AbstractUser
from django.http import HttpRequest


class AuthenticatedHttpRequest(HttpRequest):
    """For annotations: in Django's own type, ``user`` can be anonymous."""

    user: AbstractUser  # type: ignore[assignment]
