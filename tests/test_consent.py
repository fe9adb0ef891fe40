from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from fourme_oauth import consent, revocation
from fourme_oauth.actor import Actor
from fourme_oauth.models import AuditEvent, Authorization, Scope
from fourme_oauth.signals import authorization_granted
from tests.factories import ApplicationFactory, PublicApplicationFactory, ScopeFactory, UserFactory, mint_access_token

BOTH = ["request:read", "request:create"]
LONG_AGO = timezone.now() - timedelta(days=1000)


def question(user, application, requested, redirect_uri="https://third-party.example/callback", **options):
    options = {name: frozenset(names) for name, names in options.items()}
    return consent.question(
        consent.AccessRequest(
            user=user, application=application, scopes=frozenset(requested), redirect_uri=redirect_uri, **options
        )
    )


def allow(user, application, requested):
    return consent.allow(question(user, application, requested), by=Actor(user))


@pytest.fixture
def granted_signals():
    received = []

    def receive(**arguments):
        received.append({name: arguments[name] for name in ("sender", "authorization", "new_scopes", "is_new")})

    authorization_granted.connect(receive)
    yield received
    authorization_granted.disconnect(receive)


# ── is consent needed? ───────────────────────────────────────────────────────────────────────────────────────────────


def test_user_without_an_authorization_is_asked(user, application):
    assert question(user, application, BOTH).must_ask


def test_user_without_an_authorization_is_asked_for_everything(user, application):
    assert question(user, application, BOTH).new == {"request:read", "request:create"}


def test_user_without_an_authorization_is_asked_even_for_no_scopes(user, application):
    assert question(user, application, []).must_ask


def test_user_who_never_consented_has_no_authorization(user, application):
    assert question(user, application, BOTH).standing is None


def test_the_same_again_is_not_asked(user, application, authorization):
    assert not question(user, application, BOTH).must_ask


def test_the_same_again_is_not_asked_however_long_ago(user, application, authorization):
    Authorization.objects.update(granted_at=LONG_AGO, confirmed_at=LONG_AGO)
    assert not question(user, application, BOTH).must_ask


def test_the_same_again_is_not_asked_though_a_token_lives(user, application, authorization):
    mint_access_token(authorization)
    assert not question(user, application, BOTH).must_ask


def test_less_is_not_asked(user, application, authorization):
    assert not question(user, application, ["request:read"]).must_ask


def test_more_is_asked(user, application, authorization):
    assert question(user, application, [*BOTH, "person:read"]).must_ask


def test_more_is_asked_only_for_what_is_new(user, application, authorization):
    assert question(user, application, [*BOTH, "person:read"]).new == {"person:read"}


def test_something_else_is_asked_though_as_much_was_allowed(user, application, authorization):
    assert question(user, application, ["person:read"]).new == {"person:read"}


def test_prompt_shows_granted_scopes(user, application, authorization):
    assert question(user, application, BOTH).standing == authorization


def test_withdrawn_scope_is_asked_for(user, application, authorization):
    Authorization.objects.update(scopes="request:create")
    assert question(user, application, BOTH).new == {"request:read"}


def test_after_a_revocation_everything_is_asked_for(user, application, authorization):
    revocation.revoke(authorization)
    assert question(user, application, BOTH).new == {"request:read", "request:create"}


def test_after_a_revocation_nothing_is_granted(user, application, authorization):
    revocation.revoke(authorization)
    assert question(user, application, BOTH).standing is None


def test_consent_of_another_user_does_not_count(application, authorization):
    assert question(UserFactory(), application, BOTH).must_ask


def test_consent_to_another_application_does_not_count(user, authorization):
    assert question(user, ApplicationFactory(), BOTH).must_ask


@pytest.fixture
def native(user):
    """A public application that the user has allowed before."""
    application = PublicApplicationFactory(scopes=BOTH)
    allow(user, application, ["request:read"])
    return application


@pytest.mark.parametrize("redirect_uri", ["com.example.app:/callback", "http://127.0.0.1:5000/callback"])
def test_application_that_can_not_be_identified_is_asked_about_each_time(user, native, redirect_uri):
    assert question(user, native, ["request:read"], redirect_uri).must_ask


@pytest.mark.parametrize("redirect_uri", ["com.example.app:/callback", "http://127.0.0.1:5000/callback"])
def test_application_that_can_not_be_identified_is_asked_about_in_full(user, native, redirect_uri):
    asked = question(user, native, BOTH, redirect_uri)
    assert (asked.asked, asked.new) == (set(BOTH), {"request:create"})


