from datetime import timedelta

import pytest
from django.utils import timezone

from fourme_oauth import effective_access, revocation
from fourme_oauth.effective_access import Verdict
from fourme_oauth.models import AccessToken, AuditEvent, Authorization, Scope
from fourme_oauth.models.credentials import digest
from tests.factories import (
    ApplicationFactory,
    LinkedApplicationFactory,
    RoleFactory,
    ScopeFactory,
    UserFactory,
    authorize,
    mint_access_token,
    mint_own_access_token,
    mint_refresh_token,
)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def access(token, now):
    """Return the current access of the token."""
    return lambda: effective_access.of_access_token(token, now=now)


@pytest.fixture
def read(token):
    """The scope that most tests here remove and add."""
    return Scope.objects.get(name="request:read")


@pytest.fixture
def verdict(access, read):
    return lambda: access().verdict("request:read")


# ── granted, allowed, permitted ──────────────────────────────────────────────────────────────────────────────────────


def test_scope_that_is_granted_allowed_and_permitted_is_in_effect(verdict):
    assert verdict() is Verdict.IN_EFFECT


def test_the_effective_scopes_are_those_in_effect(access):
    assert access().effective_scopes == {"request:read", "request:create"}


def test_a_scope_that_the_user_takes_back_is_not_granted(verdict, authorization):
    Authorization.objects.filter(pk=authorization.pk).update(scopes="request:create")
    assert verdict() is Verdict.NOT_GRANTED


def test_a_scope_that_the_user_grants_again_is_in_effect_again(verdict, authorization, user, application):
    Authorization.objects.filter(pk=authorization.pk).update(scopes="request:create")
    authorize(user, application)
    assert verdict() is Verdict.IN_EFFECT


def test_taking_one_scope_back_leaves_the_others(access, authorization):
    Authorization.objects.filter(pk=authorization.pk).update(scopes="request:create")
    assert access().effective_scopes == {"request:create"}


def test_a_scope_that_the_token_does_not_carry_is_not_granted(authorization, now):
    token = mint_access_token(authorization, scope="request:create")
    assert effective_access.of_access_token(token, now=now).verdict("request:read") is Verdict.NOT_GRANTED


def test_a_scope_that_the_admin_unticks_is_not_allowed(verdict, application, read):
    application.scopes.remove(read)
    assert verdict() is Verdict.NOT_ALLOWED


def test_a_scope_that_the_admin_ticks_again_is_in_effect_again(verdict, application, read):
    application.scopes.remove(read)
    application.scopes.add(read)
    assert verdict() is Verdict.IN_EFFECT


def test_a_scope_ticked_for_another_application_is_not_allowed_to_this_one(verdict, application, read):
    application.scopes.remove(read)
    ApplicationFactory(scopes=["request:read"])
    assert verdict() is Verdict.NOT_ALLOWED


def test_a_scope_whose_role_the_user_lacks_is_not_permitted(verdict, read, role):
    ScopeFactory(name=read.name, roles=[role])
    assert verdict() is Verdict.NOT_PERMITTED


def test_a_scope_whose_role_the_user_has_is_in_effect(verdict, user, read, role):
    ScopeFactory(name=read.name, roles=[role])
    user.groups.add(role)
    assert verdict() is Verdict.IN_EFFECT


def test_a_scope_is_not_permitted_once_the_role_is_taken_away(verdict, user, read, role):
    ScopeFactory(name=read.name, roles=[role])
    user.groups.add(role)
    user.groups.remove(role)
    assert verdict() is Verdict.NOT_PERMITTED


def test_a_scope_is_not_permitted_to_a_role_that_lost_it(verdict, user, read, role):
    ScopeFactory(name=read.name, roles=[role, RoleFactory()])
    user.groups.add(role)
    read.roles.remove(role)
    assert verdict() is Verdict.NOT_PERMITTED


def test_being_a_superuser_permits_nothing(verdict, user, read, role):
    ScopeFactory(name=read.name, roles=[role])
    user.is_superuser = user.is_staff = True
    user.save()
    assert verdict() is Verdict.NOT_PERMITTED


