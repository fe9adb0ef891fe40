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


# ── must we ask? ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_user_who_never_said_yes_is_asked(user, application):
    assert question(user, application, BOTH).must_ask


def test_a_user_who_never_said_yes_is_asked_for_everything(user, application):
    assert question(user, application, BOTH).new == {"request:read", "request:create"}


def test_a_user_who_never_said_yes_is_asked_even_for_nothing(user, application):
    assert question(user, application, []).must_ask


def test_a_user_who_never_said_yes_has_no_standing_authorization(user, application):
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


def test_a_question_shows_what_stands(user, application, authorization):
    assert question(user, application, BOTH).standing == authorization


def test_a_scope_that_the_user_took_back_is_asked_question(user, application, authorization):
    Authorization.objects.update(scopes="request:create")
    assert question(user, application, BOTH).new == {"request:read"}


def test_after_a_revocation_everything_is_asked_question(user, application, authorization):
    revocation.revoke(authorization)
    assert question(user, application, BOTH).new == {"request:read", "request:create"}


def test_after_a_revocation_nothing_stands(user, application, authorization):
    revocation.revoke(authorization)
    assert question(user, application, BOTH).standing is None


def test_the_yes_of_another_user_does_not_count(application, authorization):
    assert question(UserFactory(), application, BOTH).must_ask


def test_a_yes_to_another_application_does_not_count(user, authorization):
    assert question(user, ApplicationFactory(), BOTH).must_ask


@pytest.fixture
def native(user):
    """A public application that the user has allowed before."""
    application = PublicApplicationFactory(scopes=BOTH)
    allow(user, application, ["request:read"])
    return application


@pytest.mark.parametrize("redirect_uri", ["com.example.app:/callback", "http://127.0.0.1:5000/callback"])
def test_who_can_not_be_identified_is_asked_about_each_time(user, native, redirect_uri):
    assert question(user, native, ["request:read"], redirect_uri).must_ask


@pytest.mark.parametrize("redirect_uri", ["com.example.app:/callback", "http://127.0.0.1:5000/callback"])
def test_who_can_not_be_identified_is_asked_about_whole(user, native, redirect_uri):
    asked = question(user, native, BOTH, redirect_uri)
    assert (asked.asked, asked.new) == (set(BOTH), {"request:create"})


def test_a_public_application_at_an_address_of_its_own_is_not_asked_about_again(user, native):
    assert not question(user, native, ["request:read"], "https://app.example/callback").must_ask


def test_a_confidential_application_on_loopback_is_not_asked_about_question(user, application, authorization):
    assert not question(user, application, BOTH, "http://127.0.0.1:5000/callback").must_ask


def test_asking_takes_one_query(user, application, authorization, django_assert_num_queries):
    with django_assert_num_queries(1):
        question(user, application, BOTH)


def test_asking_writes_nothing(user, application):
    question(user, application, BOTH)
    assert not Authorization.objects.exists()


# ── the answer ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_yes_stands(user, application):
    assert allow(user, application, BOTH) == Authorization.objects.standing().get()


def test_a_yes_grants_what_was_asked_and_no_more(user, application):
    assert allow(user, application, ["request:read"]).granted == {"request:read"}


def test_what_is_granted_is_stored_sorted(user, application):
    assert allow(user, application, ["b", "a", "b"]).scopes == "a b"


def test_a_yes_names_the_application_by_value(user, application):
    authorization = allow(user, application, BOTH)
    assert (authorization.client_id, authorization.application_name) == (application.client_id, application.name)


def test_a_yes_starts_now(user, application):
    before = timezone.now()
    authorization = allow(user, application, BOTH)
    assert before <= authorization.granted_at <= timezone.now()


def test_a_yes_to_less_leaves_what_was_granted(user, application, authorization):
    assert allow(user, application, ["request:read"]).granted == set(BOTH)


def test_a_yes_to_more_adds_to_what_was_granted(user, application, authorization):
    assert allow(user, application, ["person:read"]).granted == {*BOTH, "person:read"}


def test_a_second_yes_is_the_same_row(user, application, authorization):
    assert allow(user, application, BOTH).pk == authorization.pk


def test_a_second_yes_is_confirmed_now(user, application, authorization):
    Authorization.objects.update(confirmed_at=LONG_AGO)
    assert allow(user, application, BOTH).confirmed_at > LONG_AGO


def test_a_second_yes_is_still_allowed_since_the_first(user, application, authorization):
    Authorization.objects.update(granted_at=LONG_AGO)
    allow(user, application, BOTH)
    authorization.refresh_from_db()
    assert authorization.granted_at == LONG_AGO


def test_a_second_yes_leaves_when_it_was_last_used(user, application, authorization):
    Authorization.objects.update(last_used_at=LONG_AGO)
    allow(user, application, BOTH)
    authorization.refresh_from_db()
    assert authorization.last_used_at == LONG_AGO


def test_a_yes_after_a_revocation_is_the_same_row(user, application, authorization):
    revocation.revoke(authorization)
    assert allow(user, application, BOTH).pk == authorization.pk


