import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fourme_oauth import effective_access, revocation
from fourme_oauth.actor import SYSTEM, Actor
from fourme_oauth.models import AccessToken, Application, AuditEvent, Authorization, Grant, RefreshToken
from fourme_oauth.revocation import TokenCounts
from fourme_oauth.revocation.authorizations import _revoke_some
from fourme_oauth.signals import authorization_revoked, reuse_detected
from tests import toolkit_alone
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


@pytest.fixture
def held(authorization):
    """A code, an access token and a refresh token, all valid."""
    mint_code(authorization)
    mint_access_token(authorization)
    mint_refresh_token(authorization)
    return authorization


def rows():
    """How many codes, access tokens and refresh tokens there are."""
    return Grant.objects.count(), AccessToken.objects.count(), RefreshToken.objects.count()


def valid_counts(now):
    """How many of them are valid."""
    return (
        Grant.objects.living().count(),
        AccessToken.objects.living(now).count(),
        RefreshToken.objects.living(now).count(),
    )


@pytest.fixture
def revoked_signals():
    received = []

    def receive(**arguments):
        received.append({name: arguments[name] for name in ("sender", "authorization", "by")})

    authorization_revoked.connect(receive)
    yield received
    authorization_revoked.disconnect(receive)


@pytest.fixture
def reuse_signals():
    received = []

    def receive(**arguments):
        received.append({name: arguments[name] for name in ("application", "user", "credential")})

    reuse_detected.connect(receive)
    yield received
    reuse_detected.disconnect(receive)


# ── one authorization ────────────────────────────────────────────────────────────────────────────────────────────────


def test_revoking_ends_everything(held):
    revocation.revoke(held)
    assert rows() == (0, 0, 0)


def test_revoking_ends_the_authorization(held, user):
    before = timezone.now()
    revocation.revoke(held, by=Actor(user))
    held.refresh_from_db()
    assert before <= held.revoked_at <= timezone.now()


def test_revoking_says_by_whom(held):
    administrator = UserFactory()
    revocation.revoke(held, by=Actor(administrator))
    held.refresh_from_db()
    assert held.revoked_by == administrator


def test_revoking_can_be_by_nobody(held):
    revocation.revoke(held)
    held.refresh_from_db()
    assert held.revoked_by is None


def test_revoking_moves_the_generation_on(held):
    revocation.revoke(held)
    held.refresh_from_db()
    assert held.generation == 1


def test_tokens_issued_during_a_revocation_are_invalid(held, now):
    revocation.revoke(held)
    mint_code(held)
    mint_access_token(held)
    mint_refresh_token(held)
    assert valid_counts(now) == (0, 0, 0)


def test_tokens_issued_during_a_revocation_stay_invalid_after_another_consent(held, user, application, now):
    revocation.revoke(held)
    mint_code(held)
    mint_access_token(held)
    mint_refresh_token(held)
    authorize(user, application)
    assert valid_counts(now) == (0, 0, 0)


def test_tokens_issued_after_another_consent_are_valid(held, user, application, now):
    revocation.revoke(held)
    again = authorize(user, application)
    mint_code(again)
    mint_access_token(again)
    mint_refresh_token(again)
    assert valid_counts(now) == (1, 1, 1)


def test_revoking_counts_valid_tokens(held):
    mint_access_token(held)
    assert revocation.revoke(held) == TokenCounts(codes=1, refresh_tokens=1, access_tokens=2)


def test_revoking_does_not_count_invalid_tokens(authorization, now):
    mint_code(authorization, used_at=now)
    mint_access_token(authorization, expires_in=0)
    mint_refresh_token(authorization, revoked=now)
    mint_refresh_token(authorization, expires=now)
    assert revocation.revoke(authorization) == TokenCounts()


def test_revoking_deletes_invalid_tokens(authorization, now):
    mint_code(authorization, used_at=now)
    mint_access_token(authorization, expires_in=0)
    mint_refresh_token(authorization, revoked=now)
    revocation.revoke(authorization)
    assert rows() == (0, 0, 0)


def test_revoking_again_revokes_nothing_more(held):
    revocation.revoke(held)
    assert revocation.revoke(held) == TokenCounts()


def test_revoking_again_moves_no_generation_on(held):
    revocation.revoke(held)
    revocation.revoke(held)
    held.refresh_from_db()
    assert held.generation == 1


def test_revoking_again_leaves_when_and_by_whom(held, user):
    revocation.revoke(held, by=Actor(user))
    first = Authorization.objects.values("revoked_at", "revoked_by").get()
    revocation.revoke(held, by=Actor(UserFactory()))
    assert Authorization.objects.values("revoked_at", "revoked_by").get() == first


