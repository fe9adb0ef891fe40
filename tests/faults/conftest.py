"""A served demo for fault tests: gunicorn in its own processes, on its own database."""

from contextlib import ExitStack

import pytest

from benchmarks.served.databases import fresh_database, server_in_environment
from benchmarks.served.demo import served_demo
from benchmarks.served.postgresql import NO_FSYNC, own_cluster


@pytest.fixture(scope="session")
def cluster():
    """A PostgreSQL that a test may stop."""
    with own_cluster(*NO_FSYNC) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def served_where_the_suite_runs():
    """The demo on the server that DATABASE_URL names, or on an SQLite file."""
    with ExitStack() as used:
        server = server_in_environment()
        database_url = used.enter_context(fresh_database(server)) if server else ""
        yield used.enter_context(served_demo(database_url, visitors=10))