def test_a_superuser_who_has_the_role_is_permitted(verdict, user, read, role):
    ScopeFactory(name=read.name, roles=[role])
    user.groups.add(role)
    user.is_superuser = True
    user.save()
    assert verdict() is Verdict.IN_EFFECT


def test_a_scope_for_everyone_is_permitted_to_who_has_no_role(verdict, user, read):
    assert not user.groups.exists()
    assert verdict() is Verdict.IN_EFFECT


def test_a_scope_that_loses_its_last_role_is_permitted_to_nobody(verdict, user, read, role):
    ScopeFactory(name=read.name, roles=[role])
    user.groups.add(role)
    role.delete()
    assert verdict() is Verdict.NOT_PERMITTED


WAYS_TO_ASK = {
    "token": lambda token: effective_access.of_access_token(token, now=timezone.now()),
    "pair": lambda _: effective_access.of_user(*_user_and_application()),
    "many": lambda _: next(iter(effective_access.of_authorizations(list(Authorization.objects.all())).values())),
}


def _user_and_application():
    authorization = Authorization.objects.get()
    return authorization.user, authorization.application


@pytest.mark.parametrize("ask", WAYS_TO_ASK.values(), ids=WAYS_TO_ASK)
@pytest.mark.parametrize(
    ("for_everyone", "has_role", "user_has_role", "permitted"),
    [
        (False, False, False, False),
        (False, False, True, False),
        (True, False, False, True),
        (False, True, False, False),
        (False, True, True, True),
        (True, True, False, True),
        (True, True, True, True),
    ],
    ids=["neither", "neither, other role", "tick", "role of others", "role", "both, role of others", "both"],
)
def test_a_tick_or_a_role_permits(token, user, read, role, ask, for_everyone, has_role, user_has_role, permitted):
    Scope.objects.filter(pk=read.pk).update(for_everyone=for_everyone)
    read.roles.set([role] if has_role else [])
    user.groups.set([role] if user_has_role else [])
    assert ask(token).verdict("request:read") is (Verdict.IN_EFFECT if permitted else Verdict.NOT_PERMITTED)


def test_a_retired_scope_is_not_allowed(verdict, read):
    Scope.objects.filter(pk=read.pk).update(retired=True)
    assert verdict() is Verdict.NOT_ALLOWED


def test_a_scope_that_is_retired_no_longer_is_in_effect_again(verdict, read):
    Scope.objects.filter(pk=read.pk).update(retired=True)
    Scope.objects.filter(pk=read.pk).update(retired=False)
    assert verdict() is Verdict.IN_EFFECT


def test_a_scope_that_was_deleted_is_not_allowed(verdict, read):
    read.delete()
    assert verdict() is Verdict.NOT_ALLOWED


def test_a_scope_that_nobody_knows_is_not_allowed(access):
    assert access().verdict("unheard:of") is Verdict.NOT_ALLOWED


def test_a_name_in_another_case_is_another_scope(access):
    assert access().verdict("Request:Read") is Verdict.NOT_ALLOWED


# ── widening needs consent ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_scope_that_the_admin_adds_is_not_granted(access, application):
    application.scopes.add(ScopeFactory(name="person:read"))
    assert access().verdict("person:read") is Verdict.NOT_GRANTED


def test_a_scope_that_the_admin_adds_does_not_enlarge_the_token(access, application):
    application.scopes.add(ScopeFactory(name="person:read"))
    assert access().effective_scopes == {"request:read", "request:create"}


def test_scope_that_the_admin_adds_is_in_effect_for_a_token_issued_after_consent(user, application, now):
    authorize(user, application)
    application.scopes.add(ScopeFactory(name="person:read"))
    token = mint_access_token(authorize(user, application))
    assert effective_access.of_access_token(token, now=now).verdict("person:read") is Verdict.IN_EFFECT


