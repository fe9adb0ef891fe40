"""Failed requests are recorded for administrators: after the response, and without reusable credentials."""

import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fourme_oauth import client_secrets, revocation
from fourme_oauth.authorization_server import failed_requests
from fourme_oauth.authorization_server.client_authentication import Credentials
from fourme_oauth.failed_requests import sentence
from fourme_oauth.failed_requests.reasons import RefusedRequest
from fourme_oauth.models import Application, FailedRequest, Grant, RefreshToken, Scope
from fourme_oauth.models.failed_request import KINDS
from fourme_oauth.models.tokens import ATTEMPTS_PER_CODE
from tests.factories import PublicApplicationFactory, ScopeFactory, issue_secret
from tests.third_party import CHALLENGE, VERIFIER, ThirdParty

WRONG_VERIFIER = "w" * 43


@pytest.fixture(autouse=True)
def signed_in(client, user):
    client.force_login(user)


def noted():
    rows = FailedRequest.objects.order_by("pk")
    assert {row.kind for row in rows} <= KINDS.keys()
    return [(row.kind, row.details) for row in rows]


def kinds():
    return [kind for kind, _details in noted()]


# Secrets


def test_a_wrong_secret(third_party):
    third_party.secret = "wrong"
    third_party.introspect("x")
    assert noted() == [("secret_wrong", {})]


def test_no_secret(third_party):
    third_party.secret = None
    third_party.introspect("x")
    assert noted() == [("secret_missing", {})]


def test_a_retired_secret(third_party, application):
    retired = application.client_secrets.get()
    client_secrets.retire(secret=retired)
    retired.refresh_from_db()
    third_party.introspect("x")
    assert noted() == [("secret_retired", {"hint": retired.hint, "at": retired.retired_at.isoformat()})]


def test_an_expired_secret(third_party, application):
    moment = timezone.now() - timedelta(days=1)
    application.client_secrets.update(expires_at=moment)
    third_party.introspect("x")
    assert kinds() == ["secret_expired"]
    assert noted()[0][1]["at"] == moment.isoformat()


def test_a_secret_of_a_public_application(client):
    third_party = ThirdParty(client, PublicApplicationFactory(), "needless")
    third_party.exchange("x")
    assert noted() == [("secret_needless", {})]


def test_too_many_failures(third_party, settings):
    settings.FOURME_OAUTH = {"FAILED_AUTHENTICATIONS_PER_MINUTE": 0}
    third_party.introspect("x")
    assert noted() == [("throttled", {})]


def test_a_disabled_application(third_party):
    Application.objects.update(disabled=True)
    third_party.introspect("x")
    assert noted() == [("disabled", {})]


def test_an_unknown_application_leaves_nothing(third_party):
    third_party.post("/oauth/introspect", token="x", client_id="unknown")
    assert noted() == []


def test_another_case_of_the_letters_is_unknown(third_party, application):
    third_party.post("/oauth/introspect", token="x", client_id=application.client_id.swapcase())
    assert noted() == []


# Codes


def test_an_unknown_code(third_party):
    third_party.exchange("unknown")
    assert noted() == [("code_unknown", {})]


def test_a_code_that_is_used_again(third_party):
    code = third_party.code()
    third_party.exchange(code)
    third_party.exchange(code)
    assert kinds() == ["code_used"]


def test_an_expired_code(third_party):
    code = third_party.code()
    Grant.objects.update(expires=timezone.now())
    third_party.exchange(code)
    assert kinds() == ["code_expired"]


def test_a_code_that_failed_too_often(third_party):
    code = third_party.code()
    Grant.objects.update(failed_attempts=ATTEMPTS_PER_CODE)
    third_party.exchange(code)
    assert noted() == [("code_burnt", {})]


def test_a_code_with_another_redirect_uri(third_party):
    third_party.exchange(third_party.code(), redirect_uri="https://third-party.example/elsewhere")
    assert noted() == [("code_redirect_uri", {})]


def test_a_code_with_a_wrong_verifier(third_party):
    code = third_party.code(code_challenge=CHALLENGE, code_challenge_method="S256")
    third_party.exchange(code, code_verifier=WRONG_VERIFIER)
    assert noted() == [("verifier_wrong", {})]


def test_a_code_without_its_verifier(third_party):
    third_party.exchange(third_party.code(code_challenge=CHALLENGE, code_challenge_method="S256"))
    assert noted() == [("verifier_missing", {})]