def test_a_yes_after_a_revocation_stands(user, application, authorization):
    revocation.revoke(authorization, by=Actor(user))
    again = allow(user, application, BOTH)
    again.refresh_from_db()
    assert (again.revoked_at, again.revoked_by) == (None, None)


def test_a_yes_after_a_revocation_does_not_bring_back_what_was_granted_before(user, application, authorization):
    revocation.revoke(authorization)
    assert allow(user, application, ["request:read"]).granted == {"request:read"}


def test_a_yes_after_a_revocation_is_allowed_since_now(user, application, authorization):
    Authorization.objects.update(granted_at=LONG_AGO)
    revocation.revoke(authorization)
    assert allow(user, application, BOTH).granted_at > LONG_AGO


def test_a_yes_does_not_move_the_generation_on(user, application, authorization):
    allow(user, application, [*BOTH, "person:read"])
    authorization.refresh_from_db()
    assert authorization.generation == 0


def test_a_yes_after_a_revocation_does_not_put_the_generation_back(user, application, authorization):
    revocation.revoke(authorization)
    assert allow(user, application, BOTH).generation == 1


def test_a_yes_leaves_the_authorizations_of_others(user, application, authorization):
    revocation.revoke(authorization)
    allow(UserFactory(), application, BOTH)
    authorization.refresh_from_db()
    assert authorization.revoked_at is not None


# ── what was shown ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_wording_that_was_shown_is_kept(user, application):
    assert allow(user, application, ["request:read"]).wording == {"request:read": "Use request:read"}


def test_the_wording_stays_when_the_catalogue_changes(authorization):
    Scope.objects.filter(name="request:read").update(wording="Read everything")
    authorization.refresh_from_db()
    assert authorization.wording["request:read"] == "Use request:read"


def test_the_wording_of_an_earlier_yes_stays_beside_the_new(user, application, authorization):
    ScopeFactory(name="person:read")
    Scope.objects.update(wording="New words")
    assert allow(user, application, ["person:read"]).wording == {
        "request:read": "Use request:read",
        "request:create": "Use request:create",
        "person:read": "New words",
    }


def test_a_second_yes_keeps_the_wording_that_was_shown_last(user, application, authorization):
    Scope.objects.update(wording="New words")
    assert allow(user, application, ["request:read"]).wording["request:read"] == "New words"


# ── who is told ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_yes_is_in_the_audit_trail(user, application):
    allow(user, application, BOTH)
    event = AuditEvent.objects.get(kind=AuditEvent.Kind.AUTHORIZED)
    assert (event.application, event.user, event.by) == (application, user, user)


def test_the_audit_trail_says_what_was_asked(user, application):
    allow(user, application, BOTH)
    assert AuditEvent.objects.get().details == {"scopes": ["request:create", "request:read"]}


def test_a_first_yes_is_signalled_with_all_that_is_new(user, application, granted_signals):
    authorization = allow(user, application, BOTH)
    assert granted_signals == [
        {"sender": Authorization, "authorization": authorization, "new_scopes": frozenset(BOTH), "is_new": True},
    ]


def test_a_wider_yes_is_signalled_with_what_is_new(user, application, authorization, granted_signals):
    allow(user, application, [*BOTH, "person:read"])
    assert granted_signals[0]["new_scopes"] == {"person:read"}


def test_a_wider_yes_is_not_signalled_as_new(user, application, authorization, granted_signals):
    allow(user, application, [*BOTH, "person:read"])
    assert not granted_signals[0]["is_new"]


def test_a_yes_after_a_revocation_is_signalled_as_new(user, application, authorization, granted_signals):
    revocation.revoke(authorization)
    allow(user, application, BOTH)
    assert granted_signals[0]["is_new"]


def test_a_yes_after_a_revocation_is_signalled_with_everything(user, application, authorization, granted_signals):
    revocation.revoke(authorization)
    allow(user, application, BOTH)
    assert granted_signals[0]["new_scopes"] == set(BOTH)


def test_a_yes_that_a_receiver_refuses_is_not_stored(user, application):
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
def beaten(monkeypatch):
    """Let another yes be stored between the moment that a yes finds no row and the moment that it writes its own."""
    store, earlier = consent._allow, []

    def beaten_once(*arguments, **options):
        if earlier:
            return store(*arguments, **options)
        earlier.append(store(*arguments, **options))
        raise IntegrityError

    monkeypatch.setattr(consent, "_allow", beaten_once)
    return earlier


def test_of_two_yeses_in_the_same_moment_the_later_is_outdated(user, application, beaten):
    with pytest.raises(consent.Outdated):
        allow(user, application, BOTH)


def test_of_two_yeses_in_the_same_moment_the_earlier_stands(user, application, beaten):
    with suppress(consent.Outdated):
        allow(user, application, BOTH)
    assert [*Authorization.objects.standing()] == beaten


# ── what the user took back ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def reduced(user, application, authorization):
    """An authorization of which the user took request:create back."""
    revocation.reduce(authorization, keep=["request:read"], by=Actor(user))
    authorization.refresh_from_db()
    return authorization


def test_what_was_taken_back_and_is_not_named_is_not_asked_question(user, application, reduced):
    assert not question(user, application, BOTH, named=[]).must_ask


