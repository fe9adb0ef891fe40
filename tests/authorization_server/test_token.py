"""The token endpoint."""

import base64
import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from fourme_oauth.authorization_server import issuance, request_validator, reuse
from fourme_oauth.models import (
    AccessToken,
    Application,
    AuditEvent,
    Authorization,
    ClientSecret,
    Grant,
    RefreshToken,
    Scope,
)
from fourme_oauth.models.credentials import digest
from fourme_oauth.revocation import revoke
from tests.factories import (
    ApplicationFactory,
    ScopeFactory,
    UserFactory,
    issue_secret,
)
from tests.third_party import CHALLENGE, VERIFIER, ThirdParty

PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


def assert_refused(response, error="invalid_grant", status=400):
    assert (response.status_code, response.json().get("error")) == (status, error)


def is_valid(third_party, token):
    return third_party.introspect(token)["active"]


# The exact flow of the product: neither PKCE nor scope


def test_a_code_is_exchanged_for_a_pair(third_party):
    response = third_party.exchange(third_party.code())
    assert response.status_code == 200
    assert set(response.json()) == {"access_token", "refresh_token", "token_type", "expires_in", "scope"}


def test_the_answer_is_json_that_no_cache_keeps(third_party):
    response = third_party.exchange(third_party.code())
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "no-store"


def test_the_access_token_lasts_an_hour(third_party):
    tokens = third_party.tokens()
    row = AccessToken.objects.get()
    assert tokens["expires_in"] == 3600
    assert timedelta(seconds=3595) < row.expires - row.created <= timedelta(seconds=3600)


def test_the_refresh_token_lasts_two_weeks_from_its_own_issue(third_party):
    third_party.tokens()
    row = RefreshToken.objects.get()
    assert timedelta(days=14, seconds=-5) < row.expires - row.created <= timedelta(days=14)


def test_an_application_s_tokens_may_last_shorter_than_the_site_s(third_party):
    Application.objects.update(access_token_seconds=60, refresh_token_seconds=3600)
    tokens = third_party.tokens()
    access_token, refresh_token = AccessToken.objects.get(), RefreshToken.objects.get()
    assert tokens["expires_in"] == 60
    assert timedelta(seconds=55) < access_token.expires - access_token.created <= timedelta(seconds=60)
    assert timedelta(seconds=3595) < refresh_token.expires - refresh_token.created <= timedelta(hours=1)


def test_a_lifetime_that_was_shortened_counts_at_the_next_refresh(third_party):
    tokens = third_party.tokens()
    Application.objects.update(access_token_seconds=60)
    assert third_party.refresh(tokens["refresh_token"]).json()["expires_in"] == 60


def test_tokens_are_stored_as_hashes_only(third_party):
    tokens = third_party.tokens()
    access_token, refresh_token = AccessToken.objects.get(), RefreshToken.objects.get()
    assert (access_token.token, access_token.token_checksum) == ("", digest(tokens["access_token"]))
    assert (refresh_token.token, refresh_token.token_checksum) == ("", digest(tokens["refresh_token"]))


def test_tokens_are_recognized_by_their_prefix(third_party):
    tokens = third_party.tokens()
    assert tokens["access_token"].startswith("fma_")
    assert tokens["refresh_token"].startswith("fmr_")


def test_credentials_may_be_in_the_header(third_party):
    response = third_party.post_basic(
        "/oauth/token",
        grant_type="authorization_code",
        code=third_party.code(),
        redirect_uri=third_party.redirect_uri,
    )
    assert response.status_code == 200


def test_the_body_may_be_json(third_party):
    body = {
        "grant_type": "authorization_code",
        "code": third_party.code(),
        "redirect_uri": third_party.redirect_uri,
        "client_id": third_party.application.client_id,
        "client_secret": third_party.secret,
    }
    assert Client().post("/oauth/token", json.dumps(body), content_type="application/json").status_code == 200


def test_the_endpoint_answers_with_a_trailing_slash_too(third_party):
    code = third_party.code()
    response = third_party.post(
        "/oauth/token/", grant_type="authorization_code", code=code, redirect_uri=third_party.redirect_uri
    )
    assert response.status_code == 200