def test_token_issued_before_a_wider_consent_carries_no_more_scopes(access, user, application):
    application.scopes.add(ScopeFactory(name="person:read"))
    access()
    authorize(user, application)
    assert access().verdict("person:read") is Verdict.NOT_GRANTED


# ── which verdict comes first ────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def disabled_inactive_and_unknown(application, user, role):
    """A disabled application, an inactive user, and a scope that is neither allowed, permitted nor granted."""
    application.disabled = True
    application.scopes.clear()
    user.is_active = False
    ScopeFactory(name="request:read", roles=[role])


def first_verdict(user, application):
    return effective_access.if_granted(user, application, []).verdict("request:read")


def test_that_the_application_is_disabled_comes_first(disabled_inactive_and_unknown, user, application):
    assert first_verdict(user, application) is Verdict.APPLICATION_DISABLED


def test_that_the_user_is_inactive_comes_second(disabled_inactive_and_unknown, user, application):
    application.disabled = False
    assert first_verdict(user, application) is Verdict.USER_INACTIVE


def test_that_it_is_not_allowed_comes_third(disabled_inactive_and_unknown, user, application):
    application.disabled, user.is_active = False, True
    assert first_verdict(user, application) is Verdict.NOT_ALLOWED


def test_that_it_is_not_permitted_comes_fourth(disabled_inactive_and_unknown, user, application, role):
    application.disabled, user.is_active = False, True
    application.scopes.add(ScopeFactory(name="request:read"))
    assert first_verdict(user, application) is Verdict.NOT_PERMITTED


def test_that_it_is_not_granted_comes_last(disabled_inactive_and_unknown, user, application, role):
    application.disabled, user.is_active = False, True
    application.scopes.add(ScopeFactory(name="request:read"))
    user.groups.add(role)
    assert first_verdict(user, application) is Verdict.NOT_GRANTED


def test_nothing_is_in_effect_for_a_disabled_application(user, application):
    application.disabled = True
    assert effective_access.if_granted(user, application, ["request:read"]).effective_scopes == frozenset()


def test_nothing_is_in_effect_for_an_inactive_user(user, application):
    user.is_active = False
    assert effective_access.if_granted(user, application, ["request:read"]).effective_scopes == frozenset()


def test_a_verdict_reads_as_its_wire_name():
    assert [str(verdict) for verdict in Verdict] == [
        "in_effect",
        "not_granted",
        "not_allowed",
        "not_permitted",
        "user_inactive",
        "application_disabled",
    ]


# ── explaining ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_whole_catalogue_is_explained_sorted(access):
    ScopeFactory(name="person:read")
    assert list(access().explain()) == ["person:read", "request:create", "request:read"]


def test_a_retired_scope_is_not_explained(access):
    ScopeFactory(name="person:read", retired=True)
    assert "person:read" not in access().explain()


def test_chosen_scopes_are_explained_in_the_order_asked(access):
    assert access().explain(["request:read", "unheard:of"]) == {
        "request:read": Verdict.IN_EFFECT,
        "unheard:of": Verdict.NOT_ALLOWED,
    }


def test_asked_about_no_scopes_nothing_is_explained(access):
    assert access().explain([]) == {}


# ── which tokens are valid ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_valid_token_names_its_user_and_its_application(access, user, application):
    assert (access().user, access().application) == (user, application)


def test_a_valid_token_comes_with_its_row(access):
    assert access().token == AccessToken.objects.get()


def test_the_row_of_the_token_is_not_printed(access):
    assert "token=" not in repr(access())


def test_asking_takes_two_queries(access, user, django_assert_num_queries):
    with django_assert_num_queries(2):
        access().explain()


def test_an_unknown_token_is_invalid(db, now):
    assert effective_access.of_access_token("fma_unknown", now=now) is None


def test_a_blank_token_is_invalid(token, now):
    assert effective_access.of_access_token("", now=now) is None


def test_a_token_that_is_not_unicode_is_invalid(token, now):
    # JSON can carry half of a surrogate pair.
    assert effective_access.of_refresh_token("\ud800", now=now) is None


