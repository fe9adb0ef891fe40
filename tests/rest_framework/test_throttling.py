from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from django.test import Client

from fourme_oauth.rest_framework import ApplicationRateThrottle
from tests.factories import ApplicationFactory, UserFactory, authorize, mint_access_token
from tests.rest_framework.compositions import FiveAnHour, TwoAMinute

pytestmark = pytest.mark.urls("tests.rest_framework.compositions")
NOW = 1_000_000_020.0  # 40 s into a minute


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setattr(ApplicationRateThrottle, "timer", lambda self: NOW)


def limits(response):
    return tuple(int(response[f"X-RateLimit-{name}"]) for name in ("Limit", "Remaining", "Reset"))


def test_each_answer_says_how_much_is_left(call, token):
    assert [limits(call("/throttled/", token))[:2] for _ in range(2)] == [(2, 1), (2, 0)]


def test_each_answer_says_when_the_next_window_begins(call, token):
    assert limits(call("/throttled/", token))[2] == NOW // 60 * 60 + 60


def test_request_beyond_the_rate_is_refused(call, token):
    answers = [call("/throttled/", token) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]


def test_refusal_says_when_to_come_back(call, token):
    answer = [call("/throttled/", token) for _ in range(3)][-1]
    assert answer["Retry-After"] == str(int(60 - NOW % 60))
    assert limits(answer)[:2] == (2, 0)


def test_next_window_begins_anew(call, token, monkeypatch):
    for _ in range(3):
        call("/throttled/", token)
    monkeypatch.setattr(ApplicationRateThrottle, "timer", lambda self: NOW + 60)
    assert call("/throttled/", token).status_code == 200


def test_headers_describe_the_tightest_of_several_rates(call, token, monkeypatch):
    for minute in range(2):
        monkeypatch.setattr(ApplicationRateThrottle, "timer", lambda self, minute=minute: NOW + 60 * minute)
        call("/throttled/", token)
        call("/throttled/", token)
    monkeypatch.setattr(ApplicationRateThrottle, "timer", lambda self: NOW + 120)
    assert limits(call("/throttled/", token))[:2] == (5, 0)


def test_another_application_of_the_user_is_counted_apart(call, token, user):
    for _ in range(3):
        call("/throttled/", token)
    other = mint_access_token(authorize(user, ApplicationFactory(scopes=["request:read", "request:create"])))
    assert call("/throttled/", other).status_code == 200


def test_another_user_of_the_application_is_counted_apart(call, token, application):
    for _ in range(3):
        call("/throttled/", token)
    assert call("/throttled/", mint_access_token(authorize(UserFactory(), application))).status_code == 200


def test_another_token_of_both_is_counted_with_the_first(call, token, authorization):
    for _ in range(2):
        call("/throttled/", token)
    assert call("/throttled/", mint_access_token(authorization)).status_code == 429


def test_session_is_not_counted(user):
    client = Client()
    client.force_login(user)
    answers = [client.get("/throttled/") for _ in range(4)]
    assert {answer.status_code for answer in answers} == {200}
    assert "X-RateLimit-Limit" not in answers[0].headers


def test_unavailable_cache_throttles_nobody(call, token, monkeypatch):
    def down(*args, **kwargs):
        raise ConnectionError

    monkeypatch.setattr(FiveAnHour.cache, "add", down)
    assert {call("/throttled/", token).status_code for _ in range(4)} == {200}


def test_requests_that_come_together_all_count(db):
    throttle = TwoAMinute()
    throttle.duration = 60
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(throttle._count, ["together"] * 200))
    assert (sorted(counts), cache.get("together")) == (list(range(1, 201)), 200)


def test_count_expires_with_its_window(call, token, monkeypatch):
    lives, add = [], cache.add

    def spied(key, value, timeout=None, **kwargs):
        lives.append(timeout)
        return add(key, value, timeout, **kwargs)

    monkeypatch.setattr(cache, "add", spied)
    call("/throttled/", token)
    assert lives == [60 * 60, 60]
