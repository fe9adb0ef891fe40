"""The revocation and the introspection endpoint."""

import json

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fourme_oauth.authorization_server.back_channel import IntrospectionView
from fourme_oauth.models import AccessToken, AuditEvent, Authorization, RefreshToken, Scope
from tests.factories import ApplicationFactory, LinkedApplicationFactory, authorize, issue_secret, mint_own_access_token
from tests.third_party import CHALLENGE, VERIFIER, ThirdParty


@pytest.fixture
def other(browser):
    application = ApplicationFactory(scopes=["request:read"])
    return ThirdParty(browser, application, issue_secret(application))


@pytest.fixture
def resource_server(other):
    other.application.resource_server = True
    other.application.save()
    return other


# Revocation


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
def test_revoking_one_token_of_a_pair_ends_both(third_party, which):
    tokens = third_party.tokens()
    assert third_party.revoke(tokens[which]).status_code == 200
    assert third_party.introspect(tokens["access_token"]) == {"active": False}
    assert third_party.refresh(tokens["refresh_token"]).status_code == 400


def test_revoking_a_rotated_refresh_token_ends_its_family(third_party):
    first = third_party.tokens()
    second = third_party.refresh(first["refresh_token"]).json()
    third_party.revoke(first["refresh_token"])
    assert third_party.introspect(second["access_token"]) == {"active": False}


def test_revoking_a_token_leaves_the_authorization(third_party):
    third_party.revoke(third_party.tokens()["access_token"])
    assert third_party.authorize().status_code == 302


def test_revoking_an_unknown_token_is_fine(third_party):
    assert third_party.revoke("unknown").status_code == 200


def test_wrong_token_type_hint_is_ignored(third_party):
    tokens = third_party.tokens()
    third_party.revoke(tokens["access_token"], token_type_hint="refresh_token")
    assert third_party.introspect(tokens["access_token"]) == {"active": False}


def test_revoking_another_application_s_token_does_nothing(third_party, other):
    tokens = third_party.tokens()
    assert other.revoke(tokens["refresh_token"]).status_code == 200
    assert third_party.introspect(tokens["access_token"])["active"]


def test_revoking_needs_the_client(third_party):
    tokens = third_party.tokens()
    response = third_party.revoke(tokens["access_token"], client_secret="wrong")
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")
    assert third_party.introspect(tokens["access_token"])["active"]


def test_revoking_nothing_is_an_invalid_request(third_party):
    assert third_party.revoke(None).json()["error"] == "invalid_request"


def test_a_public_application_revokes_with_its_client_id(mobile):
    code = mobile.code(code_challenge=CHALLENGE, code_challenge_method="S256")
    tokens = mobile.exchange(code, code_verifier=VERIFIER).json()
    assert mobile.revoke(tokens["refresh_token"]).status_code == 200
    assert mobile.refresh(tokens["refresh_token"]).status_code == 400


def test_a_token_of_an_application_s_own_credentials_can_be_revoked(nightly):
    token = nightly.post("/oauth/token", grant_type="client_credentials").json()["access_token"]
    nightly.revoke(token)
    assert not AccessToken.objects.exists()


# Introspection


def test_a_valid_access_token_is_described(third_party, user):
    tokens = third_party.tokens()
    row = AccessToken.objects.get()
    assert third_party.introspect(tokens["access_token"]) == {
        "active": True,
        "iss": "http://testserver",
        "client_id": third_party.application.client_id,
        "username": user.username,
        "scope": "request:create request:read",
        "token_type": "Bearer",
        "iat": int(row.created.timestamp()),
        "exp": int(row.expires.timestamp()),
    }


def test_a_valid_refresh_token_is_described(third_party):
    described = third_party.introspect(third_party.tokens()["refresh_token"])
    assert described["exp"] == int(RefreshToken.objects.get().expires.timestamp())
    assert "token_type" not in described


def test_the_scopes_are_those_in_effect(third_party):
    tokens = third_party.tokens()
    third_party.application.scopes.remove(Scope.objects.get(name="request:create"))
    assert third_party.introspect(tokens["access_token"])["scope"] == "request:read"


def test_scope_that_is_permitted_to_nobody_is_left_out(third_party):
    tokens = third_party.tokens()
    Scope.objects.filter(name="request:create").update(for_everyone=False)
    assert third_party.introspect(tokens["access_token"])["scope"] == "request:read"


def test_an_unknown_token_is_inactive_and_nothing_else(third_party):
    assert third_party.introspect("unknown") == {"active": False}


def test_another_application_s_token_is_inactive(third_party, other):
    assert other.introspect(third_party.tokens()["access_token"]) == {"active": False}


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_resource_server_sees_another_application_s_token(third_party, resource_server, kind):
    answer = resource_server.introspect(third_party.tokens()[kind])
    assert answer["client_id"] == third_party.application.client_id


def test_a_resource_server_can_not_revoke_another_application_s_token(third_party, resource_server):
    token = third_party.tokens()["access_token"]
    resource_server.revoke(token)
    assert third_party.introspect(token)["active"]


def test_an_expired_token_is_inactive(third_party):
    tokens = third_party.tokens()
    AccessToken.objects.update(expires=timezone.now())
    assert third_party.introspect(tokens["access_token"]) == {"active": False}


