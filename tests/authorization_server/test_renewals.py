"""Refreshes in the audit trail."""

import pytest
from django.utils import timezone

from fourme_oauth.models import AuditEvent, Authorization


@pytest.fixture
def refreshed(third_party):
    """Refresh and return the next refresh token."""

    def refreshed(refresh_token):
        return third_party.refresh(refresh_token).json()["refresh_token"]

    return refreshed


def renewals():
    return AuditEvent.objects.filter(kind=AuditEvent.Kind.RENEWED)


def test_exchange_is_not_recorded_as_a_renewal(third_party):
    third_party.tokens()
    assert not renewals().exists()


def test_refresh_is_recorded(third_party, refreshed, user, application):
    refreshed(third_party.tokens()["refresh_token"])
    event = renewals().get()
    assert (event.user, event.application) == (user, application)


def test_many_refreshes_of_a_day_are_recorded_once(third_party, refreshed):
    refresh_token = third_party.tokens()["refresh_token"]
    for _ in range(3):
        Authorization.objects.exclude(renewed_at=None).update(renewed_at=timezone.now())
        refresh_token = refreshed(refresh_token)
    assert renewals().count() == 1


def test_refresh_of_another_day_is_recorded(third_party, refreshed):
    refresh_token = refreshed(third_party.tokens()["refresh_token"])
    Authorization.objects.update(renewed_at="2026-01-01T12:00Z")
    refreshed(refresh_token)
    assert renewals().count() == 2


def test_refused_refresh_is_not_recorded(third_party):
    third_party.tokens()
    third_party.refresh("unknown")
    assert not renewals().exists()


def test_refresh_stores_the_client_ip_where_the_site_keeps_it(third_party, settings, refreshed):
    settings.FOURME_OAUTH = {"KEEP_IP_ADDRESSES": True}
    refreshed(third_party.tokens()["refresh_token"])
    assert renewals().get().ip_address == "127.0.0.1"


@pytest.mark.parametrize("credential", ["code", "refresh token"])
def test_second_use_stores_the_client_ip_where_the_site_keeps_it(third_party, settings, credential, monkeypatch):
    settings.FOURME_OAUTH = {"KEEP_IP_ADDRESSES": True, "REFRESH_TOKEN_REPLAY_GRACE_SECONDS": 0}
    monkeypatch.setattr("fourme_oauth.authorization_server.reuse._is_of_a_burst", lambda *arguments: False)
    code = third_party.code()
    refresh_token = third_party.exchange(code).json()["refresh_token"]
    third_party.refresh(refresh_token)
    if credential == "code":
        third_party.exchange(code)
    else:
        third_party.refresh(refresh_token)
    reused = AuditEvent.objects.get(kind__in=[AuditEvent.Kind.CODE_REUSED, AuditEvent.Kind.REFRESH_TOKEN_REUSED])
    assert reused.ip_address == "127.0.0.1"