def test_exchanging_and_refreshing_hash_no_password(third_party, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a password was hashed")

    monkeypatch.setattr("django.contrib.auth.hashers.check_password", refuse)
    monkeypatch.setattr("django.contrib.auth.hashers.make_password", refuse)
    assert third_party.refresh(third_party.tokens()["refresh_token"]).status_code == 200


# The client


@pytest.mark.parametrize("credentials", [{"client_id": "unknown"}, {"client_secret": "wrong"}, {"client_secret": None}])
def test_failed_client_authentication_is_always_the_same_401(third_party, credentials):
    response = third_party.exchange(third_party.code(), **credentials)
    assert_refused(response, "invalid_client", 401)
    assert response["WWW-Authenticate"] == 'Basic realm="api"'
    assert response["Cache-Control"] == "no-store"


def test_a_wrong_secret_in_the_header_is_a_401_with_a_basic_challenge(third_party):
    third_party.secret = "wrong"
    response = third_party.post_basic("/oauth/token", grant_type="authorization_code", code="x")
    assert_refused(response, "invalid_client", 401)
    assert response["WWW-Authenticate"].startswith("Basic ")


def test_unknown_client_and_wrong_secret_are_answered_alike(third_party):
    unknown = third_party.exchange("x", client_id="unknown")
    wrong = third_party.exchange("x", client_secret="wrong")
    assert unknown.content == wrong.content


def test_a_missing_client_is_an_invalid_client(third_party):
    assert_refused(third_party.exchange("x", client_id=None, client_secret=None), "invalid_client", 401)


def test_the_hash_of_a_secret_is_no_secret(third_party):
    stored = ClientSecret.objects.get().digest
    assert_refused(third_party.exchange("x", client_secret=stored), "invalid_client", 401)
    assert_refused(third_party.exchange("x", client_secret=stored.partition("$")[2]), "invalid_client", 401)


def test_a_disabled_application_is_refused(third_party):
    code = third_party.code()
    third_party.application.disabled = True
    third_party.application.save()
    assert_refused(third_party.exchange(code), "invalid_client", 401)


def test_a_public_application_that_sends_a_secret_is_refused(mobile):
    response = mobile.exchange(mobile.code(**PKCE), code_verifier=VERIFIER, client_secret="anything")
    assert_refused(response, "invalid_client", 401)


# The request


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"grant_type": None}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "implicit"}, "unsupported_grant_type"),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:device_code"}, "unsupported_grant_type"),
    ],
)
def test_a_faulty_request_is_a_400(third_party, parameters, error):
    assert_refused(third_party.exchange("x", **parameters), error)


def test_an_exchange_without_a_code_is_a_400(third_party):
    assert_refused(third_party.exchange(None), "invalid_request")


def test_a_grant_that_the_application_is_not_registered_for_is_refused(third_party):
    assert_refused(third_party.post("/oauth/token", grant_type="client_credentials"), "unauthorized_client")


def test_a_get_request_is_not_answered(client):
    assert client.get("/oauth/token").status_code == 405


def test_a_malformed_body_is_a_400_in_json(client):
    response = client.post("/oauth/token", "{", content_type="application/json")
    assert_refused(response, "invalid_request")
    assert response["Cache-Control"] == "no-store"


def test_a_parameter_that_names_an_attribute_of_oauthlib_s_request_has_no_effect(third_party):
    response = third_party.exchange(third_party.code(), client="x", user="x", scopes="x", minted_code="x")
    assert response.status_code == 200


# The code


def test_an_unknown_code_is_refused(third_party):
    assert_refused(third_party.exchange("unknown"))


def test_the_hash_of_a_code_is_no_code(third_party):
    third_party.code()
    assert_refused(third_party.exchange(Grant.objects.get().code))


def test_an_expired_code_is_refused(third_party):
    code = third_party.code()
    Grant.objects.update(expires=timezone.now())
    assert_refused(third_party.exchange(code))


def test_a_code_lasts_a_minute(third_party):
    third_party.code()
    row = Grant.objects.get()
    assert timedelta(seconds=55) < row.expires - row.created <= timedelta(seconds=60)


def test_another_application_can_not_exchange_the_code(third_party, browser):
    code = third_party.code()
    other = ApplicationFactory(scopes=["request:read"])
    assert_refused(ThirdParty(browser, other, issue_secret(other)).exchange(code))
    assert third_party.exchange(code).status_code == 200


@pytest.mark.parametrize("redirect_uri", ["https://third-party.example/other", None])
def test_the_redirect_uri_must_be_the_one_of_the_request(third_party, redirect_uri):
    assert_refused(third_party.exchange(third_party.code(), redirect_uri=redirect_uri))


def test_without_a_redirect_uri_in_the_request_none_is_needed(third_party):
    code = third_party.code(redirect_uri=None)
    assert third_party.exchange(code, redirect_uri=None).status_code == 200


