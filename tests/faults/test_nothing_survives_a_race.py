"""Access is taken back while codes and tokens are minted: nothing that was minted before or meanwhile gets through."""

import time

import pytest

from tests.faults.crowd import at_once

ROUNDS = [10, pytest.param(200, marks=pytest.mark.endurance)]
EIGHT = 8


@pytest.fixture(scope="module")
def demo(served_where_the_suite_runs):
    return served_where_the_suite_runs


@pytest.fixture(scope="module")
def visitor(demo):
    return next(demo.visitors())


def after(delay, act):
    time.sleep(delay)
    return act()


@pytest.mark.parametrize("rounds", ROUNDS)
def test_no_token_survives_a_revocation_while_its_code_is_exchanged(demo, visitor, rounds):
    application = demo.application
    for number in range(rounds):
        code = visitor.code(application)
        exchange = [lambda code=code: application.exchange(code)] * (EIGHT - 1)
        revoked, *exchanged = at_once(lambda: after(number % 5 / 50, visitor.take_back), *exchange)  # noqa: B023 - at once
        assert revoked.status == 200
        assert {response.status_code for response in exchanged} <= {200, 400}
        pairs = [response.json() for response in exchanged if response.status_code == 200]
        assert {application.call(pair["access_token"]).status_code for pair in pairs} <= {401}
        assert {application.refresh(pair["refresh_token"]).status_code for pair in pairs} <= {400}
        assert application.exchange(code).status_code == 400
    assert "database is locked" not in demo.log()
    assert demo.inspect().living_pairs.get(visitor.username, 0) == 0
