"""While the database is unavailable: 503 with Retry-After, and no response that claims success."""

import pytest
from django.db import connection

from fourme_oauth.models import Authorization


@pytest.fixture(params=["/oauth/token", "/oauth/revoke", "/oauth/introspect"])
def called(request, third_party, database_is_down):
    return database_is_down(lambda: third_party.post(request.param, grant_type="client_credentials", token="any"))


def test_unavailable_database_is_a_503(called):
    assert called.status_code == 503
    assert called.json()["error"] == "temporarily_unavailable"


def test_503_has_retry_after(called):
    assert int(called["Retry-After"]) > 0


def test_no_cache_keeps_the_answer(called):
    assert called["Cache-Control"] == "no-store"


def test_an_application_is_answered_once_the_database_is_back(third_party, called):
    assert third_party.introspect("any") == {"active": False}


@pytest.mark.parametrize("path", ["/.well-known/oauth-authorization-server", "/.well-known/oauth-protected-resource"])
def test_unavailable_database_is_a_503_for_the_metadata(client, db, database_is_down, path):
    assert database_is_down(lambda: client.get(path)).status_code == 503


@pytest.fixture(params=["authorize", "see", "revoke"])
def visited(request, client, user, third_party, authorization, database_is_down):
    client.force_login(user)
    visits = {
        "authorize": third_party.authorize,
        "see": lambda: client.get("/access-and-security/"),
        "revoke": lambda: client.post(f"/access-and-security/{authorization.pk}/revoke/"),
    }
    return database_is_down(visits[request.param])


def test_unavailable_database_is_a_503_page_for_users(visited):
    assert (visited.status_code, visited["Retry-After"]) == (503, "5")
    assert "Try again in a moment" in visited.content.decode()


def test_nothing_was_revoked(visited):
    assert Authorization.objects.standing().exists()


@pytest.mark.django_db
def test_unavailable_database_is_a_503_at_the_api(client, token, database_is_down):
    response = database_is_down(lambda: client.get("/api/me/", headers={"Authorization": f"Bearer {token}"}))
    assert (response.status_code, response["Retry-After"]) == (503, "5")


def test_the_log_has_no_statement(third_party, database_is_down, caplog):
    database_is_down(lambda: third_party.introspect("any"))
    assert "OperationalError" in caplog.text
    assert "went away" not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_site_s_transaction_around_each_request_is_not_around_ours(client, third_party, settings, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    response = third_party.post("/oauth/token", grant_type="client_credentials")
    assert response.status_code == 400
    assert not connection.in_atomic_block