def test_revoking_again_is_not_in_the_audit_trail(held):
    revocation.revoke(held)
    revocation.revoke(held)
    assert AuditEvent.objects.filter(kind=AuditEvent.Kind.REVOKED).count() == 1


def test_revoking_again_is_not_signalled(held, revoked_signals):
    revocation.revoke(held)
    revocation.revoke(held)
    assert len(revoked_signals) == 1


def test_what_another_user_holds_is_left_alone(held, application, now):
    other = authorize(UserFactory(), application)
    mint_code(other)
    mint_access_token(other)
    mint_refresh_token(other)
    revocation.revoke(held)
    assert valid_counts(now) == (1, 1, 1)


def test_what_another_application_holds_is_left_alone(held, user, now):
    other = authorize(user, ApplicationFactory(scopes=["request:read"]))
    mint_code(other)
    mint_access_token(other)
    mint_refresh_token(other)
    revocation.revoke(held)
    assert valid_counts(now) == (1, 1, 1)


def test_the_authorization_of_another_user_stands(held, application):
    other = authorize(UserFactory(), application)
    revocation.revoke(held)
    assert list(Authorization.objects.standing()) == [other]


def test_what_the_application_got_with_its_own_credentials_is_left_alone(db, now):
    linked = LinkedApplicationFactory(scopes=["request:read"])
    token = mint_own_access_token(linked)
    revocation.revoke(authorize(linked.linked_user, linked))
    assert effective_access.of_access_token(token, now=now) is not None


def test_an_authorization_whose_application_is_gone_is_revoked_already(authorization, application):
    application.delete()
    authorization.refresh_from_db()
    assert revocation.revoke(authorization) == TokenCounts()


def test_a_revocation_is_in_the_audit_trail(held, user, application):
    administrator = UserFactory()
    revocation.revoke(held, by=Actor(administrator))
    event = AuditEvent.objects.get(kind=AuditEvent.Kind.REVOKED)
    assert (event.application, event.user, event.by) == (application, user, administrator)


def test_the_audit_trail_says_how_much_a_revocation_ended(held):
    revocation.revoke(held)
    assert AuditEvent.objects.get(kind=AuditEvent.Kind.REVOKED).details == {
        "codes": 1,
        "refresh_tokens": 1,
        "access_tokens": 1,
    }


def test_a_revocation_is_signalled(held, user, revoked_signals):
    revocation.revoke(held, by=Actor(user))
    assert revoked_signals == [{"sender": Authorization, "authorization": held, "by": user}]


def test_receivers_see_the_revoked_authorization(held, revoked_signals):
    revocation.revoke(held)
    assert revoked_signals[0]["authorization"].revoked_at is not None


def holding(count, application):
    """An authorization with ``count`` codes, access tokens and refresh tokens, fresh from the database."""
    authorization = authorize(UserFactory(), application)
    for _ in range(count):
        mint_code(authorization)
        mint_access_token(authorization)
        mint_refresh_token(authorization)
    return Authorization.objects.get(pk=authorization.pk)


def test_revoking_much_takes_as_many_queries_as_revoking_little(application, django_assert_num_queries):
    little, much = holding(1, application), holding(30, application)
    with CaptureQueriesContext(connection) as queries:
        revocation.revoke(little)
    with django_assert_num_queries(len(queries)):
        revocation.revoke(much)


# ── batches ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def batches_of_two(monkeypatch):
    for module in ("authorizations", "bulk"):
        monkeypatch.setattr(f"fourme_oauth.revocation.{module}.BATCH_SIZE", 2)


@pytest.fixture
def five(batches_of_two, application):
    """The application, which five users have authorized; each of them holds a code, an access and a refresh token."""
    for _ in range(5):
        holding(1, application)
    return application


def test_more_authorizations_than_one_batch_are_all_revoked(five):
    revocation.revoke_several(Authorization.objects.all())
    assert not Authorization.objects.standing().exists()


def test_more_authorizations_than_one_batch_lose_all_codes_and_tokens(five):
    revocation.revoke_several(Authorization.objects.all())
    assert rows() == (0, 0, 0)


def test_what_ended_is_counted_over_all_batches(five):
    assert revocation.revoke_several(Authorization.objects.all()) == TokenCounts(
        codes=5, refresh_tokens=5, access_tokens=5
    )


