"""Failed client authentication is throttled, and locks no other client out."""

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
    """A clock that stays within one minute during a test."""

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
def test_too_many_failures_are_throttled(third_party, path):
    fail(third_party, path=path)
    response = guess(third_party, path)
    assert (response.status_code, response.json()["error"]) == (429, "temporarily_unavailable")


def test_throttled_response_has_retry_after(third_party, clock):
    clock.now = 60 * 1000 + 45
    fail(third_party)
    assert guess(third_party)["Retry-After"] == "15"


def test_throttled_request_is_refused_with_the_right_secret_too(third_party):
    fail(third_party)
    assert introspect(third_party, "203.0.113.7") == 429


def test_throttling_ends_with_the_next_minute(third_party, clock):
    fail(third_party)
    clock.now += 60
    assert introspect(third_party, "203.0.113.7") == 200


def test_failures_at_different_endpoints_count_together(third_party):
    fail(third_party, LIMIT - 1)
    fail(third_party, 1, path="/oauth/introspect")
    assert guess(third_party).status_code == 429


def test_successful_requests_are_never_throttled(third_party):
    assert {introspect(third_party, "203.0.113.7") for _ in range(4 * LIMIT)} == {200}


def test_what_fails_for_another_reason_does_not_count(third_party):
    for _ in range(4 * LIMIT):
        assert guess(third_party, client_secret=third_party.secret, grant_type="password").status_code == 400


def test_failures_from_elsewhere_do_not_lock_an_application_out(third_party):
    fail(third_party)
    assert introspect(third_party, "198.51.100.1") == 200


def test_failures_from_its_own_address_do_not_lock_an_application_out(third_party):
    """The application authenticated from this address before; it may share a proxy with an attacker."""
    introspect(third_party, "203.0.113.7")
    fail(third_party)
    assert introspect(third_party, "203.0.113.7") == 200


def test_throttled_request_does_not_make_its_address_known(third_party):
    guess(third_party, grant_type="password")
    fail(third_party)
    assert guess(third_party).status_code == 429


def test_failures_at_one_application_leave_another_alone(third_party, client):
    other = ApplicationFactory()
    fail(third_party)
    assert introspect(ThirdParty(client, other, issue_secret(other)), "203.0.113.7") == 200


def test_address_that_fails_at_many_applications_is_throttled(db, client):
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


def test_cache_keys_contain_no_secret(third_party):
    fail(third_party, 1, client_secret="a secret that was mistyped")
    assert "mistyped" not in repr(vars(cache)) + repr(getattr(cache, "_cache", ""))


@pytest.fixture
def lives(monkeypatch):
    """The timeout of each cache entry in seconds, by kind."""
    lives = {}

    def spied(put):
        def put_and_note(key, value, timeout=None, **kwargs):
            lives[key.split(".")[1]] = timeout
            return put(key, value, timeout, **kwargs)

        return put_and_note

    for name in ("add", "set"):
        monkeypatch.setattr(cache, name, spied(getattr(cache, name)))
    return lives


def test_both_counters_expire_after_two_windows(third_party, lives):
    fail(third_party, 1)
    assert (lives["pair"], lives["address"]) == (2 * 60, 2 * 60)


def test_a_known_address_is_remembered_for_a_day(third_party, lives):
    introspect(third_party, "203.0.113.7")
    assert lives["known"] == 24 * 60 * 60


class Broken:
    def __getattr__(self, name):
        raise ConnectionError(name)


def test_unavailable_cache_does_not_break_requests(third_party, monkeypatch):
    monkeypatch.setattr(throttling, "cache", Broken())
    fail(third_party, 2 * LIMIT)
    assert introspect(third_party, "203.0.113.7") == 200


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("2001:db8:1:3:ffff:ffff:ffff:ffff", "2001:db8:1:3::"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_client_ip_is_an_ipv4_address_or_an_ipv6_network(remote, address):
    assert client_ip(RequestFactory().get("/", REMOTE_ADDR=remote).META) == address


def test_x_forwarded_for_is_ignored_by_default(settings):
    assert client_ip(RequestFactory().get("/", headers={"X-Forwarded-For": "198.51.100.1"}).META) == "127.0.0.1"


def test_x_forwarded_for_is_used_with_num_proxies(settings):
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "192.0.2.1, 198.51.100.1"})
    assert client_ip(request.META) == "198.51.100.1"


def address_behind(proxies, settings, *forwarded):
    """The address of a request that came through ``proxies`` and has these hops in its header."""
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": proxies}
    headers = {"X-Forwarded-For": ", ".join(forwarded)} if forwarded else {}
    return client_ip(RequestFactory().get("/", headers=headers).META)


@pytest.mark.parametrize("forwarded", [["198.51.100.1"], ["198.51.100.1", "192.0.2.1"]])
def test_fewer_hops_than_num_proxies_give_the_first_address(settings, forwarded):
    assert address_behind(3, settings, *forwarded) == "198.51.100.1"


def test_more_hops_than_num_proxies_ignore_addresses_set_by_the_client(settings):
    assert address_behind(2, settings, "192.0.2.1", "198.51.100.1", "192.0.2.2") == "198.51.100.1"


def test_request_without_x_forwarded_for_has_the_address_of_the_connection(settings):
    assert address_behind(1, settings) == "127.0.0.1"


def test_num_proxies_zero_ignores_x_forwarded_for(settings):
    assert address_behind(0, settings, "198.51.100.1") == "127.0.0.1"


def network_of(address):
    return client_ip(RequestFactory().get("/", REMOTE_ADDR=address).META)


def test_addresses_that_differ_in_their_last_64_bits_are_of_one_network():
    assert network_of("2001:db8::") == network_of("2001:db8::8000:0:0:0") == network_of("2001:db8::1")


def test_addresses_that_differ_in_their_first_64_bits_are_of_two_networks():
    assert network_of("2001:db8:0:0::1") != network_of("2001:db8:0:1::1")


def test_ipv4_mapped_ipv6_address_is_the_ipv4_address():
    assert network_of("::ffff:192.0.2.1") == "192.0.2.1"