def test_a_deactivated_user_s_code_is_refused(third_party, user):
    code = third_party.code()
    user.is_active = False
    user.save()
    assert_refused(third_party.exchange(code))


def test_a_code_from_before_a_revocation_is_refused(third_party):
    code = third_party.code()
    revoke(Authorization.objects.get())
    third_party.code()
    assert_refused(third_party.exchange(code))


def test_code_of_an_earlier_generation_that_was_not_deleted_is_refused(third_party):
    """The generation invalidates it; deleting rows is only cleaning up."""
    code = third_party.code()
    Authorization.objects.update(generation=1)
    assert_refused(third_party.exchange(code))


def test_code_issued_before_the_application_was_disabled_is_refused(third_party):
    code = third_party.code()
    for disabled in (True, False):
        third_party.application.disabled = disabled
        third_party.application.save()
    assert_refused(third_party.exchange(code))


def test_the_fifth_failure_burns_a_code(third_party):
    code = third_party.code()
    for _ in range(5):
        third_party.exchange(code, redirect_uri="https://wrong.example/")
    assert_refused(third_party.exchange(code))


def test_failures_are_not_counted_beyond_the_fifth(third_party):
    code = third_party.code()
    for _ in range(7):
        third_party.exchange(code, redirect_uri="https://wrong.example/")
    assert Grant.objects.get().failed_attempts == 5


def test_the_fourth_failure_does_not_burn_a_code(third_party):
    code = third_party.code()
    for _ in range(4):
        third_party.exchange(code, redirect_uri="https://wrong.example/")
    assert third_party.exchange(code).status_code == 200


# PKCE


def test_a_public_application_gets_tokens_with_its_verifier(mobile):
    assert mobile.exchange(mobile.code(**PKCE), code_verifier=VERIFIER).status_code == 200


@pytest.mark.parametrize("verifier", [None, "w" * 43, "v" * 42, "v" * 129, "v" * 42 + "!"])
def test_a_wrong_verifier_is_refused(mobile, verifier):
    assert_refused(mobile.exchange(mobile.code(**PKCE), code_verifier=verifier))


def test_a_confidential_application_may_use_pkce(third_party):
    assert third_party.exchange(third_party.code(**PKCE), code_verifier=VERIFIER).status_code == 200


def test_a_confidential_application_that_began_with_pkce_needs_its_verifier(third_party):
    assert_refused(third_party.exchange(third_party.code(**PKCE)))


def test_a_verifier_without_a_challenge_is_refused(third_party):
    assert_refused(third_party.exchange(third_party.code(), code_verifier=VERIFIER))


def test_a_code_without_a_challenge_is_refused_once_pkce_is_required(third_party):
    code = third_party.code()
    third_party.application.require_pkce = True
    third_party.application.save()
    assert_refused(third_party.exchange(code))


def test_error_does_not_say_what_was_wrong_with_the_code(mobile):
    code = mobile.code(**PKCE)
    wrong_verifier = mobile.exchange(code, code_verifier="w" * 43)
    wrong_redirect_uri = mobile.exchange(code, code_verifier=VERIFIER, redirect_uri="com.example.app:/x")
    wrong_code = mobile.exchange("x", code_verifier=VERIFIER)
    assert wrong_verifier.content == wrong_redirect_uri.content == wrong_code.content


# A replayed code


def test_replayed_code_is_refused_and_revokes_the_tokens_of_the_first_use(third_party):
    code = third_party.code()
    tokens = third_party.exchange(code).json()
    assert_refused(third_party.exchange(code))
    assert not is_valid(third_party, tokens["access_token"])
    assert_refused(third_party.refresh(tokens["refresh_token"]))


def test_replayed_code_revokes_refreshed_tokens_too(third_party):
    code = third_party.code()
    refreshed = third_party.refresh(third_party.exchange(code).json()["refresh_token"]).json()
    third_party.exchange(code)
    assert not is_valid(third_party, refreshed["access_token"])


def test_replayed_code_is_audited(third_party):
    code = third_party.code()
    third_party.exchange(code)
    third_party.exchange(code)
    assert AuditEvent.objects.filter(kind=AuditEvent.Kind.CODE_REUSED).exists()


def test_replayed_code_leaves_other_tokens_of_the_user(third_party):
    other = third_party.tokens()
    code = third_party.code()
    third_party.exchange(code)
    third_party.exchange(code)
    assert is_valid(third_party, other["access_token"])