def test_a_public_application_at_an_address_of_its_own_is_not_asked_about_again(user, native):
    assert not question(user, native, ["request:read"], "https://app.example/callback").must_ask


def test_confidential_application_on_loopback_is_not_asked_about_again(user, application, authorization):
    assert not question(user, application, BOTH, "http://127.0.0.1:5000/callback").must_ask


def test_asking_takes_one_query(user, application, authorization, django_assert_num_queries):
    with django_assert_num_queries(1):
        question(user, application, BOTH)


def test_asking_writes_nothing(user, application):
    question(user, application, BOTH)
    assert not Authorization.objects.exists()


# ── allowing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_consent_creates_an_authorization(user, application):
    assert allow(user, application, BOTH) == Authorization.objects.standing().get()


def test_consent_grants_exactly_what_was_asked_for(user, application):
    assert allow(user, application, ["request:read"]).granted == {"request:read"}


def test_what_is_granted_is_stored_sorted(user, application):
    assert allow(user, application, ["b", "a", "b"]).scopes == "a b"


def test_consent_stores_the_application_by_value(user, application):
    authorization = allow(user, application, BOTH)
    assert (authorization.client_id, authorization.application_name) == (application.client_id, application.name)


def test_consent_sets_granted_at(user, application):
    before = timezone.now()
    authorization = allow(user, application, BOTH)
    assert before <= authorization.granted_at <= timezone.now()


def test_consent_to_less_keeps_what_was_granted(user, application, authorization):
    assert allow(user, application, ["request:read"]).granted == set(BOTH)


def test_consent_to_more_adds_to_what_was_granted(user, application, authorization):
    assert allow(user, application, ["person:read"]).granted == {*BOTH, "person:read"}


def test_second_consent_reuses_the_row(user, application, authorization):
    assert allow(user, application, BOTH).pk == authorization.pk


def test_second_consent_updates_the_confirmation_time(user, application, authorization):
    Authorization.objects.update(confirmed_at=LONG_AGO)
    assert allow(user, application, BOTH).confirmed_at > LONG_AGO


def test_second_consent_keeps_the_time_of_the_first(user, application, authorization):
    Authorization.objects.update(granted_at=LONG_AGO)
    allow(user, application, BOTH)
    authorization.refresh_from_db()
    assert authorization.granted_at == LONG_AGO


def test_second_consent_keeps_last_used(user, application, authorization):
    Authorization.objects.update(last_used_at=LONG_AGO)
    allow(user, application, BOTH)
    authorization.refresh_from_db()
    assert authorization.last_used_at == LONG_AGO


def test_consent_after_a_revocation_reuses_the_row(user, application, authorization):
    revocation.revoke(authorization)
    assert allow(user, application, BOTH).pk == authorization.pk


def test_consent_after_a_revocation_is_not_revoked(user, application, authorization):
    revocation.revoke(authorization, by=Actor(user))
    again = allow(user, application, BOTH)
    again.refresh_from_db()
    assert (again.revoked_at, again.revoked_by) == (None, None)


def test_consent_after_a_revocation_does_not_restore_earlier_scopes(user, application, authorization):
    revocation.revoke(authorization)
    assert allow(user, application, ["request:read"]).granted == {"request:read"}


def test_consent_after_a_revocation_is_granted_since_now(user, application, authorization):
    Authorization.objects.update(granted_at=LONG_AGO)
    revocation.revoke(authorization)
    assert allow(user, application, BOTH).granted_at > LONG_AGO


def test_a_yes_does_not_move_the_generation_on(user, application, authorization):
    allow(user, application, [*BOTH, "person:read"])
    authorization.refresh_from_db()
    assert authorization.generation == 0


def test_consent_after_a_revocation_does_not_reset_the_generation(user, application, authorization):
    revocation.revoke(authorization)
    assert allow(user, application, BOTH).generation == 1


def test_consent_leaves_the_authorizations_of_others(user, application, authorization):
    revocation.revoke(authorization)
    allow(UserFactory(), application, BOTH)
    authorization.refresh_from_db()
    assert authorization.revoked_at is not None


# ── the stored wording ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_wording_that_was_shown_is_kept(user, application):
    assert allow(user, application, ["request:read"]).wording == {"request:read": "Use request:read"}


def test_the_wording_stays_when_the_catalogue_changes(authorization):
    Scope.objects.filter(name="request:read").update(wording="Read everything")
    authorization.refresh_from_db()
    assert authorization.wording["request:read"] == "Use request:read"


