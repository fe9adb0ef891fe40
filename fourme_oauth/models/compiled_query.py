"""
Statements that never change: Django writes each once for each database, and every use executes it with its parameters.

Writing the same SQL again is most of what a request to the token endpoint would cost. What is found is never kept. The
statements go through Django's connection, so execute wrappers and the query log see them like any other.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

Instance = TypeVar("Instance", bound=models.Model)


class Parameter(models.Expression):
    """Stands in a query for a value that each execution brings, prepared for the database as ``output_field`` does."""

    def __init__(self, name: str, output_field: Any) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)

    def prepared(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        return self.output_field.get_db_prep_value(value, connection)


class CompiledQuery:
    """
    A query for rows of values, with a ``Parameter`` in each place where executions differ.

    ``write`` returns it (``values_list``). It is called once for each database, when that is first asked.
    """

    def __init__(self, write: Callable[[], models.QuerySet[Any, tuple[Any, ...]]]) -> None:
        self._write = write
        self._written: dict[str, _Written] = {}

    def rows(self, using: str, **given: Any) -> list[tuple[Any, ...]]:
        """Execute it in the database ``using``, with a value for each parameter by its name, and return all rows."""
        if using not in self._written:
            self._written[using] = _Written(self._write(), using)
        return self._written[using].rows(given)


class _Written:
    def __init__(self, query: models.QuerySet[Any, tuple[Any, ...]], using: str) -> None:
        self._using = using
        compiler = query.query.get_compiler(using)
        self._sql, self._parameters = compiler.as_sql()
        # What Django's own rows go through, from the database's types to Python's.
        self._converters: Any = compiler.get_converters([column for column, *_ in compiler.select])

    def rows(self, given: dict[str, Any]) -> list[tuple[Any, ...]]:
        connection = connections[self._using]
        parameters = [
            each.prepared(given[each.name], connection) if isinstance(each, Parameter) else each
            for each in self._parameters
        ]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, parameters)
            return [tuple(converted(row, self._converters, connection)) for row in cursor.fetchall()]


def converted(row: Sequence[Any], converters: Any, connection: BaseDatabaseWrapper) -> list[Any]:
    """Return the values of ``row`` as Python has them; ``converters`` are those of Django's compiler."""
    values = list(row)
    for position, (steps, expression) in converters.items():
        for convert in steps:
            values[position] = convert(values[position], expression, connection)
    return values


def columns_of(model: type[models.Model], *, prefix: str = "") -> list[str]:
    """Return the names of all fields of ``model`` that ``instance_of`` needs, as ``values_list`` takes them."""
    return [prefix + field.attname for field in model._meta.concrete_fields]


def instance_of(model: type[Instance], values: Iterable[Any], using: str) -> Instance:
    """Return the instance that the row of ``columns_of(model)`` is in the database ``using``."""
    return model.from_db(using, [field.attname for field in model._meta.concrete_fields], list(values))
