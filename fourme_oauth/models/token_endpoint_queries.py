"""What comes to the token endpoint: the ID of an application, and a code or refresh token with all that it takes."""

from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.db import models, router

from .application import Application
from .compiled_query import CompiledQuery, Parameter, columns_of, instance_of
from .credentials import digest
from .tokens import Grant, RefreshToken

Minted = TypeVar("Minted", Grant, RefreshToken)

ANNOTATIONS = ("authorized_scopes", "authorization_confirmed_at", "authorization_last_used_at")


def find_application(client_id: str) -> Application | None:
    """Return the application with this ``client_id``."""
    using = router.db_for_read(Application)
    rows = APPLICATION.rows(using, client_id=client_id)
    found = instance_of(Application, rows[0], using) if rows else None
    # Compared again: some databases take "ABC" for "abc".
    return found if found is not None and found.client_id == client_id else None


def find_code(text: str, application: Application) -> Grant | None:
    """Return the code with this ``text``, used or not, if it is the application's and of living generations."""
    return _find(Grant, CODE, text, application)


def find_refresh_token(text: str, application: Application) -> RefreshToken | None:
    """Return the refresh token with this ``text``, rotated or not, if it is the application's and as above."""
    return _find(RefreshToken, REFRESH_TOKEN, text, application)


def _find(model: type[Minted], statement: CompiledQuery, text: str, application: Application) -> Minted | None:
    using = router.db_for_read(model)
    rows = statement.rows(using, digest=digest(text), application=application.pk)
    return _instance(model, rows[0], using=using, application=application) if rows else None


def _instance(model: type[Minted], row: tuple[Any, ...], *, using: str, application: Application) -> Minted:
    own = len(columns_of(model))
    annotations, user = row[own : own + len(ANNOTATIONS)], row[own + len(ANNOTATIONS) :]
    found = instance_of(model, row[:own], using)
    for name, value in zip(ANNOTATIONS, annotations, strict=True):
        setattr(found, name, value)
    found.user, found.application = instance_of(get_user_model(), user, using), application
    return found


def _with_user(living: models.QuerySet[Minted]) -> models.QuerySet[Minted, tuple[Any, ...]]:
    application = Parameter("application", Application._meta.pk)
    columns = [*columns_of(living.model), *ANNOTATIONS, *columns_of(get_user_model(), prefix="user__")]
    return living.filter(application=application).order_by().values_list(*columns)


def _application() -> models.QuerySet[Any, tuple[Any, ...]]:
    client_id = Parameter("client_id", Application._meta.get_field("client_id"))
    found: models.QuerySet[Any, tuple[Any, ...]] = Application.objects.filter(client_id=client_id)
    return found.values_list(*columns_of(Application))


def _code() -> models.QuerySet[Grant, tuple[Any, ...]]:
    return _with_user(Grant.objects.filter(code=Parameter("digest", Grant._meta.get_field("code"))).living())


def _refresh_token() -> models.QuerySet[RefreshToken, tuple[Any, ...]]:
    checksum = Parameter("digest", RefreshToken._meta.get_field("token_checksum"))
    return _with_user(RefreshToken.objects.filter(token_checksum=checksum).living_or_rotated())


APPLICATION, CODE, REFRESH_TOKEN = CompiledQuery(_application), CompiledQuery(_code), CompiledQuery(_refresh_token)