def test_replayed_code_without_proof_of_possession_revokes_nothing(third_party):
    code = third_party.code()
    tokens = third_party.exchange(code).json()
    third_party.exchange(code, redirect_uri="https://wrong.example/")
    assert is_valid(third_party, tokens["access_token"])


def test_concurrent_duplicate_of_an_exchange_revokes_nothing(third_party):
    """Received before the first response: a retry of the HTTP client, not a replay."""
    code = third_party.code()
    tokens = third_party.exchange(code).json()
    Grant.objects.update(used_at=timezone.now() + timedelta(seconds=5))
    assert_refused(third_party.exchange(code))
    assert is_valid(third_party, tokens["access_token"])


def test_last_request_of_a_burst_revokes_nothing(third_party):
    """Read after the first response, but right after another request of the burst."""
    code = third_party.code()
    tokens = third_party.exchange(code).json()
    Grant.objects.update(replayed_at=timezone.now())
    assert_refused(third_party.exchange(code))
    assert is_valid(third_party, tokens["access_token"])


def test_first_repeated_request_of_a_burst_revokes_nothing(third_party, monkeypatch):
    """Read after the first response, and right before another request of the burst."""
    code = third_party.code()
    tokens = third_party.exchange(code).json()

    def concurrent_replay(seconds):
        Grant.objects.update(replayed_at=timezone.now() + timedelta(seconds=seconds))

    monkeypatch.setattr(reuse.time, "sleep", concurrent_replay)
    assert_refused(third_party.exchange(code))
    assert is_valid(third_party, tokens["access_token"])


def test_late_repeated_requests_are_no_burst(third_party):
    """An attacker can't extend the burst window by replaying a stolen code continuously."""
    code = third_party.code()
    tokens = third_party.exchange(code).json()
    Grant.objects.update(used_at=timezone.now() - timedelta(seconds=6), replayed_at=timezone.now())
    assert_refused(third_party.exchange(code))
    assert not is_valid(third_party, tokens["access_token"])


def test_who_loses_the_race_for_a_code_gets_nothing(third_party, monkeypatch):
    code = third_party.code()
    exchange_code = issuance.exchange_code

    def concurrent_request(row, tokens):
        Grant.objects.update(used_at=timezone.now())
        return exchange_code(row, tokens)

    monkeypatch.setattr(request_validator.issuance, "exchange_code", concurrent_request)
    assert_refused(third_party.exchange(code))
    assert not AccessToken.objects.exists()


def test_a_revocation_in_the_middle_of_an_exchange_wins(third_party, monkeypatch):
    code = third_party.code()
    exchange_code = issuance.exchange_code

    def revoked_meanwhile(row, tokens):
        revoke(Authorization.objects.get())
        return exchange_code(row, tokens)

    monkeypatch.setattr(request_validator.issuance, "exchange_code", revoked_meanwhile)
    assert_refused(third_party.exchange(code))
    assert not AccessToken.objects.exists()


# Refreshing


def test_a_refresh_gives_a_new_pair(third_party):
    first = third_party.tokens()
    second = third_party.refresh(first["refresh_token"]).json()
    assert second["access_token"] != first["access_token"]
    assert second["refresh_token"] != first["refresh_token"]


def test_a_refresh_ends_the_old_pair(third_party):
    first = third_party.tokens()
    third_party.refresh(first["refresh_token"])
    assert not is_valid(third_party, first["access_token"])
    assert not is_valid(third_party, first["refresh_token"])


def test_a_refresh_starts_another_two_weeks(third_party):
    first = third_party.tokens()
    RefreshToken.objects.update(expires=timezone.now() + timedelta(days=1))
    third_party.refresh(first["refresh_token"])
    assert RefreshToken.objects.unused().get().expires > timezone.now() + timedelta(days=13)


def test_an_expired_refresh_token_is_refused(third_party):
    tokens = third_party.tokens()
    RefreshToken.objects.update(expires=timezone.now())
    assert_refused(third_party.refresh(tokens["refresh_token"]))


def test_a_refresh_token_outlives_its_access_token(third_party):
    tokens = third_party.tokens()
    AccessToken.objects.all().delete()
    assert third_party.refresh(tokens["refresh_token"]).status_code == 200


def test_refreshing_ends_a_year_after_the_last_consent(third_party):
    tokens = third_party.tokens()
    Authorization.objects.update(confirmed_at=timezone.now() - timedelta(days=365))
    assert_refused(third_party.refresh(tokens["refresh_token"]))


