"""The revocation and the introspection endpoint."""

import pytest
from django.utils import timezone

from fourme_oauth.models import AccessToken, RefreshToken, Scope
from tests.factories import (
    ApplicationFactory,
    issue_secret,
)
from tests.third_party import CHALLENGE, VERIFIER, ThirdParty


@pytest.fixture
def other(browser):
    application = ApplicationFactory(scopes=["request:read"])
    return ThirdParty(browser, application, issue_secret(application))


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


def test_revoking_leaves_the_user_s_yes_standing(third_party):
    third_party.revoke(third_party.tokens()["access_token"])
    assert third_party.authorize().status_code == 302


def test_revoking_an_unknown_token_is_fine(third_party):
    assert third_party.revoke("unknown").status_code == 200


def test_a_wrong_hint_does_no_harm(third_party):
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


def test_a_living_access_token_is_described(third_party, user):
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


def test_a_living_refresh_token_is_described(third_party):
    described = third_party.introspect(third_party.tokens()["refresh_token"])
    assert described["exp"] == int(RefreshToken.objects.get().expires.timestamp())
    assert "token_type" not in described


def test_the_scopes_are_those_in_effect(third_party):
    tokens = third_party.tokens()
    third_party.application.scopes.remove(Scope.objects.get(name="request:create"))
    assert third_party.introspect(tokens["access_token"])["scope"] == "request:read"


def test_an_unknown_token_is_inactive_and_nothing_else(third_party):
    assert third_party.introspect("unknown") == {"active": False}


def test_another_application_s_token_is_inactive(third_party, other):
    assert other.introspect(third_party.tokens()["access_token"]) == {"active": False}


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_resource_server_sees_another_application_s_token(third_party, other, kind):
    other.application.resource_server = True
    other.application.save()
    answer = other.introspect(third_party.tokens()[kind])
    assert answer["client_id"] == third_party.application.client_id


def test_a_resource_server_can_not_revoke_another_application_s_token(third_party, other):
    other.application.resource_server = True
    other.application.save()
    token = third_party.tokens()["access_token"]
    other.revoke(token)
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
