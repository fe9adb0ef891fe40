"""
Who holds this access token, for which application, and what do the parties say now? A request to the API asks once.

The statement never changes, so it is written once for each database, and every request executes it with two
parameters: the token's checksum and the time. It goes through Django's connection, so routers, execute wrappers and the
query log see it like any other. Nothing that it finds is kept for the next request: a revocation is never late.

There is a row for each scope that is ticked for the application, at least one. Names are not aggregated: MySQL cuts
that at 1,024 bytes. They are compared in Python: MariaDB may ignore case and trailing blanks.

It says in SQL what ``of_living_generations`` and ``is_permitted`` say in Django's terms. A test compares the answers in
every state that it can think of.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import cache, cached_property
from typing import Any, NamedTuple, TypeVar, cast

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.db import connections, models, router
from django.db.models.expressions import RawSQL

from .application import Application
from .authorization import Authorization
from .compiled_query import converted
from .credentials import digest
from .scope import Scope
from .tokens import AccessToken

Instance = TypeVar("Instance", bound=models.Model)

STATEMENT = """\
SELECT token.id, token.application_id, token.scope, token.by_client_credentials, token.created, token.expires,
application.client_id, application.name, standing.scopes, standing.last_used_at,
(SELECT scope.name FROM {scopes} scope WHERE scope.id = ticked.scope_id AND NOT scope.retired),
(SELECT scope.for_everyone FROM {scopes} scope WHERE scope.id = ticked.scope_id) OR
(SELECT MAX(CASE WHEN role.group_id IN (SELECT own.{group} FROM {users_roles} own WHERE own.{user} = token.user_id)
THEN 1 ELSE 0 END) FROM {scopes_roles} role WHERE role.scope_id = ticked.scope_id) = 1,
holder.*
FROM {tokens} token
{joins}
WHERE token.token_checksum = %(checksum)s AND token.expires > %(now)s AND (standing.id IS NOT NULL
OR token.by_client_credentials AND application.linked_user_id = token.user_id)"""
"""Before the user's columns stands whether the scope is for everyone or a role of theirs permits it; NULL is no."""


class Join(NamedTuple):
    kind: str
    rows: str
    name: str
    columns: str
    condition: str

    def written(self) -> str:
        """Return it as SQL."""
        return f"{self.kind} JOIN {self.rows} {self.name} ON {self.condition}"

    def as_fenced_lateral(self) -> str:
        """Return it as SQL that PostgreSQL looks at by itself."""
        # PostgreSQL plans anew at each request, and weighs every order and way of joining, for half of the time of the
        # whole request. Here each row is found by its key. OFFSET 0 is a wall that it does not look beyond.
        kind, rows, name, columns, condition = self
        walled = f"SELECT {columns} FROM {rows} {name} WHERE {condition} OFFSET 0"  # noqa: S608 - all of it is ours
        return f"{kind} JOIN LATERAL ({walled}) {name} ON TRUE"


JOINS = (
    Join(
        "INNER",
        "{applications}",
        "application",
        columns="client_id, name, linked_user_id",
        condition="application.id = token.application_id AND application.generation = token.application_generation"
        " AND NOT application.disabled",
    ),
    Join(
        "LEFT",
        "{authorizations}",
        "standing",
        columns="id, scopes, last_used_at",
        condition="standing.user_id = token.user_id AND standing.application_id = token.application_id"
        " AND standing.generation = token.authorization_generation AND standing.revoked_at IS NULL",
    ),
    Join(
        "LEFT",
        "{applications_scopes}",
        "ticked",
        columns="scope_id",
        condition="ticked.application_id = token.application_id",
    ),
)

HOLDER = "INNER JOIN ({users}) holder ON holder.{pk} = token.user_id"
HOLDER_BEHIND_A_WALL = "INNER JOIN LATERAL ({users} OFFSET 0) holder ON TRUE"
"""Here the condition is in what Django writes: one subquery takes less to plan than one within another."""

AUTHORIZED, LAST_USED_AT, NAME, PERMITTED, USER = 8, 9, 10, 11, 12
"""Where in a row these are; the columns of the site's own user model follow to the end."""

PLACEHOLDER = re.compile(r"(?<!%)%s")