def test_each_authorization_of_each_batch_is_in_the_audit_trail_once(five):
    revocation.revoke_several(Authorization.objects.all())
    revoked = AuditEvent.objects.filter(kind=AuditEvent.Kind.REVOKED).values_list("user", flat=True)
    assert sorted(revoked) == sorted(Authorization.objects.values_list("user", flat=True))


def test_each_authorization_of_each_batch_is_signalled_once(five, revoked_signals):
    revocation.revoke_several(Authorization.objects.all())
    assert sorted(each["authorization"].pk for each in revoked_signals) == sorted(
        Authorization.objects.values_list("pk", flat=True)
    )


def test_an_authorization_outside_the_selection_stands_after_several_batches(five):
    spared = Authorization.objects.order_by("pk")[2]
    revocation.revoke_several(Authorization.objects.exclude(pk=spared.pk))
    assert list(Authorization.objects.standing()) == [spared]


def test_valid_tokens_are_counted_over_all_batches(five):
    assert revocation.count_live(application=five) == TokenCounts(codes=5, refresh_tokens=5, access_tokens=5)


def statements(act, beginning):
    """How many statements of ``act`` begin like this."""
    with CaptureQueriesContext(connection) as captured:
        act()
    return sum(query["sql"].startswith(beginning) for query in captured)


def test_no_statement_revokes_more_than_one_batch(five):
    update = f"UPDATE {connection.ops.quote_name(Authorization._meta.db_table)}"
    assert statements(lambda: revocation.revoke_several(Authorization.objects.all()), update) == 3


def test_no_statement_counts_more_than_one_batch(five, django_assert_num_queries):
    # One lists the authorizations, three count each batch, and one counts the application's own tokens.
    with django_assert_num_queries(1 + 3 * 3 + 1):
        revocation.count_live(application=five)


# ── one application ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def own_token(application):
    """The application's own, beside what it holds for users."""
    application.linked_user = UserFactory()
    application.save()
    return mint_own_access_token(application)


def test_disabling_revokes_everything_of_the_application(held, application, own_token):
    mint_access_token(authorize(UserFactory(), application))
    revocation.disable(application)
    assert rows() == (0, 0, 0)


def test_disabling_counts_revoked_tokens(held, application, own_token):
    assert revocation.disable(application) == TokenCounts(codes=1, refresh_tokens=1, access_tokens=2)


def test_disabling_is_stored(application):
    revocation.disable(application)
    assert Application.objects.get(pk=application.pk).disabled


def test_disabling_updates_the_instance(application):
    revocation.disable(application)
    assert (application.disabled, application.generation) == (True, 1)


def test_disabling_keeps_other_changes_of_the_instance(application):
    application.name = "Not saved yet"
    revocation.disable(application)
    assert application.name == "Not saved yet"


def test_disabling_leaves_the_authorizations(held, application):
    revocation.disable(application)
    assert list(Authorization.objects.standing()) == [held]


def test_disabling_leaves_other_applications(held, application, user, now):
    mint_access_token(authorize(user, ApplicationFactory(scopes=["request:read"])))
    revocation.disable(application)
    assert valid_counts(now) == (0, 1, 0)


def test_enabling_again_revives_nothing(held, application, now):
    stale = Authorization.objects.select_related("application").get()
    revocation.disable(application)
    application.disabled = False
    application.save()
    mint_code(stale)
    mint_access_token(stale)
    mint_refresh_token(stale)
    assert valid_counts(now) == (0, 0, 0)


def test_tokens_issued_after_enabling_again_are_valid(held, application, now):
    revocation.disable(application)
    application.disabled = False
    application.save()
    mint_access_token(Authorization.objects.get())
    assert valid_counts(now) == (0, 1, 0)


def test_a_form_that_disables_and_enables_again_revives_nothing(held, application, now):
    application.disabled = True
    application.save()
    application.disabled = False
    application.save()
    assert valid_counts(now) == (0, 0, 0)


def test_enabling_what_a_query_disabled_revives_nothing(held, application, now):
    Application.objects.update(disabled=True)
    application.refresh_from_db()
    application.disabled = False
    application.save()
    assert valid_counts(now) == (0, 0, 0)


def test_disabling_is_in_the_audit_trail(held, application):
    administrator = UserFactory()
    revocation.disable(application, by=Actor(administrator))
    event = AuditEvent.objects.get(kind=AuditEvent.Kind.APPLICATION_DISABLED)
    assert (event.application, event.by, event.details["access_tokens"]) == (application, administrator, 1)


