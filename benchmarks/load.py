"""Many clients at the same time, against the demo under gunicorn: throughput, latency, errors, and what is left."""

import argparse
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

# Run as a script, Python looks beside it only.
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmarks.served.databases import fresh_database, server_or_own_cluster
from benchmarks.served.demo import ServedDemo, served_demo
from benchmarks.traffic.client import Client
from benchmarks.traffic.figures import table
from benchmarks.traffic.record import Record, together

HEADER = """\
{clients} clients without a pause for {seconds:.0f} s, each a user with a browser and a third-party application: they
authorize, exchange the code, call the API, refresh, call again, and now and then revoke, as the application (revoke)
or as the user (Access & Security). The demo is on {database}, under gunicorn: {workers} workers of {threads} threads.

Everything is on this machine, the clients too. Latency (ms) includes waiting for a turn: it grows with the clients.
"""


def main() -> int:
    """Run it and print the figures. Returns 1 where there was an error or an invariant is broken."""
    options = _options()
    with server_or_own_cluster() as server, fresh_database(server) as url:
        print(HEADER.format(**vars(options), database="MariaDB" if url.startswith("mysql") else "PostgreSQL"))
        with served_demo(url, workers=options.workers, threads=options.threads, visitors=options.clients) as demo:
            record, seconds = _traffic(demo, options)
            print("\n".join(table(record, seconds=seconds)))
            return _verdict(record, demo)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="when to stop")
    parser.add_argument("--clients", type=int, default=50, help="how many at the same time")
    parser.add_argument("--requests", type=int, default=200_000, help="when to stop, should it be sooner")
    parser.add_argument("--workers", type=int, default=3, help="of gunicorn")
    parser.add_argument("--threads", type=int, default=6, help="of each worker")
    return parser.parse_args()


def _traffic(demo: ServedDemo, options: argparse.Namespace) -> tuple[Record, float]:
    clients = [Client(visitor, demo.application, seed=seed) for seed, visitor in enumerate(demo.visitors())]
    each = options.requests // options.clients
    with ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(Client.warm_up, clients))
        started = time.monotonic()
        list(pool.map(lambda one: one.go_on(until=started + options.seconds, requests_at_most=each), clients))
    return together(client.record for client in clients), time.monotonic() - started


def _verdict(record: Record, demo: ServedDemo) -> int:
    inspection = demo.inspect()
    for (kind, what), number in record.errors.items():
        print(f"Error: {kind}: {what}, {number} times.")
    for sentence in inspection.broken:
        print(f"Broken: {sentence}")
    if record.errors or inspection.broken:
        return 1
    pairs = sum(inspection.living_pairs.values())
    print(f"\nNo errors. {pairs} families live, each with one pair; nothing is left of what was revoked.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
