"""The type of a request whose view lets nobody in but signed-in users."""

from django.contrib.auth.models import AbstractUser
from django.http import HttpRequest


class AuthenticatedHttpRequest(HttpRequest):
    """For annotations: Django's own type says that ``user`` can be anonymous."""

    user: AbstractUser  # type: ignore[assignment]
