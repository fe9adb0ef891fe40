"""Access is revoked while codes and tokens are issued: none issued before or meanwhile is accepted."""

import time
from itertools import cycle

import pytest

from tests.faults.crowd import at_once
from tests.faults.minting import MINTING
from tests.faults.staff import RETIRED, staff_of

MOMENTS = 3
"""How many delays there are between the one and the other."""
ROUNDS = [MOMENTS, pytest.param(200, marks=pytest.mark.endurance)]
ERRORS = {400, 401}
"""How the token endpoint refuses: a dead code or token, an application that is disabled."""


@pytest.fixture(scope="module")
def demo(served_where_the_suite_runs):
    return served_where_the_suite_runs


@pytest.fixture(scope="module")
def staff(demo):
    with staff_of(demo) as staff:
        yield staff


@pytest.fixture(scope="module")
def tabs(demo):
    """The same user's browser, twice."""
    return next(demo.visitors()), next(demo.visitors())


@pytest.fixture
def race(demo, staff, tabs):
    """Issue and revoke concurrently, ``rounds`` times; yield what was issued, once the revocation is committed."""
    visitor, other_tab = tabs

    def race(minting, end, rounds):
        for number in range(rounds):
            staff.do("forget", visitor.username)
            going_on = minting(demo.application, visitor, other_tab)

            def end_after_a_moment(number=number):
                time.sleep(number % MOMENTS / 25)
                end()

            at_once(end_after_a_moment, *going_on.acts)
            assert going_on.minted.statuses <= {200, 302, *ERRORS}
            yield going_on.minted

    yield race
    assert "database is locked" not in demo.log()


@pytest.fixture
def assert_no_token_is_accepted(demo):
    """No token is accepted, and no code or refresh token gives another."""
    application = demo.application

    def assert_no_token_is_accepted(minted):
        assert minted.pairs or minted.codes
        assert {application.call(pair["access_token"]).status_code for pair in minted.pairs} <= {401}
        assert {application.refresh(pair["refresh_token"]).status_code for pair in minted.pairs} <= ERRORS
        assert {application.exchange(code).status_code for code in minted.codes} <= ERRORS

    return assert_no_token_is_accepted


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize("minting", MINTING, ids=lambda minting: minting.__name__)
def test_no_token_is_valid_after_a_concurrent_user_revocation(
    race, tabs, minting, rounds, assert_no_token_is_accepted, demo
):
    visitor, _ = tabs

    def take_back():
        assert visitor.revoke_access().status == 200

    for minted in race(minting, take_back, rounds):
        assert_no_token_is_accepted(minted)
        visitor.code(demo.application)  # for which they consent again
        assert_no_token_is_accepted(minted)
    inspection = demo.inspect()
    assert (inspection.broken, inspection.active_pairs.get(visitor.username, 0)) == ([], 0)


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize("minting", MINTING, ids=lambda minting: minting.__name__)
def test_no_token_is_valid_after_ending_an_application_concurrently(
    race, staff, tabs, minting, rounds, assert_no_token_is_accepted
):
    username = tabs[0].username
    for minted in race(minting, lambda: staff.do("end", username), rounds):
        assert_no_token_is_accepted(minted)


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize("minting", MINTING, ids=lambda minting: minting.__name__)
def test_no_token_is_valid_after_disabling_an_application_concurrently(
    race, staff, tabs, minting, rounds, assert_no_token_is_accepted
):
    username, acts = tabs[0].username, cycle(["disable", "disable by form"])
    for minted in race(minting, lambda: staff.do(next(acts), username), rounds):
        assert_no_token_is_accepted(minted)
        staff.do("enable", username)
        assert_no_token_is_accepted(minted)


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize("minting", MINTING, ids=lambda minting: minting.__name__)
def test_no_token_is_valid_while_a_user_is_inactive(race, staff, tabs, minting, rounds, assert_no_token_is_accepted):
    username, acts = tabs[0].username, cycle(["deactivate", "deactivate by query"])
    for minted in race(minting, lambda: staff.do(next(acts), username), rounds):
        assert_no_token_is_accepted(minted)
        staff.do("activate", username)


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize("minting", MINTING, ids=lambda minting: minting.__name__)
def test_no_token_is_valid_after_a_permanent_deactivation(
    race, staff, tabs, minting, rounds, assert_no_token_is_accepted
):
    # PostgreSQL locks a row against what refers to it only where a name that is unique changes, MariaDB always.
    username, acts = tabs[0].username, cycle(["deactivate for good", "rename for good"])
    for minted in race(minting, lambda: staff.do(next(acts), username), rounds):
        assert_no_token_is_accepted(minted)
        staff.do("come back", username)
        assert_no_token_is_accepted(minted)


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize("minting", MINTING, ids=lambda minting: minting.__name__)
def test_a_retired_scope_is_in_no_effect_whatever_was_minted(race, staff, tabs, demo, minting, rounds):
    application, username, living = demo.application, tabs[0].username, 0
    for minted in race(minting, lambda: staff.do("retire", username), rounds):
        answers = [application.call(pair["access_token"]) for pair in minted.pairs[-2:]]
        in_effect = [answer.json()["scopes"] for answer in answers if answer.status_code == 200]
        assert {scopes.get(RETIRED) for scopes in in_effect}.isdisjoint({"in_effect"})
        later = [application.refresh(pair["refresh_token"]) for pair in minted.pairs[-2:]]
        later += [application.exchange(code) for code in minted.codes]
        given = [answer.json()["scope"].split() for answer in later if answer.status_code == 200]
        living += len(in_effect) + len(given)
        assert not any(RETIRED in scopes for scopes in given)
        staff.do("restore", username)
    # After some rounds no token is valid: on a busy machine, the last of many exchanges counts as a replay of the code.
    assert living