def test_what_is_stored_of_a_token_is_no_token(token, now):
    assert effective_access.of_access_token(digest(token), now=now) is None


def test_a_token_in_another_case_is_invalid(token, now):
    assert effective_access.of_access_token(token.swapcase(), now=now) is None


def test_an_expired_token_is_invalid(authorization, now):
    token = mint_access_token(authorization, expires_in=0)
    assert effective_access.of_access_token(token, now=now + timedelta(seconds=1)) is None


def test_a_token_of_an_inactive_user_is_invalid(access, user):
    user.is_active = False
    user.save()
    assert access() is None


def test_token_of_a_reactivated_user_is_valid(access, user):
    user.is_active = False
    user.save()
    user.is_active = True
    user.save()
    assert access() is not None


def test_a_token_of_a_disabled_application_is_invalid(access, application):
    type(application).objects.update(disabled=True)
    assert access() is None


def test_a_token_of_a_revoked_authorization_is_invalid(access, authorization):
    revocation.revoke(authorization)
    assert access() is None


def test_token_issued_before_a_revocation_stays_invalid_after_another_consent(access, authorization, user, application):
    Authorization.objects.update(generation=1)
    authorize(user, application)
    assert access() is None


def test_a_token_from_an_earlier_generation_of_the_application_is_invalid(access, application):
    application.move_on_a_generation()
    assert access() is None


def test_a_token_of_another_user_is_left_alone(access, application):
    revocation.revoke(authorize(UserFactory(), application))
    assert access() is not None


# ── refresh tokens ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_refresh_token_could_give_what_was_granted(authorization, now):
    text = mint_refresh_token(authorization)
    assert effective_access.of_refresh_token(text, now=now).effective_scopes == {"request:read", "request:create"}


def test_a_refresh_token_is_no_access_token(authorization, now):
    assert effective_access.of_access_token(mint_refresh_token(authorization), now=now) is None


def test_an_access_token_is_no_refresh_token(token, now):
    assert effective_access.of_refresh_token(token, now=now) is None


def test_a_rotated_refresh_token_is_invalid(authorization, now):
    assert effective_access.of_refresh_token(mint_refresh_token(authorization, revoked=now), now=now) is None


def test_an_expired_refresh_token_is_invalid(authorization, now):
    assert effective_access.of_refresh_token(mint_refresh_token(authorization, expires=now), now=now) is None


def test_a_refresh_token_of_an_inactive_user_is_invalid(authorization, user, now):
    text = mint_refresh_token(authorization)
    user.is_active = False
    user.save()
    assert effective_access.of_refresh_token(text, now=now) is None


# ── client credentials ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def linked(db):
    return LinkedApplicationFactory(scopes=["request:read"])


def test_client_credentials_token_acts_as_the_linked_user(linked, now):
    access = effective_access.of_access_token(mint_own_access_token(linked), now=now)
    assert access.user == linked.linked_user


def test_client_credentials_token_is_granted_what_it_carries(linked, now):
    access = effective_access.of_access_token(mint_own_access_token(linked), now=now)
    assert access.effective_scopes == {"request:read"}


def test_client_credentials_token_is_limited_by_the_roles_of_the_linked_user(linked, role, now):
    ScopeFactory(name="request:read", roles=[role])
    access = effective_access.of_access_token(mint_own_access_token(linked), now=now)
    assert access.effective_scopes == frozenset()


def test_client_credentials_token_is_not_limited_by_what_the_linked_user_granted(linked, now):
    token = mint_own_access_token(linked)
    authorization = authorize(linked.linked_user, linked)
    revocation.revoke(authorization)
    assert effective_access.of_access_token(token, now=now).effective_scopes == {"request:read"}


def test_client_credentials_token_is_invalid_when_another_user_is_linked(linked, now):
    token = mint_own_access_token(linked)
    linked.linked_user = UserFactory()
    linked.save()
    assert effective_access.of_access_token(token, now=now) is None


