"""Create temporary databases on the server of `DATABASE_URL`, and drop them afterwards."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import environ
import psycopg
import pymysql

from benchmarks.served.postgresql import own_cluster

Execute = Callable[[str], None]


def server_in_environment() -> str:
    """Return `DATABASE_URL`, or an empty string where it is unset or SQLite."""
    url = os.environ.get("DATABASE_URL", "")
    return "" if url.startswith("sqlite") else url


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """Yield the URL of a new database on ``server``, which is the URL of another database there."""
    parts = urlsplit(server)
    name = f"demo_{os.getpid()}_{secrets.token_hex(4)}"
    execute, drop = (_mariadb(server), "") if parts.scheme.startswith("mysql") else (_postgresql(server), " (FORCE)")
    execute(f"CREATE DATABASE {name}")
    try:
        yield parts._replace(path=f"/{name}").geturl()
    finally:
        execute(f"DROP DATABASE {name}{drop}")


def _postgresql(server: str) -> Execute:
    maintenance = urlsplit(server)._replace(scheme="postgresql", path="/postgres", query="").geturl()

    def execute(statement: str) -> None:
        with psycopg.connect(maintenance, autocommit=True) as connection:
            connection.execute(statement.encode())

    return execute


def _mariadb(server: str) -> Execute:
    options = environ.Env.db_url_config(server)

    def execute(statement: str) -> None:
        connection = pymysql.connect(
            host=options["HOST"], port=int(options["PORT"] or 3306), user=options["USER"], password=options["PASSWORD"]
        )
        with closing(connection), connection.cursor() as cursor:
            cursor.execute(statement)

    return execute


@contextmanager
def server_or_own_cluster(scheme: str = "") -> Iterator[str]:
    """
    Yield DATABASE_URL if it names a server and starts with ``scheme``.

    Otherwise yield the URL of a temporary PostgreSQL cluster.
    """
    if (server := server_in_environment()) and server.startswith(scheme):
        yield server
    else:
        with own_cluster() as cluster:
            yield cluster.url