def test_a_code_with_a_verifier_for_no_challenge(third_party):
    third_party.exchange(third_party.code(), code_verifier=VERIFIER)
    assert noted() == [("verifier_needless", {})]


def test_a_code_issued_before_pkce_was_required(third_party):
    code = third_party.code()
    Application.objects.update(require_pkce=True)
    third_party.exchange(code)
    assert noted() == [("challenge_missing", {})]


def test_a_code_of_an_inactive_user(third_party, user):
    code = third_party.code()
    user.is_active = False
    user.save()
    third_party.exchange(code)
    assert noted() == [("user_inactive", {"user": user.username})]


# Refresh tokens


def test_an_unknown_refresh_token(third_party):
    third_party.refresh("unknown")
    assert noted() == [("refresh_token_unknown", {})]


def test_a_refresh_token_that_was_rotated(third_party):
    first = third_party.tokens()["refresh_token"]
    third_party.refresh(first)
    third_party.refresh(first)
    assert kinds() == ["refresh_token_rotated"]


def test_an_expired_refresh_token(third_party):
    token = third_party.tokens()["refresh_token"]
    RefreshToken.objects.update(expires=timezone.now())
    third_party.refresh(token)
    assert kinds() == ["refresh_token_expired"]


def test_a_refresh_token_that_goes_beyond_what_was_granted(third_party):
    token = third_party.tokens(scope="request:read")["refresh_token"]
    third_party.refresh(token, scope="request:read request:create")
    assert noted() == [("other", {"error": "invalid_scope"})]


def test_a_refresh_token_of_access_that_ended(third_party, application):
    token = third_party.tokens()["refresh_token"]
    Application.objects.update(generation=7)
    third_party.refresh(token)
    assert noted() == [("revoked", {})]


def test_a_refresh_token_of_access_that_was_revoked_is_gone(third_party, user):
    token = third_party.tokens()["refresh_token"]
    revocation.revoke_all(user)
    third_party.refresh(token)
    assert noted() == [("refresh_token_unknown", {})]


# Grants and scopes


def test_a_grant_that_is_not_offered(third_party):
    third_party.post("/oauth/token", grant_type="client_credentials")
    assert noted() == [("grant_not_offered", {})]


def test_own_credentials_without_a_linked_user(third_party):
    Application.objects.update(client_credentials=True)
    third_party.post("/oauth/token", grant_type="client_credentials")
    assert noted() == [("linked_user", {})]


def test_an_unknown_grant(third_party):
    third_party.post("/oauth/token", grant_type="password")
    assert noted() == [("other", {"error": "unsupported_grant_type"})]


def test_a_request_without_a_grant(third_party):
    third_party.post("/oauth/token")
    assert noted() == [("other", {"error": "invalid_request"})]


def test_a_grant_without_what_it_exchanges(third_party):
    third_party.post("/oauth/token", grant_type="authorization_code")
    assert noted() == [("other", {"error": "invalid_request"})]


def test_scopes_that_are_not_allowed_are_named_and_others_are_not(third_party):
    Scope.objects.create(name="person:read", wording="Read")
    third_party.authorize(scope="request:read person:read fma_some-token")
    assert noted() == [("scope_not_allowed", {"names": ["person:read"], "unknown": 1})]


def test_an_application_that_is_allowed_nothing(third_party, application):
    application.scopes.clear()
    third_party.authorize()
    assert noted() == [("nothing_allowed", {})]


# Authorization requests


def test_a_redirect_uri_that_differs(third_party):
    third_party.authorize(redirect_uri="https://third-party.example/elsewhere")
    row = FailedRequest.objects.get()
    assert sentence(row) == (
        "The redirect URI https://third-party.example/elsewhere differs from the registered "
        "https://third-party.example/callback in its path."
    )


def test_no_redirect_uri_where_several_are_registered(third_party):
    Application.objects.update(redirect_uris="https://a.example/ https://b.example/")
    third_party.authorize(redirect_uri=None)
    assert noted() == [("redirect_uri_missing", {})]


def test_a_malformed_request(third_party, client, application):
    client.get(f"{third_party.authorize_url()}&state=x&state=y")
    assert noted() == []


def test_a_disabled_application_that_asks(third_party):
    Application.objects.update(disabled=True)
    third_party.authorize()
    assert noted() == [("disabled", {})]


def test_a_request_of_an_unknown_application_leaves_nothing(third_party):
    third_party.authorize(client_id="unknown")
    assert noted() == []