def test_client_credentials_token_is_invalid_when_no_user_is_linked(linked, now):
    token = mint_own_access_token(linked)
    linked.linked_user = None
    linked.save()
    assert effective_access.of_access_token(token, now=now) is None


def test_client_credentials_token_is_invalid_when_the_linked_user_is_deleted(linked, now):
    token = mint_own_access_token(linked)
    linked.linked_user.delete()
    assert effective_access.of_access_token(token, now=now) is None


def test_client_credentials_token_is_invalid_when_the_linked_user_is_inactive(linked, now):
    token = mint_own_access_token(linked)
    linked.linked_user.is_active = False
    linked.linked_user.save()
    assert effective_access.of_access_token(token, now=now) is None


# ── a new token ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def minted(token):
    return AccessToken.objects.select_related("user", "application").get()


def test_new_token_may_do_what_it_carries(minted, authorization):
    access = effective_access.of_minted(minted, authorized_scopes=authorization.scopes)
    assert access.effective_scopes == {"request:read", "request:create"}


def test_new_token_may_not_do_what_the_authorization_lacks(minted):
    access = effective_access.of_minted(minted, authorized_scopes="request:read person:read")
    assert access.effective_scopes == {"request:read"}


def test_access_says_what_it_would_be_with_other_scopes_granted(minted, authorization):
    access = effective_access.of_minted(minted, authorized_scopes=authorization.scopes)
    assert access.with_granted(["request:read", "person:read"]).effective_scopes == {"request:read"}


def test_new_token_comes_with_its_row(minted):
    assert effective_access.of_minted(minted, authorized_scopes="").token == minted


# ── without a token ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_application_has_the_access_of_the_authorization(authorization, user, application):
    assert effective_access.of_user(user, application).effective_scopes == {"request:read", "request:create"}


def test_application_has_no_access_after_the_user_revoked(authorization, user, application):
    revocation.revoke(authorization)
    assert effective_access.of_user(user, application).effective_scopes == frozenset()


def test_application_has_no_access_without_an_authorization(user, application):
    assert effective_access.of_user(user, application).explain(["request:read"]) == {
        "request:read": Verdict.NOT_GRANTED
    }


def test_application_has_no_access_by_another_users_authorization(authorization, application):
    assert effective_access.of_user(UserFactory(), application).granted == frozenset()


def test_a_consent_page_tells_what_would_be_in_effect(user, application):
    access = effective_access.if_granted(user, application, ["request:read"])
    assert access.effective_scopes == {"request:read"}


def test_a_consent_page_tells_what_would_not_be_permitted(user, application, role):
    ScopeFactory(name="request:read", roles=[role])
    access = effective_access.if_granted(user, application, ["request:read"])
    assert access.verdict("request:read") is Verdict.NOT_PERMITTED


def test_of_several_authorizations_each_gives_what_it_gives_alone(user, role):
    ScopeFactory(name="request:create", roles=[role])
    ScopeFactory(name="person:read", retired=True)
    member = UserFactory()
    member.groups.add(role)
    for scopes in ["request:read", "request:create"], ["request:create", "person:read"], ["account:read"]:
        for person in (user, member, UserFactory(is_active=False)):
            authorize(person, ApplicationFactory(scopes=scopes, disabled=person == member and "account:read" in scopes))
    authorizations = list(Authorization.objects.all())
    together = effective_access.of_authorizations(authorizations)
    said = {pk: (access.granted, access.explain()) for pk, access in together.items()}
    alone = {each.pk: effective_access.of_user(each.user, each.application) for each in authorizations}
    assert said == {pk: (access.granted, access.explain()) for pk, access in alone.items()}


def test_an_authorization_whose_application_is_gone_gives_nothing(authorization, user, application):
    application.delete()
    assert effective_access.of_authorizations(Authorization.objects.of(user)) == {}