def test_impact_of_disabling_counts_valid_tokens(held, application, authorization):
    revocation.revoke(authorization)
    authorize(authorization.user, application)
    stale = authorization  # its generation invalidates all tokens
    mint_code(stale)
    mint_access_token(stale)
    mint_refresh_token(stale)
    assert revocation.disable(application) == TokenCounts()


def test_disabling_counts_no_refresh_token_after_its_absolute_end(held, application, now):
    Authorization.objects.update(confirmed_at=now - timedelta(days=366))
    assert revocation.disable(application) == TokenCounts(codes=1, access_tokens=1)


def test_disabling_counts_the_tokens_of_its_own_credentials(db):
    linked = LinkedApplicationFactory(scopes=["request:read"])
    mint_own_access_token(linked)
    assert revocation.disable(linked) == TokenCounts(access_tokens=1)


def test_disabling_takes_as_many_queries_for_many_users_as_for_one(application, django_assert_num_queries):
    other = ApplicationFactory(scopes=["request:read"])
    holding(1, application)
    for _ in range(30):
        holding(1, other)
    with CaptureQueriesContext(connection) as queries:
        revocation.disable(application)
    with django_assert_num_queries(len(queries)):
        revocation.disable(other)


def test_deleting_an_application_ends_the_authorizations(authorization, application):
    application.delete()
    authorization.refresh_from_db()
    assert authorization.revoked_at is not None


def test_deleting_an_application_moves_the_generation_on(authorization, application):
    application.delete()
    authorization.refresh_from_db()
    assert authorization.generation == 1


def test_deleting_several_applications_at_once_ends_the_authorizations(authorization):
    Application.objects.all().delete()
    authorization.refresh_from_db()
    assert authorization.revoked_at is not None


def test_deleting_an_application_keeps_what_the_user_once_allowed_readable(authorization, application):
    client_id, name = application.client_id, application.name
    application.delete()
    authorization.refresh_from_db()
    assert (authorization.application, authorization.client_id, authorization.application_name) == (
        None,
        client_id,
        name,
    )


def test_deleting_an_application_removes_what_it_holds(held, application):
    application.delete()
    assert rows() == (0, 0, 0)


def test_deleting_an_application_leaves_when_an_authorization_was_revoked_before(authorization, application):
    revocation.revoke(authorization)
    revoked_at = Authorization.objects.get().revoked_at
    application.delete()
    assert Authorization.objects.get().revoked_at == revoked_at


def test_deleting_an_application_leaves_the_authorizations_of_others(authorization, user):
    other = authorize(user, ApplicationFactory())
    authorization.application.delete()
    assert list(Authorization.objects.standing()) == [other]


# ── one family ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def family(authorization):
    return mint_family(authorization)


def mint_family(authorization):
    """An access token and a refresh token from one code; returns the refresh token."""
    token_family = uuid4()
    mint_access_token(authorization)
    AccessToken.objects.filter(token_family=None).update(token_family=token_family)
    mint_refresh_token(authorization, token_family=token_family)
    return RefreshToken.objects.get(token_family=token_family)


@pytest.fixture(params=["code", "refresh token"])
def reused(request, authorization, family):
    """The replayed code or refresh token, and its kind."""
    if request.param == "refresh token":
        return family, request.param
    mint_code(authorization, token_family=family.token_family, used_at=timezone.now())
    return Grant.objects.get(), request.param


def test_ending_a_family_ends_its_tokens(family, user, application, now):
    revocation.end_family(family)
    assert valid_counts(now) == (0, 0, 0)


def test_ending_a_family_keeps_its_refresh_token_recognizable(family, user, application):
    revocation.end_family(family)
    assert RefreshToken.objects.living_or_rotated().exists()


def test_ending_a_family_leaves_when_a_refresh_token_was_rotated(authorization, family, user, application, now):
    mint_refresh_token(authorization, token_family=family.token_family, revoked=now)
    revocation.end_family(family)
    assert RefreshToken.objects.filter(revoked=now).exists()


def test_ending_a_family_leaves_other_families(authorization, family, user, application, now):
    mint_family(authorization)
    revocation.end_family(family)
    assert valid_counts(now) == (0, 1, 1)


def test_ending_a_family_leaves_the_authorization(authorization, family, user, application):
    revocation.end_family(family)
    authorization.refresh_from_db()
    assert (authorization.revoked_at, authorization.generation) == (None, 0)


def test_ending_a_family_again_changes_nothing(family, user, application):
    revocation.end_family(family)
    revoked = RefreshToken.objects.get().revoked
    revocation.end_family(family)
    assert RefreshToken.objects.get().revoked == revoked


