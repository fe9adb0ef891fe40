"""A third-party application with oauth4webapi, which accepts only responses that conform to the RFCs."""

import pytest

pytestmark = pytest.mark.node

ALL = "account:read person:read request:create request:read request:update"
"""What the dashboard is allowed, and a specialist's role permits."""


def refused(error, status=400):
    return {"status": status, "error": error}


def assert_authentication_failed(result):
    """RFC 6749 section 5.2: 401, with a challenge for the scheme that the server offers."""
    assert result["status"] == 401
    assert [challenge["scheme"] for challenge in result["challenges"]] == ["basic"]
    assert result["body"]["error"] == "invalid_client"


# Discovery


def test_the_server_is_discovered(play, service):
    found = play("authorization_server")
    assert found["issuer"] == service["base_url"]
    assert found["token_endpoint"] == service["base_url"] + service["endpoints"]["token"]


def test_the_resource_names_its_server(play, service):
    assert play("protected_resource")["authorization_servers"] == [service["base_url"]]


def test_a_challenge_leads_to_the_server(play, service):
    assert play("from_a_challenge")["issuer"] == service["base_url"]


# The authorization endpoint; the library checks issuer and state of every response


def test_allow_answers_with_a_code(play):
    assert play("allowed") == {"has_code": True}


def test_who_has_allowed_before_is_not_asked(play):
    assert play("allowed_before") == {"has_code": True}


def test_deny_answers_access_denied(play):
    assert play("denied") == {"error": "access_denied"}


def test_an_unknown_scope_answers_invalid_scope(play):
    assert play("unknown_scope") == {"error": "invalid_scope"}


def test_prompt_none_without_consent_is_refused(play):
    assert play("silently") == {"error": "consent_required"}


def test_a_public_application_needs_pkce(play):
    assert play("public_without_pkce") == {"error": "invalid_request"}


# Exchanging a code


@pytest.mark.parametrize("authentication", ["secret_in_the_body", "secret_in_the_header"])
def test_a_code_gives_tokens_that_the_api_takes(play, authentication):
    assert play(authentication) == {
        "access_token": "string",
        "refresh_token": "string",
        "token_type": "bearer",
        "expires_in": 3600,
        "scope": ALL,
        "status": 200,
    }


def test_a_public_application_gets_tokens_without_a_secret(play):
    result = play("public_application")
    assert result["scope"] == "account:read request:read"
    assert result["status"] == 200


def test_who_asks_for_less_gets_less(play):
    assert play("some_scopes")["scope"] == "account:read"


@pytest.mark.parametrize("verifier", ["wrong_verifier", "missing_verifier", "verifier_without_challenge"])
def test_a_verifier_that_does_not_match_is_refused(play, verifier):
    assert play(verifier) == refused("invalid_grant")


def test_another_redirect_uri_is_refused(play):
    assert play("other_redirect_uri") == refused("invalid_grant")


@pytest.mark.parametrize("where", ["wrong_secret_in_the_body", "wrong_secret_in_the_header"])
def test_a_wrong_secret_is_refused(play, where):
    assert_authentication_failed(play(where))


def test_a_public_application_has_no_secret(play):
    assert_authentication_failed(play("public_application_with_a_secret"))


def test_a_code_is_for_one_application(play):
    assert play("code_of_another_application") == refused("invalid_grant")


def test_a_code_used_twice_is_refused_and_ends_its_tokens(play):
    assert play("code_used_twice") == {**refused("invalid_grant"), "call": 401}


# Refreshing


@pytest.mark.parametrize("application", ["refreshed", "refreshed_public_application"])
def test_a_refresh_gives_a_new_pair_in_the_place_of_the_old(play, application):
    result = play(application)
    assert result["is_new"]
    assert (result["status"], result["status_before"]) == (200, 401)


def test_a_refresh_for_less_is_for_one_access_token(play):
    assert play("refreshed_for_less") == {"less": "account:read", "whole_again": ALL}


