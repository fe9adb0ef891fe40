"""Of eight concurrent requests, one records the use or renewal, and all are answered."""

import pytest
from django.db import connections
from django.test import Client

from fourme_oauth.models import AuditEvent, Authorization
from tests.factories import ApplicationFactory, issue_secret, mint_refresh_token
from tests.faults.crowd import at_once

pytestmark = pytest.mark.django_db(transaction=True)

EIGHT = 8


def closing(act):
    """Each thread has a connection of its own, and leaves none behind."""

    def closing():
        try:
            return act()
        finally:
            connections.close_all()

    return closing


@pytest.fixture
def is_due():
    """Make the next use one of another day."""

    def is_due():
        Authorization.objects.update(last_used_at="2026-01-01T12:00Z", renewed_at="2026-01-01T12:00Z")

    return is_due


def recorded(kind):
    return AuditEvent.objects.filter(kind=kind).count()


@pytest.mark.parametrize("path", ["/api/me/", "/api/requests/"])
def test_concurrent_uses_are_recorded_once(token, is_due, path):
    def call():
        return Client().get(path, headers={"Authorization": f"Bearer {token}"}).status_code

    for number in range(1, 6):
        is_due()
        assert 401 not in at_once(*[closing(call)] * EIGHT)
        assert recorded(AuditEvent.Kind.USED) == number


def test_concurrent_introspections_are_recorded_once(token, is_due):
    application = ApplicationFactory(resource_server=True)
    asked = {"client_id": application.client_id, "client_secret": issue_secret(application), "token": token}

    def introspect():
        return Client().post("/oauth/introspect", asked, content_type="application/json").json()["active"]

    for number in range(1, 6):
        is_due()
        assert at_once(*[closing(introspect)] * EIGHT) == [True] * EIGHT
        assert recorded(AuditEvent.Kind.USED) == number


def test_concurrent_renewals_are_recorded_once(third_party, authorization, is_due):
    for number in range(1, 6):
        families = [mint_refresh_token(authorization) for _ in range(EIGHT)]
        is_due()
        acts = [closing(lambda text=text: third_party.refresh(text).status_code) for text in families]
        assert at_once(*acts) == [200] * EIGHT
        assert recorded(AuditEvent.Kind.RENEWED) == number