def test_refreshing_works_shortly_before_the_absolute_end(third_party):
    tokens = third_party.tokens()
    Authorization.objects.update(confirmed_at=timezone.now() - timedelta(days=364))
    assert third_party.refresh(tokens["refresh_token"]).status_code == 200


def test_absolute_end_of_refreshing_can_be_turned_off(third_party, settings):
    settings.FOURME_OAUTH = {"AUTHORIZATION_MAX_AGE_SECONDS": None}
    tokens = third_party.tokens()
    Authorization.objects.update(confirmed_at=timezone.now() - timedelta(days=3650))
    assert third_party.refresh(tokens["refresh_token"]).status_code == 200


def test_a_refresh_may_be_narrower_for_this_access_token(third_party):
    tokens = third_party.tokens()
    narrow = third_party.refresh(tokens["refresh_token"], scope="request:read").json()
    assert narrow["scope"] == "request:read"
    assert third_party.refresh(narrow["refresh_token"]).json()["scope"] == "request:create request:read"


def test_a_refresh_can_not_be_wider(third_party):
    tokens = third_party.tokens(scope="request:read")
    assert_refused(third_party.refresh(tokens["refresh_token"], scope="request:read request:create"), "invalid_scope")


def test_an_unknown_refresh_token_is_refused(third_party):
    assert_refused(third_party.refresh("unknown"))


def test_a_refresh_without_a_refresh_token_is_refused(third_party):
    assert_refused(third_party.refresh(None), "invalid_request")


def test_an_access_token_does_not_refresh(third_party):
    assert_refused(third_party.refresh(third_party.tokens()["access_token"]))


def test_another_application_can_not_refresh(third_party, browser):
    tokens = third_party.tokens()
    other = ApplicationFactory(scopes=["request:read"])
    assert_refused(ThirdParty(browser, other, issue_secret(other)).refresh(tokens["refresh_token"]))
    assert third_party.refresh(tokens["refresh_token"]).status_code == 200


def test_a_confidential_application_must_authenticate_to_refresh(third_party):
    tokens = third_party.tokens()
    assert_refused(third_party.refresh(tokens["refresh_token"], client_secret=None), "invalid_client", 401)


def test_a_public_application_refreshes_with_its_client_id(mobile):
    tokens = mobile.exchange(mobile.code(**PKCE), code_verifier=VERIFIER).json()
    assert mobile.refresh(tokens["refresh_token"]).status_code == 200


def test_a_deactivated_user_s_refresh_token_is_refused(third_party, user):
    tokens = third_party.tokens()
    user.is_active = False
    user.save()
    assert_refused(third_party.refresh(tokens["refresh_token"]))


def test_a_refresh_token_from_before_a_revocation_is_refused(third_party):
    tokens = third_party.tokens()
    Authorization.objects.update(generation=1)
    assert_refused(third_party.refresh(tokens["refresh_token"]))


def test_who_loses_the_race_for_a_refresh_token_gets_nothing(third_party, monkeypatch):
    tokens = third_party.tokens()
    rotate = issuance.rotate

    def concurrent_request(row, new):
        RefreshToken.objects.update(revoked=timezone.now())
        return rotate(row, new)

    monkeypatch.setattr(request_validator.issuance, "rotate", concurrent_request)
    assert_refused(third_party.refresh(tokens["refresh_token"]))
    assert AccessToken.objects.count() == 1


# A replayed refresh token


def rotated_long_ago():
    RefreshToken.objects.exclude(revoked=None).update(revoked=timezone.now() - timedelta(seconds=11))


def test_refresh_token_replayed_within_the_grace_period_is_only_refused(third_party):
    first = third_party.tokens()
    second = third_party.refresh(first["refresh_token"]).json()
    assert_refused(third_party.refresh(first["refresh_token"]))
    assert is_valid(third_party, second["access_token"])


def test_refresh_token_replayed_after_the_grace_period_revokes_the_family(third_party):
    first = third_party.tokens()
    second = third_party.refresh(first["refresh_token"]).json()
    rotated_long_ago()
    assert_refused(third_party.refresh(first["refresh_token"]))
    assert not is_valid(third_party, second["access_token"])
    assert_refused(third_party.refresh(second["refresh_token"]))


def test_reused_refresh_token_is_audited(third_party):
    first = third_party.tokens()
    third_party.refresh(first["refresh_token"])
    rotated_long_ago()
    third_party.refresh(first["refresh_token"])
    assert AuditEvent.objects.filter(kind=AuditEvent.Kind.REFRESH_TOKEN_REUSED).exists()


