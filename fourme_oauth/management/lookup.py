"""Look up users and applications by the names given to a command."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.core.management.base import CommandError

from ..models import Application, token_endpoint_queries


def user_by_name(name: str) -> AbstractUser:
    """Return the user with this name. Raises ``CommandError``."""
    users = get_user_model()
    try:
        found: AbstractUser = users._default_manager.get_by_natural_key(name)
    except users.DoesNotExist:
        raise CommandError(f"There is no user {name!r}.") from None
    return found


def application_by_client_id(client_id: str) -> Application:
    """Return the application with this client ID. Raises ``CommandError``."""
    found = token_endpoint_queries.find_application(client_id)
    if found is None:
        raise CommandError(f"There is no application with the client ID {client_id!r}.")
    return found
