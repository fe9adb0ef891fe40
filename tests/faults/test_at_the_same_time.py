"""Sixteen concurrent requests on several workers: one succeeds, and none is a server error."""

import time

import pytest

from tests.faults.crowd import SIXTEEN, at_once

ROUNDS = [3, pytest.param(50, marks=pytest.mark.endurance)]


@pytest.fixture(scope="module")
def demo(served_where_the_suite_runs):
    return served_where_the_suite_runs


@pytest.fixture(scope="module")
def newcomers(demo):
    return demo.visitors()


@pytest.fixture
def visitor(newcomers):
    return next(newcomers)


def winner(responses):
    """The tokens of the one that succeeded; all others are refused as the RFC says."""
    statuses = sorted(response.status_code for response in responses)
    assert statuses == [200] + [400] * (SIXTEEN - 1), {response.text for response in responses}
    assert {response.json().get("error") for response in responses} == {None, "invalid_grant"}
    return next(response.json() for response in responses if response.status_code == 200)


@pytest.mark.parametrize("rounds", ROUNDS)
def test_of_concurrent_exchanges_of_one_code_one_succeeds_and_its_pair_is_valid(demo, visitor, rounds):
    application = demo.application
    for _ in range(rounds):
        code = visitor.code(application)
        tokens = winner(at_once(*[lambda code=code: application.exchange(code)] * SIXTEEN))
        assert application.call(tokens["access_token"]).status_code == 200
        assert application.refresh(tokens["refresh_token"]).status_code == 200
    assert demo.inspect().broken == []


@pytest.mark.parametrize("rounds", ROUNDS)
def test_of_concurrent_refreshes_of_one_token_one_succeeds_and_its_pair_is_valid(demo, visitor, rounds):
    application = demo.application
    tokens = application.exchange(visitor.code(application)).json()
    for _ in range(rounds):
        tokens = winner(at_once(*[lambda text=tokens["refresh_token"]: application.refresh(text)] * SIXTEEN))
        assert application.call(tokens["access_token"]).status_code == 200
    assert demo.inspect().active_pairs[visitor.username] == 1


# Revocations of a family while it is refreshed


def revoke_the_current(visitor, application, rotated, current):
    return application.revoke(current).status_code


def revoke_a_rotated(visitor, application, rotated, current):
    return application.revoke(rotated).status_code


def take_it_back(visitor, application, rotated, current):
    return visitor.revoke_access().status


def refresh_until_refused(application, refresh_token):
    """Refresh until it is refused; return all tokens that were issued."""
    handed_out = []
    while (response := application.refresh(refresh_token)).status_code == 200:
        handed_out.append(response.json())
        refresh_token = handed_out[-1]["refresh_token"]
    assert response.json()["error"] == "invalid_grant"
    return handed_out


def race(visitor, application, end, *, delay):
    """Refresh in a chain and end it meanwhile; return every pair of the family."""
    first = application.exchange(visitor.code(application)).json()
    second = application.refresh(first["refresh_token"]).json()

    def end_after_a_moment():
        time.sleep(delay)
        return end(visitor, application, first["refresh_token"], second["refresh_token"])

    refresh = [lambda: refresh_until_refused(application, second["refresh_token"])] * 4
    ended, *chains = at_once(end_after_a_moment, *refresh)
    assert ended == 200
    return [first, second, *(pair for chain in chains for pair in chain)]


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize("end", [revoke_the_current, revoke_a_rotated, take_it_back], ids=lambda end: end.__name__)
def test_no_token_of_a_revoked_family_is_valid_after_concurrent_refreshes(demo, visitor, end, rounds):
    application = demo.application
    for number in range(rounds):
        pairs = race(visitor, application, end, delay=number % 5 / 50)
        assert {application.call(pair["access_token"]).status_code for pair in pairs} == {401}
        assert {application.refresh(pair["refresh_token"]).status_code for pair in pairs} == {400}
    inspection = demo.inspect()
    assert (inspection.broken, inspection.active_pairs.get(visitor.username, 0)) == ([], 0)
