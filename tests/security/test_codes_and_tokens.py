"""Attacks on codes, verifiers and tokens."""

import base64
import hashlib

import pytest

from fourme_oauth.models import AccessToken, Application, Grant, IDToken, RefreshToken

# What the toolkit's next minor release adds to its models: names that mean something else there.
TAKEN_BY_THE_TOOLKIT = {
    "authorization",
    "exchanged_at",
    "session",
    "sid",
    "client_jwks",
    "client_jwks_uri",
    "token_endpoint_auth_method",
    "require_pushed_authorization_requests",
}


def exchanged_with(mobile, verifier):
    """The response to a verifier of any form with a matching challenge."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    code = mobile.code(code_challenge=challenge, code_challenge_method="S256")
    return mobile.exchange(code, code_verifier=verifier)


@pytest.mark.parametrize("verifier", ["v", "v" * 42, "v" * 129, "v" * 42 + "!", "v" * 42 + "é", "v" * 43 + "\n"])
def test_a_verifier_of_another_form_is_refused_though_its_challenge_fits(mobile, verifier):
    assert exchanged_with(mobile, verifier).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("verifier", ["v" * 43, "v" * 128, "aZ0-._~" * 10])
def test_a_verifier_of_the_rfc_s_form_is_accepted(mobile, verifier):
    assert exchanged_with(mobile, verifier).status_code == 200


def test_a_refresh_token_is_no_code(third_party):
    assert third_party.exchange(third_party.tokens()["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_code_is_no_bearer_token(third_party):
    assert third_party.call(third_party.code()).status_code == 401


def test_a_code_is_no_refresh_token(third_party):
    assert third_party.refresh(third_party.code()).json()["error"] == "invalid_grant"


def test_a_revocation_is_answered_with_no_script(third_party):
    assert third_party.revoke("unknown", callback="alert").content == b""


def test_a_parameter_that_asks_for_an_audience_widens_nothing(third_party):
    tokens = third_party.tokens(scope="request:read", resource="https://elsewhere.example/", audience="everything")
    assert tokens["scope"] == "request:read"


@pytest.mark.parametrize("model", [AccessToken, Application, Grant, IDToken, RefreshToken])
def test_names_that_the_toolkit_is_about_to_use_are_free(model):
    assert TAKEN_BY_THE_TOOLKIT.isdisjoint(field.name for field in model._meta.get_fields())
