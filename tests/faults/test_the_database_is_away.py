"""The database is stopped or restarted in mid-flow: 503 without a stack trace, and the flow can go on."""

import time
from dataclasses import dataclass

import pytest

from benchmarks.served.databases import fresh_database
from benchmarks.served.demo import ServedDemo, served_demo
from tests.faults.crowd import SIXTEEN, at_once

pytestmark = [pytest.mark.server, pytest.mark.once]

CALLS = ["exchange", "refresh", "introspect", "revoke", "api", "authorize", "access and security"]
CLOSED_AFTER_EACH_REQUEST, KEPT_OPEN = "", "?conn_max_age=60"


@dataclass
class Flow:
    """A flow in progress: a code that is not exchanged yet, and tokens of another one."""

    demo: ServedDemo

    def __post_init__(self):
        self.application, self.visitor = self.demo.application, next(self.demo.visitors())
        self.tokens = self.application.exchange(self.visitor.code(self.application)).json()
        self.code = self.visitor.code(self.application)

    def use_every_connection(self):
        at_once(*[lambda: self.application.call(self.tokens["access_token"])] * SIXTEEN)

    def call(self, name):
        application, tokens = self.application, self.tokens
        return {
            "exchange": lambda: application.exchange(self.code),
            "refresh": lambda: application.refresh(tokens["refresh_token"]),
            "introspect": lambda: application.introspect(tokens["access_token"]),
            "revoke": lambda: application.revoke(tokens["refresh_token"]),
            "api": lambda: application.call(tokens["access_token"]),
            "authorize": lambda: self.visitor.open(application.link),
            "access and security": lambda: self.visitor.open("/access-and-security/"),
        }[name]()

    def retry_on_503(self, name):
        """Retry, sooner than Retry-After says, until the response is not a 503."""
        for _ in range(10 * SIXTEEN):
            response = self.call(name)
            if response.status_code != 503:
                break
            time.sleep(0.05)
        return response


@pytest.fixture(
    scope="module",
    params=[
        (KEPT_OPEN, "fast"),
        (CLOSED_AFTER_EACH_REQUEST, "immediate"),
        pytest.param((KEPT_OPEN, "immediate"), marks=pytest.mark.endurance),
        pytest.param((CLOSED_AFTER_EACH_REQUEST, "fast"), marks=pytest.mark.endurance),
    ],
    ids=lambda case: " ".join(case).strip(),
)
def case(request):
    """How the site connects, and how the server is stopped: in order, or as a crash does."""
    return request.param


@pytest.fixture(scope="module")
def stop_mode(case):
    return case[1]


@pytest.fixture(scope="module")
def demo(case, cluster):
    with fresh_database(cluster.url) as url, served_demo(url + case[0], workers=2, threads=4) as demo:
        yield demo


@pytest.fixture(scope="module")
def flow(demo, cluster, stop_mode):
    """A flow with an outage in its middle; what was answered during it."""
    flow = Flow(demo)
    flow.use_every_connection()
    cluster.stop(stop_mode)
    try:
        flow.answers = {name: flow.call(name) for name in CALLS}
    finally:
        cluster.start()
    return flow


@pytest.mark.parametrize("name", CALLS)
def test_response_during_an_outage_is_503_with_retry_after(flow, name):
    response = flow.answers[name]
    assert (response.status_code, response.headers.get("Retry-After")) == (503, "5")


@pytest.mark.parametrize("name", CALLS)
def test_response_during_an_outage_has_no_internals(flow, name):
    assert not any(word in flow.answers[name].text for word in ("Traceback", "psycopg", "OperationalError", "refused"))


def test_code_and_tokens_work_after_the_outage(flow):
    """In this order: a refresh ends the access token, and a revocation everything."""
    names = ["api", "authorize", "exchange", "introspect", "refresh", "access and security"]
    answers = {name: flow.retry_on_503(name).status_code for name in names}
    assert answers == dict.fromkeys(names, 200) | {"authorize": 302}


# While requests are under way


class Refreshing:
    """A client that refreshes without a pause, and tries again where it is told so."""

    def __init__(self, application, tokens):
        self.application, self.tokens = application, tokens
        self.answers = []
        self.was_refused = False

    def go_on(self, *, until):
        while time.monotonic() < until and not self.was_refused:
            response = self.application.refresh(self.tokens["refresh_token"])
            self.answers.append((response.status_code, response.headers.get("Retry-After")))
            if response.status_code == 200:
                self.tokens = response.json()
            self.was_refused = response.status_code == 400

    def call(self):
        return self.application.call(self.tokens["access_token"]).status_code


def tokens_of(visitor, application):
    """Get tokens, with another code after each 503: a connection may be left over from before the last restart."""
    for _ in range(10):
        response = application.exchange(visitor.code(application))
        if response.status_code != 503:
            break
    return response.json()


@pytest.fixture(scope="module")
def clients(demo, cluster, stop_mode):
    """Six clients that refreshed while the database was restarted."""
    visitor, application = next(demo.visitors()), demo.application
    clients = [Refreshing(application, tokens_of(visitor, application)) for _ in range(6)]
    until = time.monotonic() + 2

    def restart():
        time.sleep(0.5)
        cluster.restart(stop_mode)

    at_once(restart, *[lambda each=each: each.go_on(until=until) for each in clients])
    return clients


def test_responses_during_a_restart_are_tokens_503_or_refusals(clients):
    assert {answer for client in clients for answer in client.answers} <= {(200, None), (503, "5"), (400, None)}


def test_clients_that_were_not_refused_go_on_after_a_restart(clients):
    assert {client.call() for client in clients if not client.was_refused} == {200}


def test_retry_after_a_503_is_not_refused(clients, stop_mode):
    refused = sum(client.was_refused for client in clients)
    # A crash may come between what is committed and the answer to it; an orderly stop does not.
    assert refused <= {"fast": 0, "immediate": 1}[stop_mode]


def test_no_row_is_partially_written_after_a_restart(demo, clients):
    assert demo.inspect().broken == []


def test_outage_is_not_reported_as_a_server_error(demo, flow, clients):
    assert "Traceback" not in demo.log()