def test_rotated_token_presented_by_another_application_revokes_nothing(third_party, browser):
    first = third_party.tokens()
    second = third_party.refresh(first["refresh_token"]).json()
    rotated_long_ago()
    other = ApplicationFactory(scopes=["request:read"])
    assert_refused(ThirdParty(browser, other, issue_secret(other)).refresh(first["refresh_token"]))
    assert is_valid(third_party, second["access_token"])


# scope in token responses


def test_the_answer_names_the_scopes_in_effect(third_party):
    assert third_party.tokens()["scope"] == "request:create request:read"


def test_the_answer_leaves_out_what_the_role_does_not_permit(third_party, role):
    ScopeFactory(name="request:create", roles=[role])
    assert third_party.tokens()["scope"] == "request:read"


def test_the_row_keeps_what_was_granted(third_party, role):
    ScopeFactory(name="request:create", roles=[role])
    third_party.tokens()
    assert AccessToken.objects.get().scope == "request:create request:read"


def test_scope_added_since_consent_is_not_issued(third_party):
    tokens = third_party.tokens(scope="request:read")
    assert third_party.refresh(tokens["refresh_token"]).json()["scope"] == "request:read"


def test_a_scope_that_is_no_longer_allowed_is_left_out_of_a_refresh(third_party):
    tokens = third_party.tokens()
    third_party.application.scopes.remove(Scope.objects.get(name="request:create"))
    assert third_party.refresh(tokens["refresh_token"]).json()["scope"] == "request:read"


# Client credentials


def test_an_application_acts_as_its_linked_user(nightly):
    response = nightly.post("/oauth/token", grant_type="client_credentials")
    assert response.status_code == 200
    assert AccessToken.objects.get().user == nightly.application.linked_user


def test_client_credentials_give_an_hour_and_no_refresh_token(nightly):
    tokens = nightly.post("/oauth/token", grant_type="client_credentials").json()
    assert tokens["expires_in"] == 3600
    assert "refresh_token" not in tokens


def test_client_credentials_may_ask_for_less(nightly):
    tokens = nightly.post("/oauth/token", grant_type="client_credentials", scope="request:read").json()
    assert tokens["scope"] == "request:read"


def test_client_credentials_can_not_ask_for_more(nightly):
    response = nightly.post("/oauth/token", grant_type="client_credentials", scope="person:update")
    assert_refused(response, "invalid_scope")


def test_without_a_linked_user_there_is_no_token(nightly):
    nightly.application.linked_user = None
    nightly.application.save()
    assert_refused(nightly.post("/oauth/token", grant_type="client_credentials"), "unauthorized_client")


def test_for_a_deactivated_linked_user_there_is_no_token(nightly):
    nightly.application.linked_user.is_active = False
    nightly.application.linked_user.save()
    assert_refused(nightly.post("/oauth/token", grant_type="client_credentials"), "unauthorized_client")


def test_an_application_s_own_tokens_may_last_shorter_than_the_site_s(nightly):
    Application.objects.update(access_token_seconds=60)
    assert nightly.post("/oauth/token", grant_type="client_credentials").json()["expires_in"] == 60


def test_an_application_may_have_both_grants(third_party):
    acting_as = UserFactory()
    Application.objects.update(client_credentials=True, linked_user=acting_as)
    own = third_party.post("/oauth/token", grant_type="client_credentials").json()
    assert third_party.introspect(own["access_token"])["username"] == acting_as.username
    assert third_party.introspect(third_party.tokens()["access_token"])["username"] != acting_as.username


def test_an_application_has_no_grant_that_was_not_ticked(third_party):
    assert_refused(third_party.post("/oauth/token", grant_type="client_credentials"), "unauthorized_client")


def test_token_is_revoked_when_another_user_is_linked(nightly):
    token = nightly.post("/oauth/token", grant_type="client_credentials").json()["access_token"]
    nightly.application.linked_user = UserFactory()
    nightly.application.save()
    assert not is_valid(nightly, token)


def test_a_header_and_a_body_secret_at_once_are_refused(third_party):
    pair = f"{third_party.application.client_id}:{third_party.secret}".encode()
    response = Client().post(
        "/oauth/token",
        f"grant_type=client_credentials&client_secret={third_party.secret}",
        content_type="application/x-www-form-urlencoded",
        headers={"Authorization": "Basic " + base64.b64encode(pair).decode()},
    )
    assert_refused(response, "invalid_request")
