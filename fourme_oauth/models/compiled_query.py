"""
Queries that are compiled to SQL once per database alias and executed with parameters.

Compiling takes most of the time of a lookup at the token endpoint. Results are never cached. Execution goes through
Django's connection, so execute wrappers and the query log see it.
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
    """A placeholder for a value given at execution, prepared for the database by ``output_field``."""

    def __init__(self, name: str, output_field: Any) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


class CompiledQuery:
    """
    A compiled SELECT for one database alias.

    ``sql`` has a placeholder ``%(name)s`` for each of ``parameters``, a ``Parameter`` or a constant, and for values
    that are passed to the driver unchanged. ``columns`` maps the names of the selected columns, in order, to the
    expressions whose converters are applied to their values.
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

        ``columns`` are names as for ``values_list``; without any, all fields of the model. For each field name in
        ``by``, the field is compared with a ``Parameter`` of that name.
        """
        names = columns or columns_of(queryset.model)
        given = {name: Parameter(name, queryset.model._meta.get_field(name)) for name in by}
        compiler = queryset.filter(**given).values_list(*names).query.get_compiler(queryset.db)
        sql, values = compiler.as_sql()
        placed = [each.name if isinstance(each, Parameter) else f"constant_{n}" for n, each in enumerate(values)]
        # By name: Django's SQLite backend replaces named placeholders much faster than positional ones.
        sql = sql.replace("%%", "%%%%") % tuple(f"%({name})s" for name in placed)
        selected = dict(zip(names, (expression for expression, *_ in compiler.select), strict=True))
        return cls(sql, parameters=dict(zip(placed, values, strict=True)), columns=selected, using=queryset.db)

    def rows(self, **given: Any) -> list[Row]:
        """Execute with a value for each ``Parameter`` and return unconverted rows, for ``values`` and ``instance``."""
        connection = connections[self.using]
        prepared = {name: field.get_db_prep_value(given[name], connection) for name, field in self._fields.items()}
        with connection.cursor() as cursor:
            cursor.execute(self.sql, given | prepared | self._constants)
            return list(cursor.fetchall())

    def values(self, row: Row, *names: str) -> list[Any]:
        """Return the converted values of these columns of ``row``."""
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
        # As in Django's SQLCompiler.get_converters().
        converters = [
            (n, convert, column)
            for n, column in enumerate(columns)
            for convert in (*connection.ops.get_db_converters(column), *column.get_db_converters(connection))
        ]

        def read(row: Row) -> list[Any]:
            values = [row[position] for position in positions]
            # Not the connection from above, which may belong to another thread.
            own = connections[self.using] if converters else None
            for n, convert, column in converters:
                values[n] = convert(values[n], column, own)
            return values

        return read


def columns_of(model: type[models.Model], *, prefix: str = "") -> tuple[str, ...]:
    """Return the names of all fields of ``model``, as ``values_list`` takes them."""
    return tuple(prefix + field.attname for field in model._meta.concrete_fields)
