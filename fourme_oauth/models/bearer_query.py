"""
The query of a request with a bearer token: token, user, application, authorization and scopes, in one statement.

Written by hand: the ORM's query takes twice as long on SQLite and PostgreSQL. Results are never cached, so a revocation
is in effect at the next request.

Returns a row per allowed scope of the application, and at least one. Names are not aggregated in SQL, because MySQL
cuts GROUP_CONCAT at 1,024 bytes; they are compared in Python, because MariaDB may ignore case and trailing blanks.

The SQL equivalent of ``of_living_generations`` and ``is_permitted``; a test compares both in every state of the law.
"""

import re
from datetime import datetime
from functools import cache, cached_property
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connections, models, router
from django.db.models.expressions import RawSQL

from .application import Application
from .authorization import Authorization
from .compiled_query import CompiledQuery, Row
from .credentials import digest
from .scope import Scope
from .tokens import AccessToken

MODELS: dict[str, Any] = {"token": AccessToken, "application": Application, "standing": Authorization}
READ_AT_ONCE = ("token.scope", "standing.scopes", "standing.last_used_at")
COLUMNS = (
    *READ_AT_ONCE,
    *("token.id", "token.by_client_credentials", "token.created", "token.expires"),
    *("application.id", "application.client_id", "application.name"),
)

STATEMENT = """\
SELECT (SELECT scope.name FROM {scopes} scope WHERE scope.id = ticked.scope_id AND NOT scope.retired),
(SELECT scope.for_everyone FROM {scopes} scope WHERE scope.id = ticked.scope_id) OR
(SELECT MAX(CASE WHEN role.group_id IN (SELECT own.{group} FROM {users_roles} own WHERE own.{user} = token.user_id)
THEN 1 ELSE 0 END) FROM {scopes_roles} role WHERE role.scope_id = ticked.scope_id) = 1,
{columns}, holder.*
FROM {tokens} token
{holder}
INNER JOIN {applications} application ON application.id = token.application_id \
AND application.generation = token.application_generation AND NOT application.disabled
LEFT JOIN {authorizations} standing ON standing.user_id = token.user_id \
AND standing.application_id = token.application_id AND standing.generation = token.authorization_generation \
AND standing.revoked_at IS NULL
LEFT JOIN {applications_scopes} ticked ON ticked.application_id = token.application_id
WHERE token.token_checksum = %(checksum)s AND token.expires > %(now)s AND (standing.id IS NOT NULL
OR token.by_client_credentials AND application.linked_user_id = token.user_id)"""

HOLDER = "INNER JOIN ({users}) holder ON holder.{pk} = token.user_id"
FENCED_HOLDER = "INNER JOIN LATERAL ({users} OFFSET 0) holder ON TRUE"
"""The condition is within ``users``: a nested subquery takes longer to plan."""

JOIN = re.compile(r"^(INNER|LEFT) JOIN (\S+) (\w+) ON (.+)$", re.MULTILINE)

NAME, PERMITTED = 0, 1
"""Positions in a row. The second: is the scope for everyone, or permitted by a role of the user? NULL means no."""


class PresentedToken:
    """A valid token of an enabled application, and the application's allowed and permitted scopes."""

    def __init__(self, rows: list[Row], query: CompiledQuery) -> None:
        self._row, self._query = rows[0], query
        self.user = query.instance(_user_model(), self._row, prefix="holder.")
        """An instance of the site's own user model, with all fields."""
        self.carried: str
        """The scopes that the token carries, separated by spaces."""
        self.authorized: str | None
        """The scopes that the user's authorization includes now; ``None`` for client credentials, which have none."""
        self.authorization_last_used_at: datetime | None
        self.carried, self.authorized, self.authorization_last_used_at = query.values(self._row, *READ_AT_ONCE)
        self.allowed = frozenset(row[NAME] for row in rows if row[NAME] is not None)
        self.permitted = frozenset(row[NAME] for row in rows if row[NAME] is not None and row[PERMITTED])
        """The allowed scopes that are permitted to the user."""

    @cached_property
    def application(self) -> Application:
        """The application; fields that were not selected are deferred."""
        application = self._query.instance(Application, self._row, prefix="application.")
        application.disabled = False
        return application

    @cached_property
    def token(self) -> AccessToken:
        """The token's row; fields that were not selected are deferred."""
        token = self._query.instance(AccessToken, self._row, prefix="token.")
        token.user, token.application = self.user, self.application
        token.authorized_scopes, token.authorization_last_used_at = self.authorized, self.authorization_last_used_at
        return token


