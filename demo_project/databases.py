"""`DATABASES` from `DATABASE_URL`: SQLite (the default), PostgreSQL (psycopg 3) or MariaDB (PyMySQL)."""

from typing import Any

import environ
import pymysql

from demo_project import state_folder


def from_environment(env: environ.Env) -> dict[str, Any]:
    """Return `DATABASES["default"]`."""
    if not env.str("DATABASE_URL", default=""):
        return _sqlite({"ENGINE": "django.db.backends.sqlite3", "NAME": state_folder.path() / "demo.sqlite3"})
    database = dict(env.db("DATABASE_URL"))
    if database["ENGINE"] == "django.db.backends.sqlite3":
        return _sqlite(database)
    if database["ENGINE"] == "django.db.backends.mysql":
        return _mariadb(database)
    return database


def _sqlite(database: dict[str, Any]) -> dict[str, Any]:
    # IMMEDIATE takes the write lock when a transaction begins. A deferred transaction that reads before it writes fails
    # immediately if another one has written in between: the timeout does not apply to it.
    database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    } | database.get("OPTIONS", {})
    # A file: with an in-memory database, the threads of a test share one connection and never wait for a lock.
    database["TEST"] = {"NAME": str(state_folder.path() / "test.sqlite3")}
    return database


def _mariadb(database: dict[str, Any]) -> dict[str, Any]:
    pymysql.install_as_MySQLdb()
    database["OPTIONS"] = {"charset": "utf8mb4"} | database.get("OPTIONS", {})
    database["TEST"] = {"CHARSET": "utf8mb4"}
    return database
