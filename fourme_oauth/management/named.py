"""Whom and what a command is about, by the names that people give it."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.core.management.base import CommandError

from ..models import Application, presented


def user_named(name: str) -> AbstractUser:
    """Return the user with this name. Raises ``CommandError``."""
    users = get_user_model()
    try:
        found: AbstractUser = users._default_manager.get_by_natural_key(name)
    except users.DoesNotExist:
        raise CommandError(f"There is no user {name!r}.") from None
    return found


def application_named(client_id: str) -> Application:
    """Return the application with this client ID. Raises ``CommandError``."""
    found = presented.find_application(client_id)
    if found is None:
        raise CommandError(f"There is no application with the client ID {client_id!r}.")
    return found