def find(text: str, *, now: datetime) -> PresentedToken | None:
    """
    Return the access token with this ``text``.

    ``None`` where it is unknown, expired or revoked, or its application is disabled.
    """
    query = _compiled(router.db_for_read(AccessToken))
    rows = query.rows(checksum=digest(text), now=connections[query.using].ops.adapt_datetimefield_value(now))
    return PresentedToken(rows, query) if rows else None


_user_model = cache(get_user_model)  # cached: get_user_model() parses the setting each time


@cache
def _compiled(using: str) -> CompiledQuery:
    is_fenced = connections[using].vendor == "postgresql"
    everybody: models.QuerySet[Any] = models.QuerySet(get_user_model(), using=using).order_by()
    # Compiled by Django, because fields of the site's user model may wrap their columns in functions.
    holder = CompiledQuery.of(everybody.filter(pk=RawSQL("token.user_id", ())) if is_fenced else everybody)
    computed = {"name": Scope._meta.get_field("name").get_col("scope"), "permitted": models.Value(1)}
    pairs = (each.split(".") for each in COLUMNS)
    stored = {f"{row}.{name}": MODELS[row]._meta.get_field(name).get_col(row) for row, name in pairs}
    users = {f"holder.{name}": column for name, column in holder.columns.items()}
    sql = _sql(holder, is_fenced=is_fenced)
    return CompiledQuery(sql, parameters=holder.parameters, columns=computed | stored | users, using=using)


def _sql(holder: CompiledQuery, *, is_fenced: bool) -> str:
    model: Any = get_user_model()
    quoted, roles = connections[holder.using].ops.quote_name, model.groups
    statement = STATEMENT.replace("{columns}", ", ".join(COLUMNS)).replace(
        "{holder}", FENCED_HOLDER if is_fenced else HOLDER
    )
    return (as_fenced_lateral(statement) if is_fenced else statement).format(
        tokens=quoted(AccessToken._meta.db_table),
        applications=quoted(Application._meta.db_table),
        authorizations=quoted(Authorization._meta.db_table),
        applications_scopes=quoted(Application.scopes.through._meta.db_table),
        scopes=quoted(Scope._meta.db_table),
        scopes_roles=quoted(Scope.roles.through._meta.db_table),
        users_roles=quoted(roles.through._meta.db_table),
        user=quoted(roles.field.m2m_column_name()),
        group=quoted(roles.field.m2m_reverse_name()),
        users=holder.sql,
        pk=quoted(model._meta.pk.column),
    )


def as_fenced_lateral(sql: str) -> str:
    """Return ``sql``, which has one join per line, with each table as a LATERAL subquery that is planned by itself."""

    # PostgreSQL plans each request anew, and comparing all join orders takes half of the time of the whole request.
    # Each row is found by its key, so the written order is the right one. OFFSET 0 is an optimization fence.
    def fenced(join: re.Match[str]) -> str:
        kind, rows, name, condition = join.groups()
        columns = ", ".join(sorted(set(re.findall(rf"\b{name}\.(\w+)", sql.replace(join[0], "")))))
        subquery = f"SELECT {columns} FROM {rows} {name} WHERE {condition} OFFSET 0"  # noqa: S608 - constants only
        return f"{kind} JOIN LATERAL ({subquery}) {name} ON TRUE"

    return JOIN.sub(fenced, sql)