def test_a_refresh_for_more_is_refused(play):
    assert play("refreshed_for_more") == refused("invalid_scope")


def test_a_rotated_refresh_token_is_refused(play):
    assert play("refreshed_twice") == refused("invalid_grant")


def test_a_refresh_with_a_wrong_secret_is_refused(play):
    assert_authentication_failed(play("refreshed_with_a_wrong_secret"))


def test_revoking_on_access_and_security_ends_both_tokens(play):
    assert play("refreshed_after_revoking_on_access_and_security") == {**refused("invalid_grant"), "call": 401}


# Introspection


def test_introspection_says_for_whom_and_how_long(play, service):
    introspected = play("introspected")
    for token, lifetime in (("access", 3600), ("refresh", 14 * 24 * 3600)):
        about = introspected[token]
        assert (about["active"], about["username"], about["scope"]) == (True, "specialist", ALL)
        assert about["client_id"] == service["applications"]["dashboard"]["client_id"]
        assert about["exp"] - about["iat"] == pytest.approx(lifetime, abs=1)


@pytest.mark.parametrize("token", ["introspected_nonsense", "introspected_by_another_application"])
def test_introspection_says_nothing_of_what_is_not_ones_own(play, token):
    assert play(token) == {"active": False}


def test_introspection_needs_a_secret(play):
    assert_authentication_failed(play("introspected_by_a_public_application"))


# Revocation


@pytest.mark.parametrize("token", ["revoked_refresh_token", "revoked_access_token"])
def test_revoking_one_token_ends_the_pair(play, token):
    assert play(token) == [False, False]


def test_a_public_application_revokes_its_own(play):
    assert play("revoked_by_a_public_application") == refused("invalid_grant")


def test_no_application_revokes_anothers(play):
    assert play("revoked_by_another_application") == [True, True]


def test_revoking_what_is_no_token_is_no_error(play):
    assert play("revoked_nonsense") == {"answer": "ok"}


def test_revoking_with_a_wrong_secret_is_refused(play):
    assert_authentication_failed(play("revoked_with_a_wrong_secret"))


# Client credentials


def test_own_credentials_give_an_access_token_and_nothing_to_refresh_it(play):
    assert play("own_credentials") == {
        "access_token": "string",
        "refresh_token": "undefined",
        "token_type": "bearer",
        "expires_in": 3600,
        "scope": "account:read person:read request:read",
        "status": 200,
    }


def test_own_credentials_give_less_where_less_is_asked_for(play):
    assert play("own_credentials_for_some_scopes")["scope"] == "account:read"


def test_own_credentials_are_for_applications_that_are_registered_so(play):
    assert play("own_credentials_of_another_kind_of_application") == refused("unauthorized_client")


def test_own_credentials_must_be_right(play):
    assert_authentication_failed(play("own_credentials_with_a_wrong_secret"))


# The API


def test_the_api_challenges_what_is_no_token(play, service):
    result = play("called_with_nonsense")
    (challenge,) = result["challenges"]
    assert (result["status"], challenge["scheme"], challenge["parameters"]["error"]) == (401, "bearer", "invalid_token")
    metadata = service["base_url"] + "/.well-known/oauth-protected-resource"
    assert challenge["parameters"]["resource_metadata"] == metadata


def test_the_api_says_which_scope_the_token_lacks(play):
    result = play("called_without_the_scope")
    (challenge,) = result["challenges"]
    assert (result["status"], challenge["parameters"]["error"]) == (403, "insufficient_scope")
    assert challenge["parameters"]["scope"] == "request:create"
    assert result["body"]["missing"] == {"request:create": "not_granted"}


def test_the_api_gives_no_more_than_the_users_role_permits(play):
    result = play("called_without_the_role")
    assert result["scope"] == "account:read"
    assert result["status"] == 403
    assert result["body"]["missing"] == {"person:read": "not_permitted"}