class PresentedToken:
    """A living token as far as the tables tell, and what is said of the scopes of its application, enabled."""

    def __init__(self, rows: list[tuple[Any, ...]], statement: "_Statement") -> None:
        self._row, self._statement = rows[0], statement
        self.user = statement.user(self._row)
        """Whole: an instance of the site's own user model."""
        self.carried: str = self._row[2]
        """The scopes that were granted to the token, separated by spaces."""
        self.authorized: str | None = self._row[AUTHORIZED]
        """Those that the user's authorization includes now; ``None`` for client credentials, which have none."""
        self.authorization_last_used_at = statement.moment(self._row[LAST_USED_AT])
        self.allowed = frozenset(row[NAME] for row in rows if row[NAME] is not None)
        self.permitted = frozenset(row[NAME] for row in rows if row[NAME] is not None and row[PERMITTED])
        """Of those that are allowed."""

    @cached_property
    def application(self) -> Application:
        """Whoever asks for another field of it gets it, by a query of its own."""
        _, pk, _, _, _, _, client_id, name, *_ = self._row
        return _instance(Application, self._statement.using, id=pk, client_id=client_id, name=name, disabled=False)

    @cached_property
    def token(self) -> AccessToken:
        """Whoever asks for another field of it gets it, by a query of its own."""
        pk, application_id, scope, by_client_credentials, created, expires, *_ = self._row
        moment = self._statement.moment
        known = {"id": pk, "user_id": self.user.pk, "application_id": application_id, "scope": scope}
        known |= {"by_client_credentials": bool(by_client_credentials)}  # SQLite and MariaDB have numbers
        known |= {"created": moment(created), "expires": moment(expires)}
        token = _instance(AccessToken, self._statement.using, **known)
        token.user, token.application = self.user, self.application
        token.authorized_scopes, token.authorization_last_used_at = self.authorized, self.authorization_last_used_at
        return token


def find(text: str, *, now: datetime) -> PresentedToken | None:
    """
    Return what the access token with this ``text`` is.

    ``None`` for one that is unknown, expired or ended, and while its application is disabled.
    """
    using = router.db_for_read(AccessToken)
    connection, statement = connections[using], _statement(using)
    # By name: Django's SQLite backend puts these into the text much faster than those by position.
    given = {"checksum": digest(text), "now": connection.ops.adapt_datetimefield_value(now)}
    with connection.cursor() as cursor:
        cursor.execute(statement.sql, given | statement.parameters)
        rows = cursor.fetchall()
    return PresentedToken(rows, statement) if rows else None


class _Statement:
    """As one database wants it, and what makes its values Python's."""

    def __init__(self, using: str) -> None:
        self.using = using
        self._connection = connections[using]
        self._model = get_user_model()
        self._is_walled = self._connection.vendor == "postgresql"
        everybody: models.QuerySet[Any] = models.QuerySet(self._model, using=using).order_by()
        holder = everybody.filter(pk=RawSQL("token.user_id", ()))
        users = (holder if self._is_walled else everybody).query.get_compiler(using)
        # Django writes this part, for the site's own user model: fields may want functions around their columns.
        columns, params = users.as_sql(with_col_aliases=True)
        self.parameters = {f"user_{position}": value for position, value in enumerate(params)}
        self._fields = [column.target.attname for column, *_ in users.select]
        self._converters: Any = users.get_converters([column for column, *_ in users.select])
        moment = Authorization._meta.get_field("last_used_at").get_col("standing")
        self._converters_of_moments: Any = users.get_converters([moment])
        self.sql = self._written(_by_name(columns, self.parameters))

    def _written(self, users: str) -> str:
        quoted, roles = self._connection.ops.quote_name, self._model.groups
        holder = HOLDER_BEHIND_A_WALL if self._is_walled else HOLDER
        joins = "\n".join(
            [holder, *(join.as_fenced_lateral() if self._is_walled else join.written() for join in JOINS)]
        )
        return STATEMENT.replace("{joins}", joins).format(
            tokens=quoted(AccessToken._meta.db_table),
            applications=quoted(Application._meta.db_table),
            authorizations=quoted(Authorization._meta.db_table),
            applications_scopes=quoted(Application.scopes.through._meta.db_table),
            scopes=quoted(Scope._meta.db_table),
            scopes_roles=quoted(Scope.roles.through._meta.db_table),
            users_roles=quoted(roles.through._meta.db_table),
            user=quoted(roles.field.m2m_column_name()),
            group=quoted(roles.field.m2m_reverse_name()),
            users=users,
            pk=f"col{self._fields.index(self._model._meta.pk.attname) + 1}",  # as Django numbers them
        )

    def user(self, row: tuple[Any, ...]) -> AbstractUser:
        """Return the user of ``row``, an instance of the site's own model."""
        values = converted(row[USER:], self._converters, self._connection)
        return cast("AbstractUser", self._model.from_db(self.using, self._fields, values))

    def moment(self, column: Any) -> datetime | None:
        """Return what a column with a date and a time says."""
        moment: datetime | None
        (moment,) = converted((column,), self._converters_of_moments, self._connection)
        return moment


_statement = cache(_Statement)


def _by_name(sql: str, names: Iterable[str]) -> str:
    """Return ``sql`` with placeholders by name, each of ``names`` in turn, for those by position."""
    following = iter(names)
    return PLACEHOLDER.sub(lambda _: f"%({next(following)})s", sql)


def _instance(model: type[Instance], using: str, **known: Any) -> Instance:
    fields = [field.attname for field in model._meta.concrete_fields if field.attname in known]
    return model.from_db(using, fields, [known[name] for name in fields])