@pytest.mark.parametrize("count", [1, 30])
def test_asking_of_many_authorizations_takes_as_many_queries_as_of_one(db, count, django_assert_num_queries):
    for _ in range(count):
        authorize(UserFactory(), ApplicationFactory(scopes=["request:read"]))
    authorizations = list(Authorization.objects.select_related("application", "user"))
    with django_assert_num_queries(2):
        effective_access.of_authorizations(authorizations)


# ── last used ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def note_use(django_capture_on_commit_callbacks):
    """Note it, and commit."""

    def note_use(access, **when):
        with django_capture_on_commit_callbacks(execute=True):
            effective_access.note_use(access, **when)

    return note_use


def last_used():
    return Authorization.objects.get().last_used_at


def test_a_first_use_is_noted(access, now, note_use):
    note_use(access(), now=now)
    assert last_used() == now


def test_a_use_within_the_interval_writes_nothing(access, now, django_assert_num_queries, note_use):
    note_use(access(), now=now)
    again = access()
    with django_assert_num_queries(0):
        note_use(again, now=now + timedelta(minutes=14, seconds=59))


def test_a_use_after_the_interval_is_noted(access, now, note_use):
    note_use(access(), now=now)
    later = now + timedelta(minutes=15)
    note_use(access(), now=later)
    assert last_used() == later


def test_the_interval_is_a_setting(access, now, settings, note_use):
    settings.FOURME_OAUTH = {"LAST_USED_INTERVAL_SECONDS": 60}
    note_use(access(), now=now)
    later = now + timedelta(seconds=60)
    note_use(access(), now=later)
    assert last_used() == later


def test_a_use_is_noted_after_the_transaction_that_it_is_in(access, now):
    effective_access.note_use(access(), now=now)
    assert last_used() is None


def test_failure_to_store_a_use_is_ignored(access, now, note_use, database_is_down, caplog):
    first = access()
    database_is_down(lambda: note_use(first, now=now))
    assert last_used() is None
    assert "the server went away" in caplog.text


def test_use_is_recorded_with_the_client_ip(access, now, note_use, settings):
    settings.FOURME_OAUTH = {"KEEP_IP_ADDRESSES": True}
    note_use(access(), now=now, get_ip=lambda: "192.0.2.7")
    event = AuditEvent.objects.get(kind=AuditEvent.Kind.USED)
    assert (event.at, event.ip_address) == (now, "192.0.2.7")


def test_use_noted_concurrently_is_written_once(access, now, note_use):
    first, second = access(), access()
    note_use(first, now=now)
    note_use(second, now=now + timedelta(seconds=1))
    assert last_used() == now


def test_a_use_is_noted_for_this_user_only(access, application, now, note_use):
    other = authorize(UserFactory(), application)
    note_use(access(), now=now)
    other.refresh_from_db()
    assert other.last_used_at is None


def test_a_use_without_a_token_is_not_noted(authorization, user, application, now, note_use):
    note_use(effective_access.of_user(user, application), now=now)
    assert last_used() is None


def test_a_use_of_own_credentials_is_not_noted_as_the_users(linked, now, django_assert_num_queries, note_use):
    authorize(linked.linked_user, linked)
    access = effective_access.of_access_token(mint_own_access_token(linked), now=now)
    with django_assert_num_queries(0):
        note_use(access, now=now)


# ── the toolkit's API of a token ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def row(token):
    return AccessToken.objects.get()


def test_row_of_a_valid_token_is_valid(row):
    assert row.is_valid()


def test_row_of_a_valid_token_is_valid_for_scopes_in_effect(row):
    assert row.is_valid(["request:read", "request:create"])


def test_row_of_a_valid_token_is_not_valid_for_a_scope_that_is_not_in_effect(row, read, application):
    application.scopes.remove(read)
    assert not row.is_valid(["request:read", "request:create"])


def test_row_of_an_invalid_token_is_not_valid(row):
    Authorization.objects.update(generation=1)
    assert not row.is_valid()


def test_the_row_of_an_expired_token_is_not_valid(row, now):
    AccessToken.objects.update(expires=now)
    assert not row.is_valid()