def test_revoking_a_family_is_not_recorded(family, user, application, reuse_signals):
    revocation.end_family(family)
    assert reuse_signals == []


def test_a_reuse_ends_the_family(reused, now):
    revocation.end_reused_family(reused[0], by=SYSTEM)
    assert valid_counts(now)[1:] == (0, 0)


def test_a_reuse_is_in_the_audit_trail(reused, user, application):
    row, credential = reused
    revocation.end_reused_family(row, by=Actor(ip="192.0.2.1"))
    event = AuditEvent.objects.get(kind=f"{credential.replace(' ', '_')}_reused")
    assert (event.application, event.user) == (application, user)


def test_a_reuse_is_signalled(reused, user, application, reuse_signals):
    row, credential = reused
    revocation.end_reused_family(row, by=SYSTEM)
    assert reuse_signals == [{"application": application, "user": user, "credential": credential}]


# ── all of a user ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def another(user):
    """The user's authorization of another application, with an access token."""
    authorization = authorize(user, ApplicationFactory(scopes=["request:read"]))
    mint_access_token(authorization)
    return authorization


def test_revoking_all_of_a_user_ends_every_authorization(held, another, user, now):
    revocation.revoke_all(user)
    assert valid_counts(now) == (0, 0, 0)
    assert not Authorization.objects.standing().exists()


def test_revoking_all_of_a_user_counts_what_ended(held, another, user):
    assert revocation.revoke_all(user) == TokenCounts(codes=1, refresh_tokens=1, access_tokens=2)


def test_revoking_all_of_a_user_names_who_did_it(held, user):
    revocation.revoke_all(user, by=Actor(user))
    assert Authorization.objects.get().revoked_by == user


def test_revoking_all_of_a_user_leaves_other_users(held, now):
    revocation.revoke_all(UserFactory())
    assert valid_counts(now) == (1, 1, 1)


def test_revoking_all_of_a_user_again_ends_nothing(held, user):
    revocation.revoke_all(user)
    assert revocation.revoke_all(user) == TokenCounts()


@pytest.fixture
def ends_for_good(settings):
    settings.FOURME_OAUTH = {"END_ACCESS_OF_DEACTIVATED_USERS": True}


@pytest.fixture(params=["access token", "refresh token", "code"])
def text(request, authorization):
    mint = {"access token": mint_access_token, "refresh token": mint_refresh_token, "code": mint_code}
    return mint[request.param](authorization)


def deactivate(user):
    """By a queryset update, which sends no signals."""
    type(user).objects.filter(pk=user.pk).update(is_active=False)


def test_deactivated_user_s_access_is_revoked_with_the_setting_on(ends_for_good, text, user):
    deactivate(user)
    revocation.revoke_all_of_deactivated_holder(text)
    assert not Authorization.objects.standing().exists()


def test_an_active_user_s_access_does_not_end(ends_for_good, text):
    revocation.revoke_all_of_deactivated_holder(text)
    assert Authorization.objects.standing().exists()


def test_deactivated_user_s_access_is_not_revoked_by_default(text, user):
    deactivate(user)
    revocation.revoke_all_of_deactivated_holder(text)
    assert Authorization.objects.standing().exists()


def test_an_unknown_token_ends_nobody_s_access(ends_for_good, authorization, user):
    deactivate(user)
    revocation.revoke_all_of_deactivated_holder("unknown")
    assert Authorization.objects.standing().exists()


@pytest.fixture
def ends_on_password_change(settings):
    settings.FOURME_OAUTH = {"END_ACCESS_ON_PASSWORD_CHANGE": True}


def test_password_change_revokes_all_access_with_the_setting_on(ends_on_password_change, authorization, user):
    user.set_password("another password")
    user.save()
    assert not Authorization.objects.standing().exists()


@pytest.fixture
def touched(user):
    """Save the user, and return the tables written, in order: authorizations (with their tokens) or users."""
    tables = {model._meta.db_table: model._meta.verbose_name for model in (Authorization, type(user))}
    mentioned = re.compile("|".join(tables))

    def touched():
        with CaptureQueriesContext(connection) as captured:
            user.save()
        found = (mentioned.search(query["sql"]) for query in captured if query["sql"].startswith(("UPDATE", "DELETE")))
        return [tables[each[0]] for each in found if each]

    return touched


def leave(user):
    user.is_active = False


def set_another_password(user):
    user.set_password("another password")


BOTH_END_ACCESS = {"END_ACCESS_OF_DEACTIVATED_USERS": True, "END_ACCESS_ON_PASSWORD_CHANGE": True}


