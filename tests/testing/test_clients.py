"""The kit's clients, against the demo's API."""

import pytest

from fourme_oauth.models import Scope
from tests.factories import ApplicationFactory, PublicApplicationFactory, RoleFactory, ScopeFactory

REQUESTS = "/api/requests/"


def test_the_client_is_let_through_with_its_scope(bearer_client, user):
    assert bearer_client(user, scopes=["request:read"]).get(REQUESTS).status_code == 200


def test_the_client_has_no_other_scope(bearer_client, user):
    bearer_client(user, scopes=["request:create"])
    answer = bearer_client(user, scopes=["request:read"]).post(REQUESTS, {"subject": "New keys"})
    assert answer.json()["missing"] == {"request:create": "not_allowed"}


def test_the_client_of_an_application_has_no_more_than_its_token(bearer_client, user, application):
    bearer_client(user, scopes=["request:create"], application=application)
    client = bearer_client(user, scopes=["request:read"], application=application)
    assert client.post(REQUESTS, {"subject": "New keys"}).status_code == 403


def test_a_client_without_scopes_has_none(bearer_client, user):
    assert bearer_client(user).get(REQUESTS).status_code == 403


def test_the_client_gives_nobody_a_role(bearer_client, user, role):
    ScopeFactory(name="request:read", roles=[role])
    answer = bearer_client(user, scopes=["request:read"]).get(REQUESTS)
    assert answer.json()["missing"] == {"request:read": "not_permitted"}


def test_the_client_of_somebody_with_the_role_is_let_through(bearer_client, user, role):
    ScopeFactory(name="request:read", roles=[role])
    user.groups.add(role)
    assert bearer_client(user, scopes=["request:read"]).get(REQUESTS).status_code == 200


def test_the_client_knows_its_authorization(bearer_client, user, application):
    authorization = bearer_client(user, scopes=["request:read"], application=application).authorization
    assert (authorization.user, authorization.application) == (user, application)


def test_the_client_adds_to_the_catalogue_what_is_missing(bearer_client, user):
    bearer_client(user, scopes=["made:up"])
    assert Scope.objects.filter(for_everyone=True).names() == {"made:up"}


def test_third_party_completes_the_flow(third_party_for, user):
    third_party = third_party_for(user, scopes=["request:read"])
    tokens = third_party.refresh(third_party.tokens()["refresh_token"]).json()
    assert third_party.call(tokens["access_token"], REQUESTS).status_code == 200


def test_public_third_party_completes_the_flow_with_pkce(third_party_for, user):
    third_party = third_party_for(user, scopes=["request:read"], application=PublicApplicationFactory())
    assert third_party.call(third_party.tokens()["access_token"], REQUESTS).status_code == 200


def test_a_third_party_that_is_denied_gets_no_code(third_party_for, user):
    assert "error=access_denied" in third_party_for(user, scopes=["request:read"]).answer("deny")["Location"]


def test_a_third_party_is_not_asked_for_twice(third_party_for, user):
    third_party = third_party_for(user, scopes=["request:read"])
    assert third_party.authorize().status_code == 200
    third_party.tokens()
    assert third_party.authorize().status_code == 302
    assert third_party.code()


def test_a_third_party_has_its_credentials_in_the_body_or_in_the_header(third_party_for, user):
    third_party = third_party_for(user, scopes=["request:read"])
    token = third_party.tokens()["access_token"]
    in_the_header = third_party.post_basic("/oauth/introspect", token=token).json()
    assert in_the_header["active"] is True
    assert in_the_header == third_party.post("/oauth/introspect", token=token).json() == third_party.introspect(token)


def test_a_third_party_without_its_secret_is_refused(third_party_for, user):
    third_party = third_party_for(user, scopes=["request:read"])
    third_party.secret = None
    assert third_party.post_basic("/oauth/introspect", token="t").status_code == 401


def test_token_revoked_by_the_third_party_is_invalid(third_party_for, user):
    third_party = third_party_for(user, scopes=["request:read"])
    token = third_party.tokens()["access_token"]
    third_party.revoke(token)
    assert third_party.call(token, REQUESTS).status_code == 401


def test_a_third_party_calls_with_any_method(third_party_for, user):
    third_party = third_party_for(user, scopes=["request:create"], application=ApplicationFactory())
    content = {"data": '{"subject": "New keys"}', "content_type": "application/json"}
    assert third_party.call(third_party.tokens()["access_token"], REQUESTS, method="POST", **content).status_code == 201


# ── assert_requires_scope ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_scope_that_decides_passes(assert_requires_scope):
    assert_requires_scope(REQUESTS, "GET", "request:read")


def test_a_scope_that_decides_passes_with_data(assert_requires_scope):
    assert_requires_scope(REQUESTS, "post", "request:create", data={"subject": "New keys"}, format="json")


def test_a_scope_that_only_a_role_permits_passes(assert_requires_scope):
    ScopeFactory(name="request:read", roles=[RoleFactory()])
    assert_requires_scope(REQUESTS, "GET", "request:read")


def test_a_scope_that_is_permitted_to_nobody_yet_passes(assert_requires_scope):
    ScopeFactory(name="request:read", for_everyone=False)
    assert_requires_scope(REQUESTS, "GET", "request:read")


@pytest.mark.parametrize(
    ("method", "scope", "fault"),
    [
        ("GET", "request:create", "it requires 'request:read' instead"),
        ("PUT", "request:create", "another rule refused it: it answered 403"),
    ],
)
def test_another_scope_fails_and_says_what_is_required(assert_requires_scope, method, scope, fault):
    with pytest.raises(AssertionError, match=fault):
        assert_requires_scope(REQUESTS, method, scope)


def test_an_address_that_is_not_there_fails(assert_requires_scope):
    with pytest.raises(AssertionError, match=r"GET /api/nothing/ without 'request:read'.* it answered 404"):
        assert_requires_scope("/api/nothing/", "GET", "request:read")


def test_somebody_whom_no_role_permits_it_fails(assert_requires_scope, user, role):
    ScopeFactory(name="request:read", roles=[role])
    with pytest.raises(AssertionError, match=r"with 'request:read' should be let through.*not_permitted"):
        assert_requires_scope(REQUESTS, "GET", "request:read", user=user)


@pytest.mark.urls("tests.rest_framework.views")
def test_other_scopes_that_are_required_too_are_named(assert_requires_scope):
    assert_requires_scope("/by-list/", "GET", "request:read", also=["request:create"])


@pytest.mark.urls("tests.rest_framework.views")
def test_other_scopes_that_are_forgotten_fail(assert_requires_scope):
    with pytest.raises(AssertionError, match="should be let through"):
        assert_requires_scope("/by-list/", "GET", "request:read")
