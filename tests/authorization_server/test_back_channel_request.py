"""What is known of a request of an application before anything is done about it."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.test import RequestFactory

from fourme_oauth.actor import Actor
from fourme_oauth.authorization_server import back_channel_request, request_validator
from fourme_oauth.authorization_server.server import authorization_server

FORM = "application/x-www-form-urlencoded"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def request_with():
    def request_with(body, **headers):
        request = RequestFactory().post("/oauth/token", body, content_type=FORM, REMOTE_ADDR="192.0.2.7", **headers)
        request.user = User(username="signed in to the site")
        return back_channel_request.from_request(request)

    return request_with


def test_whoever_is_signed_in_does_not_act(request_with):
    assert request_with("client_id=x").by == Actor(ip="192.0.2.7")


def test_it_was_received_when_it_was_read(request_with, monkeypatch):
    monkeypatch.setattr(back_channel_request.timezone, "now", lambda: NOW)
    assert request_with("client_id=x").received_at == NOW


def test_oauthlib_gets_what_it_knows(request_with):
    assert request_with("client_id=x&code=y").body == [("code", "y"), ("client_id", "x")]


@pytest.mark.parametrize("name", ["client", "user", "scopes", "extra_credentials"])
def test_oauthlib_gets_nothing_that_it_would_take_for_an_attribute(request_with, name):
    assert request_with(f"client_id=x&{name}=y").body == [("client_id", "x")]


def test_oauthlib_gets_the_credentials_of_the_header(request_with):
    call = request_with("code=y", HTTP_AUTHORIZATION="Basic eDpz")
    assert call.body == [("code", "y"), ("client_id", "x"), ("client_secret", "s")]


def test_a_validator_knows_who_calls_and_since_when():
    validator = authorization_server(Actor(ip="192.0.2.7"), NOW).request_validator
    assert (validator.by, validator.received_at) == (Actor(ip="192.0.2.7"), NOW)


def test_a_validator_that_nobody_told_takes_the_request_for_just_received(monkeypatch):
    monkeypatch.setattr(request_validator.timezone, "now", lambda: NOW)
    assert authorization_server().request_validator.received_at == NOW