@pytest.mark.parametrize("change", [leave, set_another_password])
def test_user_saved_in_a_transaction_is_written_after_the_revocation(held, user, touched, settings, change):
    settings.FOURME_OAUTH = BOTH_END_ACCESS
    change(user)
    *before, last = touched()
    assert (set(before), last) == ({"authorization"}, "user")
    assert not Authorization.objects.standing().exists()


@pytest.mark.parametrize("change", [leave, set_another_password])
@pytest.mark.django_db(transaction=True)
def test_user_saved_without_a_transaction_is_written_before_the_revocation(
    authorization, user, touched, settings, change
):
    settings.FOURME_OAUTH = BOTH_END_ACCESS
    change(user)
    assert touched()[0] == "user"
    assert not Authorization.objects.standing().exists()


@pytest.mark.parametrize("change", [leave, set_another_password])
def test_saving_a_user_without_a_revocation_writes_only_the_user(authorization, user, touched, change):
    change(user)
    assert touched() == ["user"]


def causes():
    return [event.details.get("cause") for event in AuditEvent.objects.filter(kind=AuditEvent.Kind.REVOKED)]


def test_the_audit_trail_says_that_another_password_ended_it(ends_on_password_change, authorization, user):
    user.set_password("another password")
    user.save()
    assert causes() == ["password"]


def test_the_audit_trail_says_that_a_deactivation_ended_it(authorization, user, settings):
    settings.FOURME_OAUTH = {"END_ACCESS_OF_DEACTIVATED_USERS": True, "END_ACCESS_ON_PASSWORD_CHANGE": True}
    user.set_password("another password")
    user.is_active = False
    user.save()
    assert causes() == ["account"]


def test_the_audit_trail_says_that_the_end_of_the_account_ended_it(authorization, user):
    user.delete()
    assert causes() == ["account"]


def test_the_audit_trail_gives_no_cause_where_somebody_revokes(authorization, user):
    revocation.revoke(authorization, by=Actor(user))
    assert causes() == [None]


def test_password_change_revokes_nothing_by_default(authorization, user):
    user.set_password("another password")
    user.save()
    assert Authorization.objects.standing().exists()


def test_saving_a_user_ends_no_access(ends_on_password_change, authorization, user):
    user.save()
    assert Authorization.objects.standing().exists()


def test_hashing_the_same_password_anew_ends_no_access(ends_on_password_change, authorization, user, settings):
    user.set_password("the same password")
    user.save()
    Authorization.objects.update(revoked_at=None)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", *settings.PASSWORD_HASHERS]
    assert user.check_password("the same password")
    assert user.password.startswith("pbkdf2")
    assert Authorization.objects.standing().exists()


def test_a_new_user_has_no_access_to_end(ends_on_password_change, db):
    assert get_user_model().objects.create_user("somebody", password="a password").pk


# ── all of an application ────────────────────────────────────────────────────────────────────────────────────────────


def test_ending_an_application_ends_every_users_authorization(held, application):
    authorize(UserFactory(), application)
    revocation.end_application(application)
    assert not Authorization.objects.standing().exists()


def test_ending_an_application_ends_all_it_holds_its_own_tokens_too(held, application, own_token):
    assert revocation.end_application(application) == TokenCounts(codes=1, refresh_tokens=1, access_tokens=2)
    assert rows() == (0, 0, 0)


def test_an_application_that_was_ended_is_not_disabled(held, application):
    revocation.end_application(application)
    assert not Application.objects.get().disabled


def test_tokens_issued_while_an_application_is_ended_are_invalid(held, application, own_token, now):
    stale = Application.objects.get()
    revocation.end_application(application)
    held.application = stale
    assert effective_access.of_access_token(mint_own_access_token(stale), now=now) is None
    mint_access_token(held)
    assert valid_counts(now) == (0, 0, 0)


def test_ending_an_application_leaves_others(held, application, user, now):
    mint_access_token(authorize(user, ApplicationFactory(scopes=["request:read"])))
    revocation.end_application(application)
    assert valid_counts(now) == (0, 1, 0)


def test_ending_an_application_is_in_the_audit_trail_once_for_it_and_once_for_each_user(held, application):
    authorize(UserFactory(), application)
    revocation.end_application(application)
    kinds = AuditEvent.objects.filter(kind__in=["revoked", "application_ended"]).values_list("kind", flat=True)
    assert sorted(kinds) == ["application_ended", "revoked", "revoked"]


