"""
Benchmark an API request with a bearer token against other authentication classes.

The raw API is the lower bound: it reads two tables by key and three columns of the user. It checks neither application
nor authorization, scope or role, and its view gets a partial user and no token. The rule of this package needs at least
eight tables. So the ratio to it is the cost of that rule: six more tables to read and, without prepared statements, to
plan.
"""

import argparse
import os
import statistics
import sys
from collections.abc import Iterator
from contextlib import ExitStack

# For a script, sys.path has the script's own folder only.
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmarks.served.databases import fresh_database, server_in_environment
from benchmarks.sites.bearer_settings import DRF_TOKEN, MODULES, RAW
from benchmarks.sites.process import running
from benchmarks.sites.settings import OURS, STOCK

HEADER = """\
Four APIs with the same view, each in a process of its own with a persistent connection, are measured in turn:

  {ours:<14} this package: checks token, application, user, authorization, scope and role
  {raw:<14} one hand-written query that looks up a token and its user by key, and no permission
  {token:<14} DRF's TokenAuthentication, which checks no scope and no role
  {stock:<14} django-oauth-toolkit's OAuth2Authentication and TokenHasScope, and a has_perm for the role

Called as a WSGI application. Medians in ms of {rounds} rounds of 20 requests, each with a different token. The ratio is
this package's time to theirs: below 1, it is faster.
"""
COLUMNS = "{:<22}{:>14}{:>10}{:>9}{:>12}{:>9}{:>10}{:>9}"
OTHERS = (RAW, DRF_TOKEN, STOCK)


def measure(server: str, rounds: int) -> dict[str, float]:
    """Run the rounds of all APIs in turn, on databases on ``server`` or SQLite files; return median seconds."""
    with ExitStack() as stack:
        sites = {}
        for name in MODULES:
            url = stack.enter_context(fresh_database(server)) if server else ""
            sites[name] = stack.enter_context(running("benchmarks.sites.bearer_driver", name, url))
        for site in sites.values():
            site.warm_up()
        for _ in range(rounds):
            for site in sites.values():
                site.round()
        return {name: statistics.median(site.timings["request"]) for name, site in sites.items()}


def line(database: str, seconds: dict[str, float]) -> str:
    """Return the line of the table for one database."""
    others = [(f"{seconds[name] * 1000:.3f}", f"{seconds[OURS] / seconds[name]:.3f}") for name in OTHERS]
    return COLUMNS.format(database, f"{seconds[OURS] * 1000:.3f}", *(column for pair in others for column in pair))


def databases() -> Iterator[tuple[str, str]]:
    """Yield each database's name and server; PostgreSQL a second time, with prepared statements."""
    yield "SQLite", ""
    server = server_in_environment()
    if server.startswith("mysql"):
        yield "MariaDB", server
    elif server:
        yield "PostgreSQL", server
        os.environ["PREPARED_STATEMENTS"] = "1"
        yield "PostgreSQL, prepared", server


def main() -> None:
    """Measure on SQLite, and on the server of DATABASE_URL if it is set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    rounds = parser.parse_args().rounds
    print(HEADER.format(ours=OURS, raw=RAW, token=DRF_TOKEN, stock=STOCK, rounds=rounds))
    print(COLUMNS.format("database", OURS, RAW, "ratio", DRF_TOKEN, "ratio", STOCK, "ratio"))
    for database, server in databases():
        print(line(database, measure(server, rounds)), flush=True)


if __name__ == "__main__":
    main()
