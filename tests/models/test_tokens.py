from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from fourme_oauth import revocation
from fourme_oauth.models import AccessToken, Application, Authorization, Grant, RefreshToken
from fourme_oauth.models.credentials import digest
from fourme_oauth.models.tokens import ATTEMPTS_PER_CODE
from tests.factories import (
    ApplicationFactory,
    LinkedApplicationFactory,
    UserFactory,
    authorize,
    mint_access_token,
    mint_code,
    mint_own_access_token,
    mint_refresh_token,
)


@pytest.fixture
def now():
    return timezone.now()


def mint_one_of_each(authorization):
    mint_code(authorization)
    mint_access_token(authorization)
    mint_refresh_token(authorization)


def living(now):
    """Whether the code, the access token and the refresh token are valid."""
    found = Grant.objects.living(), AccessToken.objects.living(now), RefreshToken.objects.living(now)
    return tuple(rows.exists() for rows in found)


ALL, NONE = (True, True, True), (False, False, False)


# ── generations ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_tokens_of_the_current_generations_are_valid(authorization, now):
    mint_one_of_each(authorization)
    assert living(now) == ALL


def test_tokens_of_an_earlier_authorization_generation_are_invalid(authorization, now):
    mint_one_of_each(authorization)
    Authorization.objects.update(generation=1)
    assert living(now) == NONE


def test_tokens_of_a_later_authorization_generation_are_invalid(authorization, now):
    authorization.generation = 1
    mint_one_of_each(authorization)
    assert living(now) == NONE


def test_tokens_of_an_earlier_application_generation_are_invalid(authorization, now):
    mint_one_of_each(authorization)
    Application.objects.update(generation=1)
    assert living(now) == NONE


def test_tokens_of_a_later_application_generation_are_invalid(authorization, now):
    authorization.application.generation = 1
    mint_one_of_each(authorization)
    assert living(now) == NONE


def test_tokens_of_a_revoked_authorization_are_invalid(authorization, now):
    mint_one_of_each(authorization)
    Authorization.objects.update(revoked_at=now)
    assert living(now) == NONE


def test_tokens_without_an_authorization_are_invalid(authorization, now):
    mint_one_of_each(authorization)
    authorization.delete()
    assert living(now) == NONE


def test_authorization_of_another_user_makes_no_token_valid(authorization, application, now):
    mint_one_of_each(authorization)
    authorize(UserFactory(), application)
    Authorization.objects.filter(pk=authorization.pk).update(revoked_at=now)
    assert living(now) == NONE


def test_authorization_of_another_application_makes_no_token_valid(authorization, user, now):
    authorize(user, ApplicationFactory(scopes=["request:read"]))
    mint_one_of_each(authorization)
    Authorization.objects.filter(pk=authorization.pk).update(revoked_at=now)
    assert living(now) == NONE


def test_other_authorizations_of_the_user_cause_no_duplicate_rows(authorization, user, now):
    authorize(user, ApplicationFactory(scopes=["request:read"]))
    mint_access_token(authorization)
    assert AccessToken.objects.living(now).count() == 1


def test_found_token_has_the_currently_granted_scopes(authorization, now):
    mint_access_token(authorization)
    Authorization.objects.update(scopes="request:read")
    assert AccessToken.objects.living(now).get().authorized_scopes == "request:read"


def test_found_token_has_the_time_of_the_last_consent(authorization):
    mint_code(authorization)
    assert Grant.objects.living().get().authorization_confirmed_at == authorization.confirmed_at


def test_found_token_has_the_last_use_of_the_authorization(authorization, now):
    mint_access_token(authorization)
    Authorization.objects.update(last_used_at=now)
    assert AccessToken.objects.living(now).get().authorization_last_used_at == now


def test_a_valid_token_is_found_in_one_query(authorization, now, django_assert_num_queries):
    text = mint_access_token(authorization)
    with django_assert_num_queries(1):
        AccessToken.objects.by_text(text).living(now).select_related("user", "application").get()


# ── client credentials ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def linked(db):
    return LinkedApplicationFactory(scopes=["request:read"])


def test_client_credentials_token_is_valid_without_an_authorization(linked, now):
    mint_own_access_token(linked)
    assert AccessToken.objects.living(now).exists()


def test_client_credentials_token_is_invalid_when_another_user_is_linked(linked, now):
    mint_own_access_token(linked)
    Application.objects.update(linked_user=UserFactory())
    assert not AccessToken.objects.living(now).exists()


def test_client_credentials_token_is_invalid_when_no_user_is_linked(linked, now):
    mint_own_access_token(linked)
    Application.objects.update(linked_user=None)
    assert not AccessToken.objects.living(now).exists()


def test_token_without_a_user_is_invalid_though_no_user_is_linked(linked, now):
    mint_own_access_token(linked, user=None)
    Application.objects.update(linked_user=None)
    assert not AccessToken.objects.living(now).exists()


def test_client_credentials_token_is_invalid_after_its_application_generation(linked, now):
    mint_own_access_token(linked)
    linked.move_on_a_generation()
    assert not AccessToken.objects.living(now).exists()


