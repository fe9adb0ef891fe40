"""Lookups of the token endpoint: an application by its client ID; a code or refresh token with its user."""

from functools import cache
from typing import TypeVar

from django.contrib.auth import get_user_model
from django.db import router

from .application import Application
from .compiled_query import CompiledQuery, columns_of
from .credentials import digest
from .tokens import Grant, RefreshToken, of_living_generations

Minted = TypeVar("Minted", Grant, RefreshToken)

ANNOTATIONS = ("authorized_scopes", "authorization_confirmed_at", "authorization_last_used_at")


def find_application(client_id: str) -> Application | None:
    """Return the application with this ``client_id``."""
    query = _application(router.db_for_read(Application))
    found = (query.instance(Application, row) for row in query.rows(client_id=client_id))
    # Compared again: some databases ignore case.
    return next((application for application in found if application.client_id == client_id), None)


def find_code(text: str, application: Application) -> Grant | None:
    """Return the code with this ``text``, used or not, if it is the application's and of the current generations."""
    return _find(Grant, application, code=digest(text))


def find_refresh_token(text: str, application: Application) -> RefreshToken | None:
    """Return the refresh token with this ``text``, rotated or not, on the same conditions."""
    return _find(RefreshToken, application, token_checksum=digest(text))


def _find(model: type[Minted], application: Application, **digest: str) -> Minted | None:
    query = _living(model, *digest, using=router.db_for_read(model))
    rows = query.rows(application=application.pk, **digest)
    if not rows:
        return None
    found = query.instance(model, rows[0])
    found.user, found.application = query.instance(get_user_model(), rows[0], prefix="user__"), application
    for name, value in zip(ANNOTATIONS, query.values(rows[0], *ANNOTATIONS), strict=True):
        setattr(found, name, value)
    return found


@cache
def _application(using: str) -> CompiledQuery:
    return CompiledQuery.of(Application.objects.using(using), by=["client_id"])


@cache
def _living(model: type[Minted], digest: str, *, using: str) -> CompiledQuery:
    columns = (*columns_of(model), *ANNOTATIONS, *columns_of(get_user_model(), prefix="user__"))
    living = of_living_generations(model._default_manager.using(using).order_by())
    return CompiledQuery.of(living, *columns, by=[digest, "application"])