def test_ending_an_application_takes_as_many_queries_for_many_users_as_for_one(application, django_assert_num_queries):
    other = ApplicationFactory(scopes=["request:read"])
    holding(1, application)
    for _ in range(30):
        holding(2, other)
    with CaptureQueriesContext(connection) as queries:
        revocation.end_application(application)
    with django_assert_num_queries(len(queries)):
        revocation.end_application(other)


# ── everything since a moment ────────────────────────────────────────────────────────────────────────────────────────


def long_ago(authorization):
    """Date all rows before the incident."""
    past = timezone.now() - timedelta(days=30)
    Authorization.objects.filter(pk=authorization.pk).update(confirmed_at=past, granted_at=past)
    for model in (Grant, AccessToken, RefreshToken):
        model.objects.update(created=past)
    return timezone.now() - timedelta(days=1)


def test_authorizations_granted_since_are_revoked(held):
    revocation.end_since(timezone.now() - timedelta(days=1))
    assert rows() == (0, 0, 0)


def test_authorizations_and_tokens_from_earlier_are_not_revoked(held, now):
    revocation.end_since(long_ago(held))
    assert valid_counts(now) == (1, 1, 1)


@pytest.mark.parametrize("mint", [mint_code, mint_access_token, mint_refresh_token])
def test_token_issued_since_revokes_its_authorization(held, mint):
    since = long_ago(held)
    mint(held)
    revocation.end_since(since)
    assert rows() == (0, 0, 0)


def test_client_credentials_tokens_issued_since_are_revoked(db):
    mint_own_access_token(LinkedApplicationFactory())
    assert revocation.end_since(timezone.now() - timedelta(days=1)) == TokenCounts(access_tokens=1)
    assert rows() == (0, 0, 0)


def written_by_the_toolkit_alone(authorization):
    """An access token without an authorization, of the user who is linked to the application."""
    application, user = authorization.application, authorization.user
    Application.objects.filter(pk=application.pk).update(linked_user=user)
    expires = timezone.now() + timedelta(hours=1)
    toolkit_alone.rows("AccessToken").create(token="a", user=user, application=application, expires=expires)


def test_toolkit_token_of_a_user_is_not_counted_as_client_credentials(authorization):
    written_by_the_toolkit_alone(authorization)
    assert revocation.end_since(long_ago(authorization)) == TokenCounts()
    assert revocation.impact_of([authorization.application]).tokens == 0


def test_toolkit_token_of_a_user_is_deleted_with_the_authorization(authorization):
    written_by_the_toolkit_alone(authorization)
    revocation.revoke(authorization)
    assert rows() == (0, 0, 0)


@pytest.fixture
def linked(user):
    """An authorization of the user who is also linked to the application."""
    return authorize(user, LinkedApplicationFactory(linked_user=user, scopes=["request:read"]))


def test_client_credentials_token_is_not_revoked_with_the_linked_users_authorization(linked):
    mint_own_access_token(linked.application)
    assert revocation.revoke(linked) == TokenCounts()
    assert AccessToken.objects.living(timezone.now()).count() == 1


def test_client_credentials_token_issued_since_keeps_the_linked_users_authorization(linked):
    since = long_ago(linked)
    mint_own_access_token(linked.application)
    assert not revocation.standing_authorizations(since=since).exists()


def test_toolkit_token_of_a_user_issued_since_revokes_the_authorization(authorization):
    since = long_ago(authorization)
    written_by_the_toolkit_alone(authorization)
    revocation.end_since(since)
    assert not Authorization.objects.standing().exists()


def test_an_incident_can_be_narrowed_to_a_user(held, application, user):
    other = authorize(UserFactory(), application)
    revocation.end_since(timezone.now() - timedelta(days=1), user=user)
    assert list(Authorization.objects.standing()) == [other]


def test_an_incident_can_be_narrowed_to_an_application(held, application, user):
    other = authorize(user, ApplicationFactory(scopes=["request:read"]))
    revocation.end_since(timezone.now() - timedelta(days=1), application=application)
    assert list(Authorization.objects.standing()) == [other]


# ── counting without revoking ────────────────────────────────────────────────────────────────────────────────────────


def test_count_live_counts_and_revokes_nothing(held, user, now):
    assert revocation.count_live(user=user) == TokenCounts(codes=1, refresh_tokens=1, access_tokens=1)
    assert valid_counts(now) == (1, 1, 1)


def test_count_live_of_an_application_includes_client_credentials_tokens(held, application, own_token):
    assert revocation.count_live(application=application) == TokenCounts(codes=1, refresh_tokens=1, access_tokens=2)


