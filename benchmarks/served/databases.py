"""A database for one purpose: made on the server that a `DATABASE_URL` names, and dropped in the end."""

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
    """Return `DATABASE_URL`, or nothing where it does not name a server."""
    url = os.environ.get("DATABASE_URL", "")
    return "" if url.startswith("sqlite") else url


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """Yield the URL of an empty database on ``server``, another database's URL."""
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
    found = environ.Env.db_url_config(server)

    def execute(statement: str) -> None:
        connection = pymysql.connect(
            host=found["HOST"], port=int(found["PORT"] or 3306), user=found["USER"], password=found["PASSWORD"]
        )
        with closing(connection), connection.cursor() as cursor:
            cursor.execute(statement)

    return execute


@contextmanager
def server_or_own_cluster(scheme: str = "") -> Iterator[str]:
    """
    Yield the URL of the server that DATABASE_URL names, if it begins with ``scheme``.

    Otherwise, of a PostgreSQL cluster made for this.
    """
    if (server := server_in_environment()) and server.startswith(scheme):
        yield server
    else:
        with own_cluster() as cluster:
            yield cluster.url
