"""The token endpoint beside the toolkit's own: how long a code exchange and a refresh take."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

# Run as a script, Python would look beside it first, where this very module has the name of one of Python's own.
sys.path.pop(0)
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmarks.served.databases import fresh_database, server_in_environment
from benchmarks.sites.settings import OURS, STOCK, STOCK_WITH_A_QUICK_HASH
from demo_project.state_folder import PROJECT_ROOT

HEADER = """\
Three sites, each in a process of its own with a connection to its database that stays open, take turns:

  {ours:<20} this package
  {stock:<20} django-oauth-toolkit with its defaults: secrets are hashed as passwords are
  {quick:<20} the same with a hash of one round, to compare what is left

Each exchanges a code (with PKCE) and refreshes the token, called as a WSGI server calls. Medians in ms of {rounds}
rounds ({slow} with the defaults, which are slow). The ratio is this package's time to theirs: below 1, it is faster.
"""
COLUMNS = "{:<12}{:<10}{:>14}{:>14}{:>9}{:>22}{:>9}"
SLOW_EVERY = 10

Timings = dict[str, list[float]]


class Site:
    """A process that does a round when it is told to."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.timings: Timings = {"exchange": [], "refresh": []}

    def round(self) -> None:
        """Let it do one and note how long it took."""
        for name, seconds in self._ask().items():
            self.timings[name].append(seconds)

    def warm_up(self) -> None:
        """Let it do one that does not count."""
        self._ask()

    def _ask(self) -> dict[str, float]:
        assert self._process.stdin is not None  # noqa: S101 - a pipe
        assert self._process.stdout is not None  # noqa: S101 - a pipe
        self._process.stdin.write("round\n")
        self._process.stdin.flush()
        answer: dict[str, float] = json.loads(self._process.stdout.readline() or "null")
        return answer


@contextmanager
def running(name: str, database_url: str) -> Iterator[Site]:
    """Start a site on an empty database; what it says goes to standard error."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        url = database_url or f"sqlite:///{folder}/site.sqlite3"
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "benchmarks.sites.driver", name],
            cwd=PROJECT_ROOT,
            env=os.environ | {"DATABASE_URL": url, "DEMO_STATE_DIR": folder},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                yield Site(process)
            finally:
                process.terminate()


def measure(server: str, rounds: int) -> dict[str, Timings]:
    """Let the sites take turns on databases of their own on ``server``, or on SQLite files."""
    with ExitStack() as stack:
        sites = {}
        for name in (OURS, STOCK, STOCK_WITH_A_QUICK_HASH):
            url = stack.enter_context(fresh_database(server)) if server else ""
            sites[name] = stack.enter_context(running(name, url))
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
        ours, stock, quick = (statistics.median(timings[name][step]) for name in (OURS, STOCK, STOCK_WITH_A_QUICK_HASH))
        milliseconds = [f"{seconds * 1000:.2f}" for seconds in (ours, stock, quick)]
        ratios = [f"{ours / theirs:.3f}" for theirs in (stock, quick)]
        yield COLUMNS.format(database, step, milliseconds[0], milliseconds[1], ratios[0], milliseconds[2], ratios[1])


def main() -> None:
    """Measure on SQLite, and on the server that DATABASE_URL names if it does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    rounds = parser.parse_args().rounds
    slow = len(range(0, rounds, SLOW_EVERY))
    print(HEADER.format(ours=OURS, stock=STOCK, quick=STOCK_WITH_A_QUICK_HASH, rounds=rounds, slow=slow))
    print(COLUMNS.format("database", "step", OURS, STOCK, "ratio", STOCK_WITH_A_QUICK_HASH, "ratio"))
    servers = {"SQLite": ""}
    if server := server_in_environment():
        servers["MariaDB" if server.startswith("mysql") else "PostgreSQL"] = server
    for database, url in servers.items():
        print("\n".join(lines(database, measure(url, rounds))), flush=True)


if __name__ == "__main__":
    main()
