"""Failed authentication is throttled without locking out other clients."""

import pytest
from django.core.cache.backends import base as cache_base
from django.core.cache.backends import locmem

from fourme_oauth.authorization_server import throttling
from tests.third_party import CHALLENGE, VERIFIER

LIMIT = 3


@pytest.fixture(autouse=True)
def limit(settings):
    settings.FOURME_OAUTH = {"FAILED_AUTHENTICATIONS_PER_MINUTE": LIMIT}


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1_000_000.0

        def time(self):
            return self.now

    clock = Clock()
    for module in (throttling, locmem, cache_base):
        monkeypatch.setattr(module, "time", clock)
    return clock


def introspect(third_party, **parameters):
    return third_party.post("/oauth/introspect", token="any", **parameters).status_code


def test_application_that_authenticated_a_minute_ago_is_not_locked_out(third_party, clock):
    introspect(third_party)
    clock.now += 24 * 60 * 60 - 30
    introspect(third_party)
    clock.now += 60
    for _ in range(LIMIT):
        introspect(third_party, client_secret="wrong")
    assert introspect(third_party) == 200


def test_an_application_that_authenticated_two_days_ago_is_not_known_any_more(third_party, clock):
    introspect(third_party)
    clock.now += 2 * 24 * 60 * 60
    for _ in range(LIMIT):
        introspect(third_party, client_secret="wrong")
    assert introspect(third_party) == 429


def test_a_failure_counts_until_its_minute_is_over(third_party, clock):
    clock.now = 60 * 1000
    for _ in range(LIMIT):
        introspect(third_party, client_secret="wrong")
    clock.now += 59
    assert introspect(third_party) == 429


def test_an_application_is_known_for_hours_after_it_authenticated(third_party, clock):
    introspect(third_party)
    clock.now += 23 * 60 * 60
    for _ in range(LIMIT):
        introspect(third_party, client_secret="wrong")
    assert introspect(third_party) == 200


def guess(mobile):
    """Present a secret, which a public application has none of."""
    return mobile.post("/oauth/token", grant_type="refresh_token", refresh_token="any", client_secret="guess")


def test_a_public_application_that_presents_no_secret_does_not_become_known(mobile):
    mobile.tokens()
    answers = [guess(mobile).status_code for _ in range(LIMIT + 1)]
    assert answers == [401] * LIMIT + [429]


def test_nobody_locks_a_public_application_out(mobile):
    code = mobile.code(code_challenge=CHALLENGE, code_challenge_method="S256")
    for _ in range(LIMIT * throttling.APPLICATIONS_PER_ADDRESS):
        mobile.post("/oauth/token", grant_type="refresh_token", refresh_token="any", client_secret="anything")
    assert mobile.exchange(code, code_verifier=VERIFIER).status_code == 200


def test_who_presents_no_secret_does_not_count(third_party):
    for _ in range(LIMIT * throttling.APPLICATIONS_PER_ADDRESS):
        assert introspect(third_party, client_secret=None) == 401
    assert introspect(third_party) == 200
