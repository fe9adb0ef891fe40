"""Benchmark the token endpoint against the toolkit's own: duration of a code exchange and of a refresh."""

import argparse
import os
import statistics
import sys
from collections.abc import Iterator
from contextlib import ExitStack

# For a script, sys.path has the script's own folder only.
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmarks.served.databases import fresh_database, server_in_environment
from benchmarks.sites.process import Timings, running
from benchmarks.sites.settings import OURS, STOCK, STOCK_WITH_FAST_HASH

HEADER = """\
Three sites, each in a process of its own with a persistent database connection, are measured in turn:

  {ours:<20} this package
  {stock:<20} django-oauth-toolkit with its defaults: hashes client secrets like passwords
  {quick:<20} the same with a hash of one iteration, to leave out the cost of hashing

Each exchanges a code (with PKCE) and refreshes the token, called as a WSGI application. Medians in ms of {rounds}
rounds ({slow} with the defaults, which are slow). The ratio is this package's time to theirs: below 1, it is faster.
"""
COLUMNS = "{:<12}{:<10}{:>14}{:>14}{:>9}{:>22}{:>9}"
SLOW_EVERY = 10


def measure(server: str, rounds: int) -> dict[str, Timings]:
    """Run the rounds of all sites in turn, each on a database of its own on ``server``, or on an SQLite file."""
    with ExitStack() as stack:
        sites = {}
        for name in (OURS, STOCK, STOCK_WITH_FAST_HASH):
            url = stack.enter_context(fresh_database(server)) if server else ""
            sites[name] = stack.enter_context(running("benchmarks.sites.driver", name, url))
        for site in sites.values():
            site.warm_up()
        for number in range(rounds):
            for name, site in sites.items():
                if name != STOCK or number % SLOW_EVERY == 0:
                    site.round()
        return {name: site.timings for name, site in sites.items()}


def lines(database: str, timings: dict[str, Timings]) -> Iterator[str]:
    """Yield the lines of the table for one database."""
    for step in ("exchange", "refresh"):
        ours, stock, quick = (statistics.median(timings[name][step]) for name in (OURS, STOCK, STOCK_WITH_FAST_HASH))
        milliseconds = [f"{seconds * 1000:.2f}" for seconds in (ours, stock, quick)]
        ratios = [f"{ours / theirs:.3f}" for theirs in (stock, quick)]
        yield COLUMNS.format(database, step, milliseconds[0], milliseconds[1], ratios[0], milliseconds[2], ratios[1])


def main() -> None:
    """Measure on SQLite, and on the server of DATABASE_URL if it is set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    rounds = parser.parse_args().rounds
    slow = len(range(0, rounds, SLOW_EVERY))
    print(HEADER.format(ours=OURS, stock=STOCK, quick=STOCK_WITH_FAST_HASH, rounds=rounds, slow=slow))
    print(COLUMNS.format("database", "step", OURS, STOCK, "ratio", STOCK_WITH_FAST_HASH, "ratio"))
    servers = {"SQLite": ""}
    if server := server_in_environment():
        servers["MariaDB" if server.startswith("mysql") else "PostgreSQL"] = server
    for database, url in servers.items():
        print("\n".join(lines(database, measure(url, rounds))), flush=True)


if __name__ == "__main__":
    main()