def test_wording_of_an_earlier_consent_is_kept_beside_the_new(user, application, authorization):
    ScopeFactory(name="person:read")
    Scope.objects.update(wording="New words")
    assert allow(user, application, ["person:read"]).wording == {
        "request:read": "Use request:read",
        "request:create": "Use request:create",
        "person:read": "New words",
    }


def test_second_consent_stores_the_wording_shown_last(user, application, authorization):
    Scope.objects.update(wording="New words")
    assert allow(user, application, ["request:read"]).wording["request:read"] == "New words"


# ── audit trail and signals ──────────────────────────────────────────────────────────────────────────────────────────


def test_consent_is_in_the_audit_trail(user, application):
    allow(user, application, BOTH)
    event = AuditEvent.objects.get(kind=AuditEvent.Kind.AUTHORIZED)
    assert (event.application, event.user, event.by) == (application, user, user)


def test_the_audit_trail_says_what_was_asked(user, application):
    allow(user, application, BOTH)
    assert AuditEvent.objects.get().details == {"scopes": ["request:create", "request:read"]}


def test_first_consent_is_signalled_with_all_scopes_as_new(user, application, granted_signals):
    authorization = allow(user, application, BOTH)
    assert granted_signals == [
        {"sender": Authorization, "authorization": authorization, "new_scopes": frozenset(BOTH), "is_new": True},
    ]


def test_wider_consent_is_signalled_with_the_new_scopes(user, application, authorization, granted_signals):
    allow(user, application, [*BOTH, "person:read"])
    assert granted_signals[0]["new_scopes"] == {"person:read"}


def test_wider_consent_is_not_signalled_as_a_new_authorization(user, application, authorization, granted_signals):
    allow(user, application, [*BOTH, "person:read"])
    assert not granted_signals[0]["is_new"]


def test_consent_after_a_revocation_is_signalled_as_new(user, application, authorization, granted_signals):
    revocation.revoke(authorization)
    allow(user, application, BOTH)
    assert granted_signals[0]["is_new"]


def test_consent_after_a_revocation_is_signalled_with_all_scopes(user, application, authorization, granted_signals):
    revocation.revoke(authorization)
    allow(user, application, BOTH)
    assert granted_signals[0]["new_scopes"] == set(BOTH)


def test_consent_is_not_stored_when_a_receiver_raises(user, application):
    def refuse(**arguments):
        raise RuntimeError

    authorization_granted.connect(refuse)
    try:
        with pytest.raises(RuntimeError):
            allow(user, application, BOTH)
    finally:
        authorization_granted.disconnect(refuse)
    assert not Authorization.objects.exists()


@pytest.fixture
def concurrent_consent(monkeypatch):
    """Let another consent be stored between the lookup of a consent and its insert."""
    store, earlier = consent._allow, []

    def consent_once_before(*arguments, **options):
        if earlier:
            return store(*arguments, **options)
        earlier.append(store(*arguments, **options))
        raise IntegrityError

    monkeypatch.setattr(consent, "_allow", consent_once_before)
    return earlier


def test_of_two_concurrent_consents_the_later_is_outdated(user, application, concurrent_consent):
    with pytest.raises(consent.Outdated):
        allow(user, application, BOTH)


def test_of_two_concurrent_consents_the_earlier_is_stored(user, application, concurrent_consent):
    with suppress(consent.Outdated):
        allow(user, application, BOTH)
    assert [*Authorization.objects.standing()] == concurrent_consent


# ── withdrawn scopes ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def reduced(user, application, authorization):
    """An authorization of which the user withdrew request:create."""
    revocation.reduce(authorization, keep=["request:read"], by=Actor(user))
    authorization.refresh_from_db()
    return authorization


def test_withdrawn_scope_that_is_not_requested_is_not_asked_for(user, application, reduced):
    assert not question(user, application, BOTH, named=[]).must_ask


def test_withdrawn_scope_that_is_not_requested_is_not_granted(user, application, reduced):
    assert question(user, application, BOTH, named=[]).requested == {"request:read"}


def test_withdrawn_scope_that_is_requested_is_asked_for(user, application, reduced):
    assert question(user, application, BOTH, named=BOTH).asked == {"request:create"}


def test_withdrawn_scope_is_asked_for_where_consent_is_demanded(user, application, reduced):
    assert question(user, application, BOTH, named=[], prompt=["consent"]).asked == set(BOTH)


