"""
Queries that are compiled once for each database, and executed often with other parameters.

Compiling is most of what a lookup at the token endpoint would cost. What is found is never kept. Execution goes through
Django's connection, so execute wrappers and the query log see it like any other.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, TypeVar

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

Instance = TypeVar("Instance", bound=models.Model)
Row = tuple[Any, ...]
Read = Callable[[Row], list[Any]]


class Parameter(models.Expression):
    """Stands in a query for a value that each execution brings, prepared for the database as ``output_field`` does."""

    def __init__(self, name: str, output_field: Any) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


class CompiledQuery:
    """
    A SELECT for one database.

    ``sql`` has ``%(name)s`` where a ``Parameter`` or a constant, both in ``parameters``, belongs, or what an execution
    gives as the driver takes it. ``columns`` are those of a row, in order: the name of each, and the expression whose
    converters make its value Python's.
    """

    def __init__(self, sql: str, *, parameters: Mapping[str, Any], columns: Mapping[str, Any], using: str) -> None:
        self.sql, self.parameters, self.columns, self.using = sql, parameters, columns, using
        self._fields = {name: each.output_field for name, each in parameters.items() if isinstance(each, Parameter)}
        self._constants = {name: each for name, each in parameters.items() if name not in self._fields}
        self._reader, self._instance_reader = cache(self._read), cache(self._read_instance)

    @classmethod
    def of(cls, queryset: models.QuerySet[Any], *columns: str, by: Iterable[str] = ()) -> "CompiledQuery":
        """
        Compile ``queryset`` for the database that it uses.

        ``columns`` are what ``values_list`` takes; without any, all fields of the model. Each name in ``by`` is that of
        a field, and of the ``Parameter`` to which it must be equal.
        """
        names = columns or columns_of(queryset.model)
        given = {name: Parameter(name, queryset.model._meta.get_field(name)) for name in by}
        compiler = queryset.filter(**given).values_list(*names).query.get_compiler(queryset.db)
        sql, values = compiler.as_sql()
        placed = [each.name if isinstance(each, Parameter) else f"constant_{n}" for n, each in enumerate(values)]
        # By name: Django's SQLite backend puts these into the text much faster than those by position.
        sql = sql.replace("%%", "%%%%") % tuple(f"%({name})s" for name in placed)
        selected = dict(zip(names, (expression for expression, *_ in compiler.select), strict=True))
        return cls(sql, parameters=dict(zip(placed, values, strict=True)), columns=selected, using=queryset.db)

    def rows(self, **given: Any) -> list[Row]:
        """Execute it with a value for each ``Parameter`` by its name; ``values`` and ``instance`` convert the rows."""
        connection = connections[self.using]
        prepared = {name: field.get_db_prep_value(given[name], connection) for name, field in self._fields.items()}
        with connection.cursor() as cursor:
            cursor.execute(self.sql, given | prepared | self._constants)
            return list(cursor.fetchall())

    def values(self, row: Row, *names: str) -> list[Any]:
        """Return what these columns of ``row`` say."""
        return self._reader(*names)(row)

    def instance(self, model: type[Instance], row: Row, *, prefix: str = "") -> Instance:
        """Return the instance whose fields are the columns of ``row`` with this ``prefix``; others are deferred."""
        fields, read = self._instance_reader(model, prefix)
        return model.from_db(self.using, fields, read(row))

    def _read_instance(self, model: type[models.Model], prefix: str) -> tuple[list[str], Read]:
        fields = [name for name in columns_of(model) if prefix + name in self.columns]
        return fields, self._reader(*(prefix + name for name in fields))

    def _read(self, *names: str) -> Read:
        connection, every = connections[self.using], list(self.columns)
        positions, columns = [every.index(name) for name in names], [self.columns[name] for name in names]
        # As Django's compiler does.
        converters = [
            (n, convert, column)
            for n, column in enumerate(columns)
            for convert in (*connection.ops.get_db_converters(column), *column.get_db_converters(connection))
        ]

        def read(row: Row) -> list[Any]:
            values = [row[position] for position in positions]
            # Not the connection from above: that may be another thread's, and must not be kept.
            own = connections[self.using] if converters else None
            for n, convert, column in converters:
                values[n] = convert(values[n], column, own)
            return values

        return read


def columns_of(model: type[models.Model], *, prefix: str = "") -> tuple[str, ...]:
    """Return the names of all fields of ``model``, as ``values_list`` takes them."""
    return tuple(prefix + field.attname for field in model._meta.concrete_fields)
