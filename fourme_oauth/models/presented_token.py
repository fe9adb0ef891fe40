"""
Who holds this access token, for which application, and what do the parties say now? A request to the API asks once.

The statement never changes, so Django writes it once for each database, and every request executes it with two
parameters: the token's checksum and the time. It goes through Django's connection, so routers, execute wrappers and the
query log see it like any other. Nothing that it finds is kept for the next request: a revocation is never late.

There is a row for each scope that is ticked for the application, at least one. Names are not aggregated: MySQL cuts
that at 1,024 bytes. They are compared in Python: MariaDB may ignore case and trailing blanks.
"""

from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import OuterRef

from .application import Application
from .credentials import digest
from .scope import Scope, is_permitted
from .tokens import AccessToken

TOKEN_FIELDS = {
    *("id", "user_id", "application_id", "scope", "created", "expires"),
    *("application_generation", "authorization_generation"),
}
APPLICATION_FIELDS = {"id", "client_id", "name", "disabled", "linked_user_id"}
"""Whoever asks for another field of the application or the token gets it, by a query of its own."""

CHECKSUM, NOW = digest(""), datetime(1, 1, 2, tzinfo=UTC)
"""What stands in the statement for the two parameters while Django writes it."""


class PresentedToken(NamedTuple):
    """A token whose generations are the present ones, and what is said of its application's scopes."""

    token: AccessToken
    """With its user, whole, its application, and the annotations of ``of_living_generations``."""
    allowed: frozenset[str]
    permitted: frozenset[str]
    """Of those that are allowed."""


def find(text: str, *, now: datetime) -> PresentedToken | None:
    """Return what the access token with this ``text`` is; ``None`` for one that is unknown, expired or ended."""
    using = router.db_for_read(AccessToken)
    connection, statement = connections[using], _statement(using)
    with connection.cursor() as cursor:
        cursor.execute(statement.sql, statement.parameters(digest(text), connection.ops.adapt_datetimefield_value(now)))
        rows = cursor.fetchall()
    if not rows:
        return None
    scopes = [(name, permitted) for *_, name, permitted in rows if name is not None]
    return PresentedToken(
        token=_instances(statement.converted(rows[0], connection), using),
        allowed=frozenset(name for name, _ in scopes),
        permitted=frozenset(name for name, permitted in scopes if permitted),
    )


class _Statement:
    def __init__(self, using: str) -> None:
        compiler = _queryset().query.get_compiler(using)
        self.sql, params = compiler.as_sql()
        self._params = list(params)
        self._checksum = self._params.index(CHECKSUM)
        self._now = self._params.index(connections[using].ops.adapt_datetimefield_value(NOW))
        self._converters: Any = compiler.get_converters(column for column, *_ in compiler.select)

    def parameters(self, checksum: str, now: Any) -> list[Any]:
        params = self._params.copy()
        params[self._checksum], params[self._now] = checksum, now
        return params

    def converted(self, row: tuple[Any, ...], connection: BaseDatabaseWrapper) -> list[Any]:
        values = list(row)
        for position, (converters, column) in self._converters.items():
            for convert in converters:
                values[position] = convert(values[position], column, connection)
        return values


_statement = cache(_Statement)


@cache
def _columns() -> tuple[tuple[type[models.Model], str, list[str]], ...]:
    """The models that are read, the way to each from the token, and its columns in the order that ``from_db`` wants."""

    def names(model: type[models.Model], wanted: set[str] | None = None) -> list[str]:
        present = [field.attname for field in model._meta.concrete_fields]
        return [name for name in present if wanted is None or name in wanted]

    user = get_user_model()
    return (
        (AccessToken, "", names(AccessToken, TOKEN_FIELDS)),
        (Application, "application__", names(Application, APPLICATION_FIELDS)),
        (user, "user__", names(user)),
    )


def _queryset() -> models.QuerySet[Any, Any]:
    columns = [way + name for _, way, names in _columns() for name in names]
    # Subqueries, not joins: PostgreSQL plans each by itself, and so all of it in half the time.
    ticked = OuterRef("application__scopes")
    name = models.Subquery(Scope.objects.in_catalogue().filter(pk=ticked).order_by().values("name"))
    permitted = models.Case(
        models.When(is_permitted(scope=ticked, user=OuterRef("user")), then=True),
        default=False,
        output_field=models.BooleanField(),
    )
    living = AccessToken.objects.filter(token_checksum=CHECKSUM).living(NOW)
    return living.annotate(scope_name=name, permitted=permitted).values_list(
        *columns, "authorized_scopes", "authorization_last_used_at", "scope_name", "permitted"
    )


def _instances(values: list[Any], using: str) -> AccessToken:
    made: list[Any] = []
    start = 0
    for model, _, names in _columns():
        made.append(model.from_db(using, names, values[start : start + len(names)]))
        start += len(names)
    token: AccessToken
    token, token.application, token.user = made
    token.authorized_scopes, token.authorization_last_used_at, *_ = values[start:]
    return token