def test_new_scope_beside_a_withdrawn_scope_is_asked_for_alone(user, application, reduced):
    assert question(user, application, [*BOTH, "person:read"], named=[]).asked == {"person:read"}


def test_consent_to_a_withdrawn_scope_clears_the_withdrawal(user, application, reduced):
    assert allow(user, application, BOTH).withdrawn_scopes == ""


def test_consent_to_another_scope_keeps_the_withdrawal(user, application, reduced):
    assert allow(user, application, ["request:read"]).withdrawn_scopes == "request:create"


def test_after_a_revocation_no_scope_counts_as_withdrawn(user, application, reduced):
    revocation.revoke(reduced)
    assert question(user, application, BOTH, named=[]).asked == set(BOTH)


def test_consent_after_a_revocation_clears_withdrawn_scopes(user, application, reduced):
    revocation.revoke(reduced)
    assert allow(user, application, ["request:read"]).withdrawn_scopes == ""


def test_withdrawn_scope_makes_is_withdrawn_true(user, application, reduced):
    assert question(user, application, BOTH).is_withdrawn


def test_new_scope_leaves_is_withdrawn_false(user, application, reduced):
    assert not question(user, application, ["person:read"]).is_withdrawn


def test_scope_revoked_by_the_user_makes_is_withdrawn_true(user, application, authorization):
    revocation.revoke(authorization, by=Actor(user))
    assert question(user, application, BOTH).is_withdrawn


def test_scope_revoked_by_somebody_else_leaves_is_withdrawn_false(user, application, authorization):
    revocation.revoke(authorization, by=Actor(UserFactory()))
    assert not question(user, application, BOTH).is_withdrawn


# ── the prompt parameter ─────────────────────────────────────────────────────────────────────────────────────────────


def test_prompt_consent_asks_for_everything(user, application, authorization):
    assert question(user, application, BOTH, prompt=["consent"]).asked == set(BOTH)


def test_other_prompt_values_ask_for_nothing_more(user, application, authorization):
    assert not question(user, application, BOTH, prompt=["login"]).must_ask


def test_prompt_for_more_shows_only_new_scopes(user, application, authorization):
    assert question(user, application, [*BOTH, "person:read"]).shows_only_what_is_new


def test_prompt_for_more_has_the_granted_scopes_of_the_request(user, application, authorization):
    assert question(user, application, ["request:read", "person:read"]).stands == {"request:read"}


def test_first_prompt_is_not_marked_as_a_prompt_for_more(user, application):
    assert not question(user, application, BOTH).shows_only_what_is_new


# ── outdated prompts ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_consent_to_a_first_prompt_counts(user, application):
    asked = question(user, application, BOTH)
    assert consent.allow(asked, by=Actor(user)).granted == set(BOTH)


def test_consent_to_a_later_prompt_counts(user, application, authorization):
    asked = question(user, application, [*BOTH, "person:read"])
    assert "person:read" in consent.allow(asked, by=Actor(user)).granted


def test_consent_to_a_prompt_older_than_another_consent_is_outdated(user, application):
    asked = question(user, application, BOTH)
    allow(user, application, ["request:read"])
    with pytest.raises(consent.Outdated):
        consent.allow(asked, by=Actor(user))


def test_consent_to_a_prompt_older_than_a_revocation_is_outdated(user, application, authorization):
    asked = question(user, application, [*BOTH, "person:read"])
    revocation.revoke(authorization)
    with pytest.raises(consent.Outdated):
        consent.allow(asked, by=Actor(user))


def test_consent_to_a_prompt_older_than_a_reduction_is_outdated(user, application, authorization):
    asked = question(user, application, [*BOTH, "person:read"])
    revocation.reduce(authorization, keep=["request:read"], by=Actor(user))
    with pytest.raises(consent.Outdated):
        consent.allow(asked, by=Actor(user))


def test_outdated_consent_leaves_the_revocation(user, application, authorization):
    asked = question(user, application, BOTH)
    revocation.revoke(authorization)
    with pytest.raises(consent.Outdated):
        consent.allow(asked, by=Actor(user))
    assert not Authorization.objects.standing().exists()


def test_audit_trail_records_the_client_ip_of_a_consent(user, application, settings):
    settings.FOURME_OAUTH = {"KEEP_IP_ADDRESSES": True}
    consent.allow(question(user, application, BOTH), by=Actor(user, "192.0.2.7"))
    assert AuditEvent.objects.get(kind=AuditEvent.Kind.AUTHORIZED).ip_address == "192.0.2.7"
