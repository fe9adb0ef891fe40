"""Load test of the demo under gunicorn: throughput, latency, errors, and invariants of the rows afterwards."""

import argparse
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

# For a script, sys.path has the script's own folder only.
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmarks.served.databases import fresh_database, server_or_own_cluster
from benchmarks.served.demo import ServedDemo, served_demo
from benchmarks.traffic.client import Client
from benchmarks.traffic.figures import table
from benchmarks.traffic.record import Record, merged

HEADER = """\
{clients} concurrent clients without pauses for {seconds:.0f} s, each a user with a browser and an application: they
authorize, exchange the code, call the API, refresh, call again, and sometimes revoke, as the application (revoke)
or as the user (Access & Security). The demo is on {database}, under gunicorn: {workers} workers of {threads} threads.

Everything is on this machine, the clients too. Latency (ms) includes queueing: it grows with the number of clients.
"""


def main() -> int:
    """Run the load test and print its figures. Return 1 after an error or a broken invariant."""
    options = _options()
    with server_or_own_cluster() as server, fresh_database(server) as url:
        print(HEADER.format(**vars(options), database="MariaDB" if url.startswith("mysql") else "PostgreSQL"))
        with served_demo(url, workers=options.workers, threads=options.threads, visitors=options.clients) as demo:
            record, seconds = _traffic(demo, options)
            print("\n".join(table(record, seconds=seconds)))
            return _verdict(record, demo)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="duration")
    parser.add_argument("--clients", type=int, default=50, help="concurrent clients")
    parser.add_argument("--requests", type=int, default=200_000, help="stop earlier after this many requests")
    parser.add_argument("--workers", type=int, default=3, help="gunicorn workers")
    parser.add_argument("--threads", type=int, default=6, help="threads of each worker")
    return parser.parse_args()


def _traffic(demo: ServedDemo, options: argparse.Namespace) -> tuple[Record, float]:
    clients = [Client(visitor, demo.application, seed=seed) for seed, visitor in enumerate(demo.visitors())]
    requests_each = options.requests // options.clients
    with ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(Client.warm_up, clients))
        started = time.monotonic()
        list(
            pool.map(
                lambda client: client.run(until=started + options.seconds, requests_at_most=requests_each), clients
            )
        )
    return merged(client.record for client in clients), time.monotonic() - started


def _verdict(record: Record, demo: ServedDemo) -> int:
    inspection = demo.inspect()
    for (kind, what), number in record.errors.items():
        print(f"Error: {kind}: {what}, {number} times.")
    for sentence in inspection.broken:
        print(f"Broken: {sentence}")
    if record.errors or inspection.broken:
        return 1
    pairs = sum(inspection.active_pairs.values())
    print(f"\nNo errors. {pairs} token families are active, each with one pair; nothing is left of what was revoked.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