def test_no_challenge_where_pkce_is_required(third_party):
    Application.objects.update(require_pkce=True)
    third_party.authorize()
    assert noted() == [("challenge_missing", {})]


def test_a_challenge_other_than_s256(third_party):
    third_party.authorize(code_challenge=CHALLENGE, code_challenge_method="plain")
    assert noted() == [("challenge_method", {})]


def test_another_response_type(third_party):
    third_party.authorize(response_type="token")
    assert noted() == [("other", {"error": "unsupported_response_type"})]


def test_a_malformed_challenge(third_party):
    third_party.authorize(code_challenge="x", code_challenge_method="S256")
    assert noted() == [("other", {"error": "invalid_request"})]


def test_a_user_whose_role_permits_nothing_of_it(third_party, application, user, role):
    for scope in application.scopes.all():
        ScopeFactory(name=scope.name, roles=[role])
    third_party.authorize()
    assert noted() == [("not_permitted", {"user": user.username, "names": ["request:read", "request:create"]})]


def test_what_succeeds_leaves_nothing(third_party):
    tokens = third_party.tokens()
    third_party.refresh(tokens["refresh_token"])
    third_party.introspect(tokens["access_token"])
    assert noted() == []


# Recording delays and breaks no response, and stores no credentials


def test_failed_request_is_recorded_after_the_response(third_party):
    answer = failed_requests.keep_refused_call(_refusal(), {}, _credentials(third_party))
    assert noted() == []
    for act in answer._resource_closers:  # what closing does first; the rest would close the database, too
        act()
    assert noted() == [("secret_wrong", {})]


def _refusal():
    return HttpResponse(json.dumps({"error": "invalid_client"}), status=401)


def _credentials(third_party):
    return Credentials(client_id=third_party.application.client_id, client_secret="wrong")


def test_of_many_failures_one_is_analysed(third_party):
    third_party.exchange("unknown")
    with CaptureQueriesContext(connection) as captured:
        third_party.exchange("unknown")
    looked = [query for query in captured.captured_queries if "fourme_oauth_failedrequest" in query["sql"]]
    assert looked == []


def test_response_is_unchanged_when_recording_fails(third_party, monkeypatch, caplog):
    def fail(*args, **kwargs):
        raise DatabaseError("a value of somebody's")

    monkeypatch.setattr(RefusedRequest, "reason", fail)
    assert third_party.exchange("unknown").status_code == 400
    assert "A failed request could not be recorded: DatabaseError" in caplog.messages


def test_a_cache_that_is_down_changes_no_answer(third_party, monkeypatch):
    def fail(*args, **kwargs):
        raise ConnectionError

    monkeypatch.setattr(cache, "add", fail)
    assert third_party.exchange("unknown").status_code == 400


def test_same_failure_is_not_analysed_again_for_ten_seconds(third_party, monkeypatch):
    lives, add = [], cache.add

    def spied(key, value, timeout=None, **kwargs):
        lives.append(timeout)
        return add(key, value, timeout, **kwargs)

    monkeypatch.setattr(cache, "add", spied)
    third_party.exchange("unknown")
    assert lives == [10]


def test_nothing_that_could_be_used_again_is_kept(third_party, application):
    other = issue_secret(application)
    code = third_party.code(code_challenge=CHALLENGE, code_challenge_method="S256")
    token = third_party.tokens()["refresh_token"]
    client_secrets.retire(secret=application.client_secrets.order_by("-pk").first())
    cache.clear()
    third_party.exchange(code, code_verifier=WRONG_VERIFIER, redirect_uri="https://third-party.example/x?code=" + code)
    cache.clear()
    third_party.refresh(token, scope=token)
    third_party.secret = other
    third_party.introspect(token)
    kept = json.dumps(list(FailedRequest.objects.values("kind", "details")))
    assert len(noted()) >= 3
    for used in (other, code, token, VERIFIER, WRONG_VERIFIER, CHALLENGE):
        assert used not in kept


@pytest.mark.parametrize("error", ["redirect_uri", "invalid_client"])
def test_failure_without_a_remaining_cause_keeps_only_the_error(third_party, application, error):
    refused = RefusedRequest(
        application=application,
        parameters={"redirect_uri": application.redirect_uris},
        error=error,
        now=timezone.now(),
        client_secret=third_party.secret,
    )
    assert refused.reason()[0] == "other"
