"""
Benchmark every admin page, and Access & Security, on tables of the size of a large site.

Fills a new PostgreSQL database, then prints for each page its queries, its duration and the sequential scans of large
tables that EXPLAIN finds. The exit code is 1 if there are any.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from statistics import median

# For a script, sys.path has the script's own folder only.
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmarks.served.databases import fresh_database, server_or_own_cluster
from benchmarks.served.full_tables import Size, fill
from benchmarks.served.plans import LARGE, Opened, opened

HEADER = """\
{applications:,} applications, {authorizations:,} authorizations, {tokens:,} tokens, {codes:,} codes and {events:,}
audit events on PostgreSQL. Queries include the two for session and user. Times (ms) are with Django's test client in
this process: the first request, and the median of {rounds} more.
"""
LINE = "{name:<40} {queries:>7} {first:>9.1f} {again:>9.1f}   {scans}"


def main() -> int:
    """Fill the database, open the pages, explain their queries. Return 1 if a page scans a large table."""
    options = _options()
    size = Size(
        applications=options.applications,
        authorizations=options.authorizations,
        tokens=options.tokens,
        codes=options.codes,
        events=options.events,
    )
    with server_or_own_cluster("postgres") as server, fresh_database(server) as url:
        os.environ["DATABASE_URL"] = url
        started = time.monotonic()
        pages = fill(size)
        print(HEADER.format(**vars(size), rounds=options.rounds))
        print(f"Filled in {time.monotonic() - started:.0f} s.\n")
        print(f"{'page':<40} {'queries':>7} {'first':>9} {'again':>9}   scans of large tables")
        return _open(pages, rounds=options.rounds)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--applications", type=_positive, default=10_000)
    parser.add_argument("--authorizations", type=_positive, default=1_000_000)
    parser.add_argument("--tokens", type=_positive, default=5_000_000, help="access and refresh tokens together")
    parser.add_argument("--codes", type=_positive, default=1_000_000, help="authorization codes, most of them used")
    parser.add_argument("--events", type=_positive, default=1_000_000, help="audit events")
    parser.add_argument("--rounds", type=_positive, default=5, help="how often each page is requested again")
    return parser.parse_args()


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _open(pages: dict[str, Callable[[], object]], *, rounds: int) -> int:
    no_scans = True
    for name, visit in pages.items():
        first = opened(visit)
        again = [opened(visit) for _ in range(rounds)]
        scans = sorted({scan for one in [first, *again[:1]] for scan in one.scans})
        no_scans = no_scans and not scans
        print(_line(name, first, again, scans))
    if no_scans:
        print(f"\nNo page has a sequential scan of: {', '.join(sorted(LARGE))}.")
    return 0 if no_scans else 1


def _line(name: str, first: Opened, again: list[Opened], scans: list[str]) -> str:
    return LINE.format(
        name=name,
        queries=len(again[-1].statements) if again else len(first.statements),
        first=first.milliseconds,
        again=median(one.milliseconds for one in again or [first]),
        scans=", ".join(scans) or "none",
    )


if __name__ == "__main__":
    sys.exit(main())