def test_a_deactivated_user_s_token_is_inactive(third_party, user):
    tokens = third_party.tokens()
    user.is_active = False
    user.save()
    assert third_party.introspect(tokens["access_token"]) == {"active": False}


def test_introspection_needs_the_client(third_party):
    response = third_party.post("/oauth/introspect", token="x", client_secret="wrong")
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


def test_a_public_application_can_not_introspect(mobile):
    assert mobile.post("/oauth/introspect", token="x").status_code == 401


def test_introspection_without_a_token_is_an_invalid_request(third_party):
    assert third_party.post("/oauth/introspect").json()["error"] == "invalid_request"


def test_a_token_in_the_url_is_not_read(third_party):
    token = third_party.tokens()["access_token"]
    assert third_party.back_channel.get("/oauth/introspect", {"token": token}).status_code == 405


# Introspection by a resource server counts as use


@pytest.fixture
def after_commit(django_capture_on_commit_callbacks):
    """Do something, and commit."""

    def after_commit(act):
        with django_capture_on_commit_callbacks(execute=True):
            return act()

    return after_commit


def last_used():
    return Authorization.objects.get(application__resource_server=False).last_used_at


def recorded():
    return AuditEvent.objects.filter(kind=AuditEvent.Kind.USED)


def test_introspection_by_a_resource_server_counts_as_use(third_party, resource_server, after_commit):
    token = third_party.tokens()["access_token"]
    assert after_commit(lambda: resource_server.introspect(token))["active"]
    assert last_used() is not None
    assert recorded().get().application == third_party.application


def test_repeated_introspection_by_a_resource_server_notes_use_once(third_party, resource_server, after_commit):
    token = third_party.tokens()["access_token"]
    after_commit(lambda: resource_server.introspect(token))
    noted = last_used()
    with CaptureQueriesContext(connection) as asked:
        after_commit(lambda: resource_server.introspect(token))
    assert not [query["sql"] for query in asked if query["sql"].startswith(("UPDATE", "INSERT"))]
    assert (last_used(), recorded().count()) == (noted, 1)


def test_use_at_a_resource_server_is_recorded_without_a_client_ip(third_party, resource_server, after_commit, settings):
    settings.FOURME_OAUTH = {"KEEP_IP_ADDRESSES": True}
    token = third_party.tokens()["access_token"]
    after_commit(lambda: resource_server.introspect(token))
    assert recorded().get().ip_address is None


def test_introspection_by_the_tokens_application_is_no_use(third_party, after_commit):
    token = third_party.tokens()["access_token"]
    assert after_commit(lambda: third_party.introspect(token))["active"]
    assert last_used() is None


def test_introspection_of_a_resource_servers_own_token_is_no_use(resource_server, user, after_commit):
    token = resource_server.tokens()["access_token"]
    assert after_commit(lambda: resource_server.introspect(token))["active"]
    assert Authorization.objects.get().last_used_at is None


def test_introspection_of_a_refresh_token_is_no_use(third_party, resource_server, after_commit):
    token = third_party.tokens()["refresh_token"]
    assert after_commit(lambda: resource_server.introspect(token))["active"]
    assert last_used() is None


def test_introspection_by_another_application_is_no_use(third_party, other, after_commit):
    token = third_party.tokens()["access_token"]
    after_commit(lambda: other.introspect(token))
    assert Authorization.objects.get().last_used_at is None


def test_introspection_of_an_invalid_token_is_no_use(third_party, resource_server, after_commit):
    token = third_party.tokens()["access_token"]
    Authorization.objects.update(revoked_at="2026-01-01T00:00Z")
    assert after_commit(lambda: resource_server.introspect(token)) == {"active": False}
    assert last_used() is None


def test_introspection_of_a_client_credentials_token_notes_no_use_by_a_user(resource_server, after_commit):
    nightly = LinkedApplicationFactory(scopes=["request:read"])
    authorize(nightly.linked_user, nightly)
    assert after_commit(lambda: resource_server.introspect(mint_own_access_token(nightly)))["active"]
    assert last_used() is None


@pytest.fixture
def fails_to_write():
    def fails_to_write(act):
        def fail(execute, sql, parameters, many, context):
            if sql.startswith(("UPDATE", "INSERT")):
                raise OperationalError("the disk is full")
            return execute(sql, parameters, many, context)

        with connection.execute_wrapper(fail):
            return act()

    return fails_to_write


@pytest.mark.django_db(transaction=True)
def test_a_resource_server_is_answered_where_use_can_not_be_noted(third_party, resource_server, fails_to_write):
    token = third_party.tokens()["access_token"]
    resource_server.introspect("unknown")  # its secret is noted as used
    assert fails_to_write(lambda: resource_server.introspect(token))["active"]
    assert last_used() is None


@pytest.mark.django_db(transaction=True)
def test_a_resource_server_is_answered_before_use_is_noted(third_party, resource_server, rf):
    token = third_party.tokens()["access_token"]
    credentials = {"client_id": resource_server.application.client_id, "client_secret": resource_server.secret}
    request = rf.post("/oauth/introspect", json.dumps(credentials | {"token": token}), content_type="application/json")
    answer = IntrospectionView.as_view()(request)
    assert (json.loads(answer.content)["active"], last_used()) == (True, None)
    answer.close()
    assert last_used() is not None
