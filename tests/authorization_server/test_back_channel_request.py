"""Parsing a request at the token, revocation and introspection endpoints."""

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


def test_session_user_is_ignored_at_the_back_channel(request_with):
    assert request_with("client_id=x").by == Actor(ip="192.0.2.7")


def test_received_time_is_when_the_body_was_read(request_with, monkeypatch):
    monkeypatch.setattr(back_channel_request.timezone, "now", lambda: NOW)
    assert request_with("client_id=x").received_at == NOW


def test_oauthlib_gets_known_parameters(request_with):
    assert request_with("client_id=x&code=y").body == [("code", "y"), ("client_id", "x")]


@pytest.mark.parametrize("name", ["client", "user", "scopes", "extra_credentials"])
def test_oauthlib_gets_no_parameter_named_like_its_attributes(request_with, name):
    assert request_with(f"client_id=x&{name}=y").body == [("client_id", "x")]


def test_oauthlib_gets_the_credentials_of_the_header(request_with):
    call = request_with("code=y", HTTP_AUTHORIZATION="Basic eDpz")
    assert call.body == [("code", "y"), ("client_id", "x"), ("client_secret", "s")]


def test_validator_has_the_application_and_the_received_time():
    validator = authorization_server(Actor(ip="192.0.2.7"), NOW).request_validator
    assert (validator.by, validator.received_at) == (Actor(ip="192.0.2.7"), NOW)


def test_validator_without_a_received_time_uses_now(monkeypatch):
    monkeypatch.setattr(request_validator.timezone, "now", lambda: NOW)
    assert authorization_server().request_validator.received_at == NOW
