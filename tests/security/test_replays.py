"""Replays of codes and refresh tokens: hidden, and repeated."""

import io
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import clear_expired

from fourme_oauth.models import AuditEvent, Grant, RefreshToken


def test_delayed_body_hides_no_replay(third_party):
    code, tokens = third_party.code(), {}
    values = {"client_id": third_party.application.client_id, "client_secret": third_party.secret, "code": code}
    values |= {"grant_type": "authorization_code", "redirect_uri": third_party.redirect_uri}
    body = urlencode(values).encode()

    class HeldBack(io.RawIOBase):
        sent = False

        def read(self, size=-1):
            if self.sent:
                return b""
            self.sent = True
            tokens.update(third_party.exchange(code).json())
            return body

    request = {"CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": "application/x-www-form-urlencoded"}
    Client().generic("POST", "/oauth/token", b"", **request, **{"wsgi.input": HeldBack()})
    assert not third_party.introspect(tokens["access_token"])["active"]


def test_the_toolkit_s_clean_up_leaves_used_codes_that_can_still_end_tokens(third_party, monkeypatch):
    code = third_party.code()
    tokens = third_party.exchange(code).json()
    later = timezone.now() + timedelta(days=13)
    monkeypatch.setattr("oauth2_provider.models.timezone.now", lambda: later)
    clear_expired()
    monkeypatch.undo()
    third_party.exchange(code)
    assert not third_party.introspect(tokens["access_token"])["active"]


def test_the_toolkit_s_clean_up_takes_codes_that_nobody_used(third_party, monkeypatch):
    third_party.code()
    later = timezone.now() + timedelta(minutes=5)
    monkeypatch.setattr("oauth2_provider.models.timezone.now", lambda: later)
    clear_expired()
    assert not Grant.objects.exists()


@pytest.fixture
def rotated(third_party):
    """A refresh token that was rotated a minute ago."""
    refresh_token = third_party.tokens()["refresh_token"]
    third_party.refresh(refresh_token)
    RefreshToken.objects.exclude(revoked=None).update(revoked=timezone.now() - timedelta(minutes=1))
    return refresh_token


def test_repeated_refresh_token_replays_are_recorded_once(third_party, rotated):
    for _ in range(3):
        third_party.refresh(rotated)
    assert AuditEvent.objects.filter(kind=AuditEvent.Kind.REFRESH_TOKEN_REUSED).count() == 1


def test_repeated_code_replays_are_recorded_once(third_party):
    code = third_party.code()
    for _ in range(4):
        third_party.exchange(code)
        Grant.objects.update(used_at=timezone.now() - timedelta(minutes=1))
    assert AuditEvent.objects.filter(kind=AuditEvent.Kind.CODE_REUSED).count() == 1
