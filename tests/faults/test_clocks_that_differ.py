"""Clock skew between workers: nothing is valid longer than its lifetime plus the skew."""

from datetime import UTC, datetime, timedelta
from itertools import product
from unittest.mock import patch

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from fourme_oauth.models import Authorization
from tests.factories import ApplicationFactory, UserFactory, issue_secret
from tests.third_party import ThirdParty

SCOPES = ["account:read"]
SECOND = timedelta(seconds=1)
CLOCKS = {"slow": timedelta(minutes=-5), "right": timedelta(0), "fast": timedelta(minutes=5)}
LARGEST_DIFFERENCE = CLOCKS["fast"] - CLOCKS["slow"]
CODE, ACCESS_TOKEN, REFRESH_TOKEN = timedelta(seconds=60), timedelta(hours=1), timedelta(days=14)
A_YEAR = timedelta(days=365)


class World:
    """The true time, and workers with clock skew."""

    def __init__(self):
        self.time = datetime.now(UTC).replace(microsecond=0)

    def on(self, error):
        """Everything inside happens on a worker whose clock is off by ``error``."""
        return patch("django.utils.timezone.now", lambda: self.time + error)

    def wait(self, duration):
        self.time += duration


@pytest.fixture
def world():
    return World()


@pytest.fixture
def application(db):
    return ApplicationFactory(scopes=SCOPES)


@pytest.fixture(
    params=product(["slow", "right", "fast"], repeat=2), ids=lambda pair: f"{pair[0]} worker, then {pair[1]} worker"
)
def errors(request):
    return [CLOCKS[name] for name in request.param]


@pytest.fixture
def issued(errors):
    """By how much the clock is off where something is issued."""
    return errors[0]


@pytest.fixture
def used(errors):
    """By how much the clock is off where it is used."""
    return errors[1]


@pytest.fixture
def end(world, issued, used):
    """Wait until something with this lifetime ends, as seen where it is used, or until just before that."""

    def end(lifetime, *, early=timedelta(0)):
        assert lifetime + issued - used <= lifetime + LARGEST_DIFFERENCE
        world.wait(lifetime + issued - used - early)

    return end


@pytest.fixture
def tokens(client, user, third_party, world, issued):
    client.force_login(user)
    with world.on(issued):
        return third_party.tokens()


@pytest.fixture
def code(client, user, third_party, world, issued):
    client.force_login(user)
    with world.on(issued):
        return third_party.code()


def status(world, used, act):
    with world.on(used):
        return act().status_code


@pytest.mark.parametrize(("early", "expected"), [(SECOND, 200), (timedelta(0), 401)])
def test_an_access_token_ends_an_hour_after_the_clock_that_issued_it(
    world, third_party, tokens, used, end, early, expected
):
    end(ACCESS_TOKEN, early=early)
    assert status(world, used, lambda: third_party.call(tokens["access_token"])) == expected


@pytest.mark.parametrize(("early", "expected"), [(SECOND, True), (timedelta(0), False)])
def test_introspection_agrees_with_the_api(world, third_party, tokens, used, end, early, expected):
    end(ACCESS_TOKEN, early=early)
    with world.on(used):
        assert third_party.introspect(tokens["access_token"])["active"] is expected


@pytest.mark.parametrize(("early", "expected"), [(SECOND, 200), (timedelta(0), 400)])
def test_a_refresh_token_ends_two_weeks_after_the_clock_that_issued_it(
    world, third_party, tokens, used, end, early, expected
):
    end(REFRESH_TOKEN, early=early)
    assert status(world, used, lambda: third_party.refresh(tokens["refresh_token"])) == expected


@pytest.mark.parametrize(("early", "expected"), [(SECOND, 200), (timedelta(0), 400)])
def test_a_code_ends_a_minute_after_the_clock_that_issued_it(world, third_party, code, used, end, early, expected):
    end(CODE, early=early)
    assert status(world, used, lambda: third_party.exchange(code)) == expected


@pytest.mark.parametrize(("early", "expected"), [(SECOND, 200), (timedelta(0), 400)])
def test_no_refresh_token_outlives_a_year_after_the_yes(world, third_party, tokens, issued, used, end, early, expected):
    yes = world.time + issued - A_YEAR + timedelta(days=1)
    Authorization.objects.update(confirmed_at=yes)
    end(timedelta(days=1), early=early)
    assert status(world, used, lambda: third_party.refresh(tokens["refresh_token"])) == expected


# Used, rotated and revoked stays so, whatever the clock


def test_a_used_code_stays_used(world, third_party, code, issued, used):
    with world.on(issued):
        third_party.exchange(code)
    assert status(world, used, lambda: third_party.exchange(code)) == 400


def test_a_rotated_refresh_token_stays_rotated(world, third_party, tokens, issued, used):
    with world.on(issued):
        third_party.refresh(tokens["refresh_token"])
    assert status(world, used, lambda: third_party.refresh(tokens["refresh_token"])) == 400


def test_access_token_of_a_rotated_refresh_token_stays_invalid(world, third_party, tokens, issued, used):
    with world.on(issued):
        third_party.refresh(tokens["refresh_token"])
    assert status(world, used, lambda: third_party.call(tokens["access_token"])) == 401


def test_what_was_revoked_stays_revoked(world, third_party, client, tokens, issued, used):
    authorization = Authorization.objects.get()
    with world.on(issued):
        client.post(f"/access-and-security/{authorization.pk}/revoke/")
    assert status(world, used, lambda: third_party.call(tokens["access_token"])) == 401


# Back and forth, in any order

ERRORS = st.integers(-300, 300).map(lambda seconds: timedelta(seconds=seconds))
WAITS = st.one_of(
    st.integers(0, 2 * 3600),
    st.integers(-700, 700).map(lambda seconds: seconds + int(REFRESH_TOKEN.total_seconds())),
).map(lambda seconds: timedelta(seconds=seconds))
STEPS = st.lists(st.tuples(WAITS, ERRORS, ERRORS), min_size=1, max_size=5)


class BackAndForth(TestCase):
    """A chain of refreshes, each on a worker with a clock of its own, and the API on another."""

    @settings(
        max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
    )
    @given(ERRORS, STEPS)
    def test_no_token_is_accepted_later_or_refused_sooner_than_the_clocks_differ(self, error, steps):
        world, third_party = World(), connected_third_party()
        with world.on(error):
            tokens = third_party.tokens()
        for wait, error_of_api, error_of_refresh in steps:
            world.wait(wait)
            with world.on(error_of_api):
                assert_age_decided(third_party.call(tokens["access_token"]), wait, ACCESS_TOKEN)
            with world.on(error_of_refresh):
                response = third_party.refresh(tokens["refresh_token"])
            assert_age_decided(response, wait, REFRESH_TOKEN)
            if response.status_code != 200:
                break
            tokens = response.json()


def connected_third_party():
    application = ApplicationFactory(scopes=SCOPES)
    third_party = ThirdParty(Client(), application, issue_secret(application))
    third_party.browser.force_login(UserFactory())
    return third_party


def assert_age_decided(response, age, lifetime):
    if response.status_code == 200:
        assert age < lifetime + LARGEST_DIFFERENCE
    else:
        assert age > lifetime - LARGEST_DIFFERENCE