def without_authorization(linked):
    """One of each for the linked user, as a worker that runs the toolkit alone writes it."""
    held = {"user": linked.linked_user, "application": linked, "expires": timezone.now() + timedelta(hours=1)}
    Grant.objects.create(code="a", redirect_uri="https://third-party.example/callback", **held)
    AccessToken.objects.create(token_checksum="a", **held)
    RefreshToken.objects.create(token_checksum="a", **held)


def test_tokens_of_the_linked_user_without_an_authorization_are_invalid(linked, now):
    without_authorization(linked)
    assert living(now) == NONE


def test_tokens_of_users_are_those_that_are_not_from_client_credentials(linked, authorization):
    mint_own_access_token(linked)
    mint_access_token(authorization)
    assert AccessToken.objects.of_users().get().user == authorization.user


# ── lookup and expiry ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_code_is_found_by_its_text(authorization):
    assert Grant.objects.by_text(mint_code(authorization)).exists()


def test_a_code_is_not_found_by_what_is_stored(authorization):
    assert not Grant.objects.by_text(digest(mint_code(authorization))).exists()


def test_an_access_token_is_found_by_its_text(authorization):
    assert AccessToken.objects.by_text(mint_access_token(authorization)).exists()


def test_an_access_token_is_not_found_by_what_is_stored(authorization):
    assert not AccessToken.objects.by_text(digest(mint_access_token(authorization))).exists()


def test_a_refresh_token_is_found_by_its_text(authorization):
    assert RefreshToken.objects.by_text(mint_refresh_token(authorization)).exists()


def test_a_refresh_token_is_not_found_by_what_is_stored(authorization):
    assert not RefreshToken.objects.by_text(digest(mint_refresh_token(authorization))).exists()


def test_an_access_token_is_invalid_at_the_moment_it_expires(authorization, now):
    mint_access_token(authorization)
    AccessToken.objects.update(expires=now)
    assert not AccessToken.objects.living(now).exists()


def test_an_access_token_lives_until_it_expires(authorization, now):
    mint_access_token(authorization)
    AccessToken.objects.update(expires=now + timedelta(microseconds=1))
    assert AccessToken.objects.living(now).exists()


def test_a_refresh_token_is_invalid_at_the_moment_it_expires(authorization, now):
    mint_refresh_token(authorization, expires=now)
    assert not RefreshToken.objects.living(now).exists()


def test_a_refresh_token_lives_until_it_expires(authorization, now):
    mint_refresh_token(authorization, expires=now + timedelta(microseconds=1))
    assert RefreshToken.objects.living(now).exists()


def test_refresh_token_without_an_expiry_is_invalid(authorization, now):
    mint_refresh_token(authorization, expires=None)
    assert not RefreshToken.objects.living(now).exists()


def test_a_rotated_refresh_token_is_invalid(authorization, now):
    mint_refresh_token(authorization, revoked=now)
    assert not RefreshToken.objects.living(now).exists()


def test_a_rotated_refresh_token_is_recognized(authorization, now):
    mint_refresh_token(authorization, revoked=now)
    assert RefreshToken.objects.living_or_rotated().exists()


def test_a_rotated_refresh_token_is_not_recognized_after_a_revocation(authorization, now):
    mint_refresh_token(authorization, revoked=now)
    Authorization.objects.update(generation=1)
    assert not RefreshToken.objects.living_or_rotated().exists()


def pending(now, **fields):
    """Whether the code is pending, by the queryset and by the instance."""
    Grant.objects.update(**fields)
    return Grant.objects.pending(now).exists(), Grant.objects.get().is_pending(now)


def test_a_fresh_code_is_pending(authorization, now):
    mint_code(authorization)
    assert pending(now) == (True, True)


def test_a_code_is_pending_until_it_expires(authorization, now):
    mint_code(authorization)
    assert pending(now, expires=now + timedelta(microseconds=1)) == (True, True)


def test_a_code_is_not_pending_at_the_moment_it_expires(authorization, now):
    mint_code(authorization)
    assert pending(now, expires=now) == (False, False)


def test_a_used_code_is_not_pending(authorization, now):
    mint_code(authorization)
    assert pending(now, used_at=now) == (False, False)


def test_a_code_is_pending_while_attempts_are_left(authorization, now):
    mint_code(authorization)
    assert pending(now, failed_attempts=ATTEMPTS_PER_CODE - 1) == (True, True)


def test_code_is_invalid_when_no_attempts_are_left(authorization, now):
    mint_code(authorization)
    assert pending(now, failed_attempts=ATTEMPTS_PER_CODE) == (False, False)


def test_refresh_tokens_of_revoked_families_are_not_unused(authorization, user, application):
    mint_refresh_token(authorization, token_family=uuid4())
    ended = uuid4()
    mint_refresh_token(authorization, token_family=ended)
    revocation.end_family(RefreshToken.objects.get(token_family=ended))
    assert RefreshToken.objects.unused().count() == 1
