"""A worker is killed with kill -9 at any point of an exchange or a refresh."""

import os
import random
import signal
import time
from threading import Event

import pytest

from benchmarks.served.databases import fresh_database
from benchmarks.served.demo import served_demo
from tests.faults.crowd import at_once
from tests.faults.interrupted import Interrupted

pytestmark = [pytest.mark.server, pytest.mark.once]

CLIENTS = 6
LONGEST_SECONDS = 0.2


@pytest.fixture(scope="module")
def demo(cluster):
    with fresh_database(cluster.url) as url, served_demo(url, workers=3, threads=4, visitors=CLIENTS) as demo:
        yield demo


def kill_one_at_a_random_moment(demo, stop):
    try:
        time.sleep(random.uniform(0, LONGEST_SECONDS))  # noqa: S311 - chance, not a secret
        # The oldest: the newest may not have received a request yet.
        os.kill(demo.workers()[0], signal.SIGKILL)
    finally:
        stop.set()


def clients_after_a_kill(demo):
    """Let everybody exchange and refresh, kill a worker meanwhile, and return everybody."""
    clients = [Interrupted(visitor, demo.application) for visitor in demo.visitors()]
    stop = Event()
    at_once(
        lambda: kill_one_at_a_random_moment(demo, stop), *[lambda each=each: each.go_on_until(stop) for each in clients]
    )
    return clients


@pytest.mark.parametrize("rounds", [10, pytest.param(200, marks=pytest.mark.endurance)])
def test_killed_worker_leaves_a_valid_pair_or_a_refusal_and_no_partial_rows(demo, rounds):
    hit = 0
    for _ in range(3 * rounds):
        clients = clients_after_a_kill(demo)
        assert all(client.has_a_working_pair_or_is_refused() for client in clients)
        hit += any(client.was_cut for client in clients)
        if hit == rounds:
            break
    assert (hit, demo.inspect().broken) == (rounds, [])
