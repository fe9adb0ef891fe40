"""Whoever guesses credentials is slowed down, and locks nobody else out."""

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory

from fourme_oauth.actor import client_ip
from fourme_oauth.authorization_server import throttling
from tests.factories import ApplicationFactory, issue_secret
from tests.third_party import ThirdParty

LIMIT = 4


@pytest.fixture(autouse=True)
def limit(settings):
    settings.FOURME_OAUTH = {"FAILED_AUTHENTICATIONS_PER_MINUTE": LIMIT}


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """A minute that lasts as long as a test."""

    class Clock:
        now = 1_000_000.0

        def time(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(throttling, "time", clock)
    return clock


def guess(third_party, path="/oauth/token", address="203.0.113.7", client_secret="wrong", **parameters):
    values = {"client_id": third_party.application.client_id, "client_secret": client_secret} | parameters
    values = {"grant_type": "client_credentials", "token": "any"} | values
    return Client().post(path, values, content_type="application/json", REMOTE_ADDR=address)


def introspect(third_party, address):
    return guess(third_party, "/oauth/introspect", address, client_secret=third_party.secret).status_code


def fail(third_party, times=LIMIT, **parameters):
    for _ in range(times):
        assert guess(third_party, **parameters).status_code == 401


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/introspect", "/oauth/revoke"])
def test_after_too_many_failures_there_is_no_answer_for_a_while(third_party, path):
    fail(third_party, path=path)
    response = guess(third_party, path)
    assert (response.status_code, response.json()["error"]) == (429, "temporarily_unavailable")


def test_the_answer_says_when_to_come_back(third_party, clock):
    clock.now = 60 * 1000 + 45
    fail(third_party)
    assert guess(third_party)["Retry-After"] == "15"


def test_then_even_the_right_secret_is_not_looked_at(third_party):
    fail(third_party)
    assert introspect(third_party, "203.0.113.7") == 429


def test_in_the_next_minute_there_is_an_answer_again(third_party, clock):
    fail(third_party)
    clock.now += 60
    assert introspect(third_party, "203.0.113.7") == 200


def test_failures_at_different_endpoints_count_together(third_party):
    fail(third_party, LIMIT - 1)
    fail(third_party, 1, path="/oauth/introspect")
    assert guess(third_party).status_code == 429


def test_who_does_not_fail_is_never_slowed_down(third_party):
    assert {introspect(third_party, "203.0.113.7") for _ in range(4 * LIMIT)} == {200}


def test_what_fails_for_another_reason_does_not_count(third_party):
    for _ in range(4 * LIMIT):
        assert guess(third_party, client_secret=third_party.secret, grant_type="password").status_code == 400


def test_failures_from_elsewhere_do_not_lock_an_application_out(third_party):
    fail(third_party)
    assert introspect(third_party, "198.51.100.1") == 200


def test_failures_from_its_own_address_do_not_lock_an_application_out(third_party):
    """Behind one proxy, say. It was heard from there before."""
    introspect(third_party, "203.0.113.7")
    fail(third_party)
    assert introspect(third_party, "203.0.113.7") == 200


def test_who_sends_a_secret_that_is_not_looked_at_is_not_known_by_it(third_party):
    guess(third_party, grant_type="password")
    fail(third_party)
    assert guess(third_party).status_code == 429


def test_failures_at_one_application_leave_another_alone(third_party, client):
    other = ApplicationFactory()
    fail(third_party)
    assert introspect(ThirdParty(client, other, issue_secret(other)), "203.0.113.7") == 200


def test_an_address_that_fails_at_many_applications_is_slowed_down(db, client):
    for _ in range(LIMIT * throttling.APPLICATIONS_PER_ADDRESS):
        fail(ThirdParty(client, ApplicationFactory(), None), 1)
    assert guess(ThirdParty(client, ApplicationFactory(), None)).status_code == 429


def test_unknown_applications_count_too(db, client):
    for number in range(LIMIT * throttling.APPLICATIONS_PER_ADDRESS):
        unknown = ThirdParty(client, ApplicationFactory.build(client_id=f"unknown-{number}"), None)
        fail(unknown, 1)
    assert guess(unknown).status_code == 429


def test_one_setting_turns_it_off(third_party, settings):
    settings.FOURME_OAUTH = {"FAILED_AUTHENTICATIONS_PER_MINUTE": None}
    fail(third_party, 4 * LIMIT)
    assert introspect(third_party, "203.0.113.7") == 200


def test_what_is_counted_is_no_secret(third_party):
    fail(third_party, 1, client_secret="a secret that was mistyped")
    assert "mistyped" not in repr(vars(cache)) + repr(getattr(cache, "_cache", ""))


class Broken:
    def __getattr__(self, name):
        raise ConnectionError(name)


def test_a_cache_that_is_down_takes_nothing_with_it(third_party, monkeypatch):
    monkeypatch.setattr(throttling, "cache", Broken())
    fail(third_party, 2 * LIMIT)
    assert introspect(third_party, "203.0.113.7") == 200


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_an_address_is_a_machine_or_the_network_of_one(remote, address):
    assert client_ip(RequestFactory().get("/", REMOTE_ADDR=remote).META) == address


def test_a_forwarded_address_is_not_believed(settings):
    assert client_ip(RequestFactory().get("/", headers={"X-Forwarded-For": "198.51.100.1"}).META) == "127.0.0.1"


def test_a_forwarded_address_is_believed_where_the_site_says_how_many_proxies_it_has(settings):
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "192.0.2.1, 198.51.100.1"})
    assert client_ip(request.META) == "198.51.100.1"
