"""
Open every page of the administration, and Access & Security, on tables that are as full as a large site's.

Fills a fresh PostgreSQL database, then prints for each page how many queries it takes and how long, and what EXPLAIN
says of them: a page that reads a large table from end to end is named, and the exit code is 1.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from statistics import median

# Run as a script, Python looks beside it only.
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmarks.served.databases import fresh_database, server_or_own_cluster
from benchmarks.served.full_tables import Size, fill
from benchmarks.served.plans import LARGE, Opened, opened

HEADER = """\
{applications:,} applications, {authorizations:,} authorizations, {tokens:,} tokens, {codes:,} codes and {events:,}
audit events on PostgreSQL. Queries include the two that find session and user. Times (ms) are of Django's own client in
this process: the first opening, and the median of {rounds} more.
"""
LINE = "{name:<40} {queries:>7} {first:>9.1f} {again:>9.1f}   {scans}"


def main() -> int:
    """Fill, open, explain. Returns 1 where a page scans a large table or does not open."""
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
    parser.add_argument("--applications", type=_several, default=10_000)
    parser.add_argument("--authorizations", type=_several, default=1_000_000)
    parser.add_argument("--tokens", type=_several, default=5_000_000, help="access and refresh tokens together")
    parser.add_argument("--codes", type=_several, default=1_000_000, help="authorization codes, most of them used")
    parser.add_argument("--events", type=_several, default=1_000_000, help="audit events")
    parser.add_argument("--rounds", type=_several, default=5, help="how often each page is opened again")
    return parser.parse_args()


def _several(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _open(pages: dict[str, Callable[[], object]], *, rounds: int) -> int:
    is_well = True
    for name, visit in pages.items():
        first = opened(visit)
        again = [opened(visit) for _ in range(rounds)]
        scans = sorted({scan for one in [first, *again[:1]] for scan in one.scans})
        is_well = is_well and not scans
        print(_line(name, first, again, scans))
    if is_well:
        print(f"\nNo page reads one of these from end to end: {', '.join(sorted(LARGE))}.")
    return 0 if is_well else 1


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