def test_refresh_tokens_past_their_absolute_end_are_not_counted(held, user, settings):
    settings.FOURME_OAUTH = {"AUTHORIZATION_MAX_AGE_SECONDS": 0}
    assert revocation.count_live(user=user).refresh_tokens == 0


def test_refresh_tokens_without_an_absolute_end_are_counted(held, user, settings):
    settings.FOURME_OAUTH = {"AUTHORIZATION_MAX_AGE_SECONDS": None}
    assert revocation.count_live(user=user).refresh_tokens == 1


# ── what is deleted ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_deleting_a_user_leaves_no_row(held, user):
    user.delete()
    assert rows() == (0, 0, 0)


def test_deleting_a_user_stays_readable_in_the_audit_trail(held, user, application):
    name = user.username
    user.delete()
    event = AuditEvent.objects.get(kind=AuditEvent.Kind.REVOKED)
    assert (event.user, event.username, event.application) == (None, name, application)


def test_deleting_a_user_is_signalled(held, user, revoked_signals):
    user.delete()
    assert len(revoked_signals) == 1


def test_deleting_an_application_stays_readable_in_the_audit_trail(held, user, application):
    client_id = application.client_id
    application.delete()
    event = AuditEvent.objects.get(kind=AuditEvent.Kind.REVOKED)
    assert (event.application, event.client_id, event.user) == (None, client_id, user)


def test_deleting_an_application_is_signalled(held, application, revoked_signals):
    application.delete()
    assert len(revoked_signals) == 1


# ── withdrawn scopes ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_withdrawn_scopes_are_stored(authorization):
    revocation.reduce(authorization, keep=["request:read"])
    authorization.refresh_from_db()
    assert authorization.withdrawn_scopes == "request:create"


def test_loser_of_a_revocation_race_revokes_nothing(authorization):
    """The rows were selected before a concurrent revocation; under the lock all are revoked."""
    revocation.revoke(authorization)
    with transaction.atomic():
        ended = _revoke_some([authorization.pk], by=SYSTEM)
    assert ended == TokenCounts()


# Impact of ending access


@pytest.fixture
def impact_of(application):
    return lambda: revocation.impact_of([application])


def test_impact_counts_codes_and_tokens(application, authorization, impact_of):
    mint_access_token(authorization)
    mint_refresh_token(authorization)
    mint_code(authorization)
    assert impact_of().alive == TokenCounts(codes=1, refresh_tokens=1, access_tokens=1)
    assert impact_of().tokens == 3


def test_impact_counts_client_credentials_tokens(db):
    application = LinkedApplicationFactory()
    mint_own_access_token(application)
    assert revocation.impact_of([application]).tokens == 1


def test_impact_does_not_count_invalid_tokens(application, authorization, token, impact_of):
    revocation.revoke(authorization)
    assert (impact_of().users, impact_of().tokens) == (0, 0)


def test_impact_does_not_count_tokens_of_other_applications(token):
    assert revocation.impact_of([ApplicationFactory()]).tokens == 0


def test_impact_counts_a_user_of_two_applications_once(user, application, authorization):
    other = ApplicationFactory(scopes=["request:read"])
    authorize(user, other)
    assert revocation.impact_of([application, other]).users == 1


def test_impact_has_the_last_use_of_a_token_or_secret(application, authorization, secret, impact_of):
    earlier, later = timezone.now() - timedelta(days=2), timezone.now() - timedelta(days=1)
    calls = []
    for used, issued in ((earlier, later), (later, earlier), (None, earlier), (None, None)):
        Authorization.objects.update(last_used_at=used)
        application.client_secrets.update(last_used_at=issued)
        calls.append(impact_of().last_call)
    assert calls == [later, later, earlier, None]


def test_impact_takes_five_statements(application, authorization, django_assert_num_queries):
    for _ in range(3):
        mint_access_token(authorize(UserFactory(), application))
    with django_assert_num_queries(5):
        revocation.impact_of([application])


def test_grants_are_counted_for_each_scope(application, authorization):
    authorize(UserFactory(), application, "request:read")
    assert revocation.granted_counts(application, ["request:read", "request:create", "person:read"]) == {
        "request:read": 2,
        "request:create": 1,
        "person:read": 0,
    }


def test_grants_are_counted_case_sensitively(application, authorization):
    assert revocation.granted_counts(application, ["Request:Read"]) == {"Request:Read": 0}


def test_no_user_has_to_be_asked_for_no_scopes(application, authorization):
    assert revocation.count_to_be_asked(application, []) == 0