def test_what_was_taken_back_and_is_not_named_is_not_given_either(user, application, reduced):
    assert question(user, application, BOTH, named=[]).requested == {"request:read"}


def test_what_was_taken_back_and_is_named_is_asked_question(user, application, reduced):
    assert question(user, application, BOTH, named=BOTH).asked == {"request:create"}


def test_what_was_taken_back_is_asked_again_where_the_prompt_is_demanded(user, application, reduced):
    assert question(user, application, BOTH, named=[], prompt=["consent"]).asked == set(BOTH)


def test_something_new_beside_what_was_taken_back_is_asked_alone(user, application, reduced):
    assert question(user, application, [*BOTH, "person:read"], named=[]).asked == {"person:read"}


def test_a_yes_to_what_was_taken_back_clears_it(user, application, reduced):
    assert allow(user, application, BOTH).withdrawn_scopes == ""


def test_a_yes_to_something_else_leaves_what_was_taken_back(user, application, reduced):
    assert allow(user, application, ["request:read"]).withdrawn_scopes == "request:create"


def test_after_a_revocation_nothing_counts_as_taken_back(user, application, reduced):
    revocation.revoke(reduced)
    assert question(user, application, BOTH, named=[]).asked == set(BOTH)


def test_a_yes_after_a_revocation_forgets_what_was_taken_back(user, application, reduced):
    revocation.revoke(reduced)
    assert allow(user, application, ["request:read"]).withdrawn_scopes == ""


def test_what_was_taken_back_is_known_as_such(user, application, reduced):
    assert question(user, application, BOTH).is_withdrawn


def test_what_is_new_is_not_known_as_taken_back(user, application, reduced):
    assert not question(user, application, ["person:read"]).is_withdrawn


def test_what_the_user_revoked_is_known_as_taken_back(user, application, authorization):
    revocation.revoke(authorization, by=Actor(user))
    assert question(user, application, BOTH).is_withdrawn


def test_what_somebody_else_revoked_is_not_known_as_taken_back(user, application, authorization):
    revocation.revoke(authorization, by=Actor(UserFactory()))
    assert not question(user, application, BOTH).is_withdrawn


# ── the prompt that was demanded ─────────────────────────────────────────────────────────────────────────────────────


def test_a_demanded_prompt_asks_for_everything_question(user, application, authorization):
    assert question(user, application, BOTH, prompt=["consent"]).asked == set(BOTH)


def test_another_demand_asks_for_nothing_question(user, application, authorization):
    assert not question(user, application, BOTH, prompt=["login"]).must_ask


def test_a_question_about_more_shows_only_what_is_new(user, application, authorization):
    assert question(user, application, [*BOTH, "person:read"]).shows_only_what_is_new


def test_a_question_about_more_says_what_stands_of_the_request(user, application, authorization):
    assert question(user, application, ["request:read", "person:read"]).stands == {"request:read"}


def test_a_first_question_does_not_show_only_what_is_new(user, application):
    assert not question(user, application, BOTH).shows_only_what_is_new


# ── the yes answers the question that was asked ──────────────────────────────────────────────────────────────────────


def test_a_yes_to_a_first_question_counts(user, application):
    asked = question(user, application, BOTH)
    assert consent.allow(asked, by=Actor(user)).granted == set(BOTH)


def test_a_yes_to_a_later_question_counts(user, application, authorization):
    asked = question(user, application, [*BOTH, "person:read"])
    assert "person:read" in consent.allow(asked, by=Actor(user)).granted


def test_a_yes_to_a_question_from_before_another_yes_is_outdated(user, application):
    asked = question(user, application, BOTH)
    allow(user, application, ["request:read"])
    with pytest.raises(consent.Outdated):
        consent.allow(asked, by=Actor(user))


def test_a_yes_to_a_question_from_before_a_revocation_is_outdated(user, application, authorization):
    asked = question(user, application, [*BOTH, "person:read"])
    revocation.revoke(authorization)
    with pytest.raises(consent.Outdated):
        consent.allow(asked, by=Actor(user))


def test_a_yes_to_a_question_from_before_a_reduction_is_outdated(user, application, authorization):
    asked = question(user, application, [*BOTH, "person:read"])
    revocation.reduce(authorization, keep=["request:read"], by=Actor(user))
    with pytest.raises(consent.Outdated):
        consent.allow(asked, by=Actor(user))


def test_an_outdated_yes_leaves_the_revocation(user, application, authorization):
    asked = question(user, application, BOTH)
    revocation.revoke(authorization)
    with pytest.raises(consent.Outdated):
        consent.allow(asked, by=Actor(user))
    assert not Authorization.objects.standing().exists()


def test_the_audit_trail_keeps_where_a_yes_came_from(user, application, settings):
    settings.FOURME_OAUTH = {"KEEP_IP_ADDRESSES": True}
    consent.allow(question(user, application, BOTH), by=Actor(user, "192.0.2.7"))
    assert AuditEvent.objects.get(kind=AuditEvent.Kind.AUTHORIZED).ip_address == "192.0.2.7"
