import traceback
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from fourme_oauth import client_secrets
from fourme_oauth.actor import Actor
from fourme_oauth.models import Application, AuditEvent, ClientSecret
from fourme_oauth.models.credentials import CLIENT_SECRET_PREFIX, digest, is_unusable_hash
from tests import toolkit_alone
from tests.factories import ApplicationFactory, PublicApplicationFactory, UserFactory, issue_secret


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def issued(application):
    return client_secrets.issue(application=application)


@pytest.fixture
def is_accepted(application, now):
    return lambda presented: client_secrets.verify(application, presented, now=now)


# ── issue ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_issued_secret_is_readable_in_what_is_returned(issued):
    assert issued.plaintext.startswith(CLIENT_SECRET_PREFIX)


def test_an_issued_secret_is_not_printed(issued):
    assert issued.plaintext not in f"{issued!r} {issued}"


def test_an_issued_secret_is_not_in_a_traceback(issued):
    error = ValueError(issued)
    assert issued.plaintext not in "".join(traceback.format_exception(error))


def test_an_issued_secret_is_stored_only_as_a_hash_with_the_name_of_its_algorithm(issued):
    assert ClientSecret.objects.get().digest == f"sha256${digest(issued.plaintext)}"


def test_the_text_of_an_issued_secret_is_in_no_column(issued):
    assert all(issued.plaintext not in str(value) for value in ClientSecret.objects.values_list().get())


def test_the_hint_of_an_issued_secret_is_its_last_four_characters(issued):
    assert ClientSecret.objects.get().hint == issued.plaintext[-4:]


def test_an_issued_secret_comes_with_its_row(issued):
    assert issued.secret == ClientSecret.objects.get()


def test_an_issued_secret_is_the_applications(issued, application):
    assert issued.secret.application == application


def test_an_issued_secret_names_who_issued_it(application):
    administrator = UserFactory()
    issued = client_secrets.issue(application=application, by=Actor(administrator))
    assert issued.secret.issued_by == administrator


def test_an_issued_secret_can_name_nobody(issued):
    assert issued.secret.issued_by is None


def test_issued_secret_never_expires_by_default(issued):
    assert issued.secret.expires_at is None


def test_issued_secret_expires_at_the_given_time(application, now):
    ends = now + timedelta(days=90)
    assert client_secrets.issue(application=application, expires_at=ends).secret.expires_at == ends


def test_issuing_is_in_the_audit_trail(application):
    administrator = UserFactory()
    client_secrets.issue(application=application, by=Actor(administrator))
    event = AuditEvent.objects.get(kind=AuditEvent.Kind.SECRET_ISSUED)
    assert (event.application, event.by) == (application, administrator)


def test_audit_trail_records_only_the_hint(issued):
    assert AuditEvent.objects.get().details == {"hint": issued.plaintext[-4:]}


def test_a_second_secret_can_overlap_the_first(application, is_accepted):
    secrets = [issue_secret(application) for _ in range(2)]
    assert [is_accepted(secret) for secret in secrets] == [True, True]


def test_a_third_live_secret_is_refused(application):
    issue_secret(application)
    issue_secret(application)
    with pytest.raises(client_secrets.TooManyLiveSecrets, match="Retire a secret"):
        client_secrets.issue(application=application)


def test_refused_issuing_stores_nothing(application):
    issue_secret(application)
    issue_secret(application)
    with pytest.raises(client_secrets.TooManyLiveSecrets):
        client_secrets.issue(application=application)
    assert (ClientSecret.objects.count(), AuditEvent.objects.count()) == (2, 2)


def test_retired_secret_does_not_count_towards_the_limit(application, issued, is_accepted):
    issue_secret(application)
    client_secrets.retire(secret=issued.secret)
    assert is_accepted(issue_secret(application))


def test_expired_secret_does_not_count_towards_the_limit(application, now, is_accepted):
    client_secrets.issue(application=application, expires_at=now)
    issue_secret(application)
    assert is_accepted(issue_secret(application))


def test_secrets_of_another_application_do_not_count_towards_the_limit(application, is_accepted):
    other = ApplicationFactory()
    issue_secret(other)
    issue_secret(other)
    assert is_accepted(issue_secret(application))


def test_the_limit_is_a_setting(application, settings):
    settings.FOURME_OAUTH = {"MAX_LIVE_SECRETS": 1}
    issue_secret(application)
    with pytest.raises(client_secrets.TooManyLiveSecrets):
        client_secrets.issue(application=application)


def test_a_public_application_gets_no_secret(db):
    with pytest.raises(ValueError, match="public"):
        client_secrets.issue(application=PublicApplicationFactory())


# ── verify ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_live_secret_is_accepted(issued, is_accepted):
    assert is_accepted(issued.plaintext)


def test_a_retired_secret_is_refused(issued, is_accepted):
    client_secrets.retire(secret=issued.secret)
    assert not is_accepted(issued.plaintext)


def test_retiring_one_secret_leaves_the_other(application, issued, is_accepted):
    other = issue_secret(application)
    client_secrets.retire(secret=issued.secret)
    assert is_accepted(other)


def test_a_secret_is_accepted_until_it_expires(application, now, is_accepted):
    issued = client_secrets.issue(application=application, expires_at=now + timedelta(microseconds=1))
    assert is_accepted(issued.plaintext)


def test_an_expired_secret_is_refused(application, now, is_accepted):
    issued = client_secrets.issue(application=application, expires_at=now)
    assert not is_accepted(issued.plaintext)


@pytest.mark.parametrize(
    "change",
    [
        lambda secret: "",
        lambda secret: " ",
        lambda secret: secret[:-1],
        lambda secret: secret + "x",
        lambda secret: secret + " ",
        lambda secret: secret.swapcase(),
        lambda secret: secret.removeprefix(CLIENT_SECRET_PREFIX),
        lambda secret: digest(secret),
        lambda secret: f"sha256${digest(secret)}",
        lambda secret: "é",
        lambda secret: "\ud800",
    ],
    ids=[
        "blank",
        "space",
        "shorter",
        "longer",
        "padded",
        "case",
        "no prefix",
        "hash",
        "stored form",
        "not ASCII",
        "not Unicode",
    ],
)
def test_anything_but_the_secret_is_refused(issued, is_accepted, change):
    assert not is_accepted(change(issued.plaintext))


def test_the_secret_of_another_application_is_refused(issued, is_accepted):
    assert not is_accepted(issue_secret(ApplicationFactory()))


def test_an_application_without_secrets_accepts_none(application, is_accepted):
    assert not is_accepted("")


def test_an_unknown_application_accepts_none(issued, now):
    assert not client_secrets.verify(None, issued.plaintext, now=now)


def test_an_unknown_application_costs_as_many_queries_as_a_known_one(application, now, django_assert_num_queries):
    with django_assert_num_queries(1):
        client_secrets.verify(None, "wrong", now=now)
    with django_assert_num_queries(1):
        client_secrets.verify(application, "wrong", now=now)


def test_a_public_application_accepts_none_though_it_had_one_before(application, issued, is_accepted):
    application.client_type = application.CLIENT_PUBLIC
    application.save()
    assert not is_accepted(issued.plaintext)


# ── last used ────────────────────────────────────────────────────────────────────────────────────────────────────────


def last_used():
    return ClientSecret.objects.get().last_used_at


def test_a_secret_that_was_never_used_says_so(issued):
    assert last_used() is None


def test_a_use_is_noted(issued, is_accepted, now):
    is_accepted(issued.plaintext)
    assert last_used() == now


def test_a_refused_secret_is_not_noted_as_used(issued, is_accepted):
    is_accepted("wrong")
    assert last_used() is None


def test_a_use_is_noted_for_the_secret_that_was_presented(application, issued, is_accepted):
    other = client_secrets.issue(application=application)
    is_accepted(issued.plaintext)
    other.secret.refresh_from_db()
    assert other.secret.last_used_at is None


def test_a_use_within_the_interval_writes_nothing(application, issued, is_accepted, now, django_assert_num_queries):
    is_accepted(issued.plaintext)
    with django_assert_num_queries(1):
        client_secrets.verify(application, issued.plaintext, now=now + timedelta(minutes=14, seconds=59))


def test_a_use_after_the_interval_is_noted(application, issued, is_accepted, now):
    is_accepted(issued.plaintext)
    later = now + timedelta(minutes=15)
    client_secrets.verify(application, issued.plaintext, now=later)
    assert last_used() == later


def test_the_interval_is_a_setting(application, issued, is_accepted, now, settings):
    settings.FOURME_OAUTH = {"LAST_USED_INTERVAL_SECONDS": 1}
    is_accepted(issued.plaintext)
    later = now + timedelta(seconds=1)
    client_secrets.verify(application, issued.plaintext, now=later)
    assert last_used() == later


# ── retire ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_retiring_says_when(issued):
    before = timezone.now()
    client_secrets.retire(secret=issued.secret)
    assert before <= ClientSecret.objects.get().retired_at <= timezone.now()


def test_retiring_is_in_the_audit_trail(application, issued):
    administrator = UserFactory()
    client_secrets.retire(secret=issued.secret, by=Actor(administrator))
    event = AuditEvent.objects.get(kind=AuditEvent.Kind.SECRET_RETIRED)
    assert (event.application, event.by, event.details) == (application, administrator, {"hint": issued.secret.hint})


def test_retiring_again_changes_nothing(issued):
    client_secrets.retire(secret=issued.secret)
    retired_at = ClientSecret.objects.get().retired_at
    client_secrets.retire(secret=issued.secret)
    assert ClientSecret.objects.get().retired_at == retired_at


def test_retiring_again_is_not_in_the_audit_trail(issued):
    client_secrets.retire(secret=issued.secret)
    client_secrets.retire(secret=issued.secret)
    assert AuditEvent.objects.filter(kind=AuditEvent.Kind.SECRET_RETIRED).count() == 1


# Legacy secrets

ADOPTED = "an-old-secret-of-the-toolkit-" + "0123456789" * 9


def store_as_the_toolkit_did(application, stored, *, hashed=True):
    kept = toolkit_alone.rows("Application").filter(pk=application.pk)
    kept.update(client_secret=stored, hash_client_secret=hashed)
    application.refresh_from_db()


@pytest.fixture(params=["hashed as a password", "readable"])
def with_legacy_secret(request, application):
    """An application with a legacy secret, in each form in which the toolkit stored it."""
    hashed = request.param.startswith("hashed")
    store_as_the_toolkit_did(application, make_password(ADOPTED) if hashed else ADOPTED, hashed=hashed)
    return application


def test_legacy_secret_is_accepted(with_legacy_secret, now):
    assert client_secrets.verify(with_legacy_secret, ADOPTED, now=now)


@pytest.mark.parametrize("presented", ["", "wrong", ADOPTED[:-1], ADOPTED.upper(), "é"])
def test_other_than_the_legacy_secret_is_refused(with_legacy_secret, now, presented):
    assert not client_secrets.verify(with_legacy_secret, presented, now=now)


def test_refused_secret_leaves_the_legacy_secret_unchanged(with_legacy_secret, now):
    client_secrets.verify(with_legacy_secret, "wrong", now=now)
    assert Application.objects.get().client_secret == with_legacy_secret.client_secret


def test_stored_hash_of_a_legacy_secret_is_refused(application, now):
    store_as_the_toolkit_did(application, make_password(ADOPTED))
    assert not client_secrets.verify(application, application.client_secret, now=now)


def test_legacy_secret_is_rehashed_at_its_first_use(with_legacy_secret, now):
    client_secrets.verify(with_legacy_secret, ADOPTED, now=now)
    assert is_unusable_hash(Application.objects.get().client_secret)
    assert ClientSecret.objects.get().digest == client_secrets.stored_form(ADOPTED)


def test_legacy_secret_is_accepted_after_its_first_use(with_legacy_secret, now):
    client_secrets.verify(with_legacy_secret, ADOPTED, now=now)
    assert client_secrets.verify(Application.objects.get(), ADOPTED, now=now)


def test_concurrent_first_uses_rehash_a_legacy_secret_once(application, now, monkeypatch):
    store_as_the_toolkit_did(application, make_password(ADOPTED))

    def concurrent_first_use(presented, stored):
        Application.objects.update(client_secret="")
        return True

    monkeypatch.setattr(client_secrets, "check_password", concurrent_first_use)
    assert client_secrets.verify(application, ADOPTED, now=now)
    assert not ClientSecret.objects.exists()


def test_short_legacy_secret_keeps_its_password_hash(application, now):
    store_as_the_toolkit_did(application, make_password("made up"))
    assert client_secrets.verify(application, "made up", now=now)
    assert not ClientSecret.objects.exists()


def test_legacy_secret_of_a_public_application_is_refused(db, now):
    application = PublicApplicationFactory()
    store_as_the_toolkit_did(application, make_password(ADOPTED))
    assert not client_secrets.verify(application, ADOPTED, now=now)


def test_new_secret_is_accepted_beside_a_legacy_secret(with_legacy_secret, now):
    new = client_secrets.issue(application=with_legacy_secret).plaintext
    assert client_secrets.verify(with_legacy_secret, new, now=now)
    assert client_secrets.verify(with_legacy_secret, ADOPTED, now=now)


def test_legacy_secret_counts_towards_the_limit(with_legacy_secret):
    client_secrets.issue(application=with_legacy_secret)
    with pytest.raises(client_secrets.TooManyLiveSecrets):
        client_secrets.issue(application=with_legacy_secret)


def test_used_legacy_secret_counts_once(with_legacy_secret, now):
    client_secrets.verify(with_legacy_secret, ADOPTED, now=now)
    client_secrets.issue(application=with_legacy_secret)
    with pytest.raises(client_secrets.TooManyLiveSecrets):
        client_secrets.issue(application=with_legacy_secret)


def test_retired_legacy_secret_does_not_count_towards_the_limit(with_legacy_secret):
    client_secrets.issue(application=with_legacy_secret)
    client_secrets.retire_legacy_secret(application=with_legacy_secret)
    client_secrets.issue(application=with_legacy_secret)
    assert with_legacy_secret.client_secrets.filter(retired_at=None).count() == 2


def test_retired_legacy_secret_is_refused(with_legacy_secret, now):
    client_secrets.retire_legacy_secret(application=with_legacy_secret)
    assert not client_secrets.verify(Application.objects.get(), ADOPTED, now=now)


def test_hash_of_a_retired_legacy_secret_is_removed(with_legacy_secret):
    client_secrets.retire_legacy_secret(application=with_legacy_secret)
    assert is_unusable_hash(Application.objects.get().client_secret)
    assert ClientSecret.objects.get().digest == ""


def test_retiring_a_legacy_secret_is_audited_once(with_legacy_secret, user):
    done = [client_secrets.retire_legacy_secret(application=with_legacy_secret, by=Actor(user)) for _ in range(2)]
    event = AuditEvent.objects.get(kind=AuditEvent.Kind.SECRET_RETIRED)
    assert (done, event.by, event.details) == ([True, False], user, {"kept_by": "django-oauth-toolkit"})


def test_retiring_the_legacy_secret_leaves_the_row_of_its_first_use(with_legacy_secret, now):
    client_secrets.verify(with_legacy_secret, ADOPTED, now=now)
    assert not client_secrets.retire_legacy_secret(application=with_legacy_secret)
    assert client_secrets.verify(Application.objects.get(), ADOPTED, now=now)


def test_blank_legacy_secret_is_refused(application, now):
    store_as_the_toolkit_did(application, make_password(""))
    assert not client_secrets.verify(application, "", now=now)


@pytest.mark.parametrize("stored", ["argon2$argon2id$v=19$m=1,t=2,p=8$abc$def", "pbkdf2_sha256$1500000$salt$hash="])
def test_stored_hash_of_a_legacy_secret_is_refused_without_its_hasher(application, now, stored):
    store_as_the_toolkit_did(application, stored)
    assert not client_secrets.verify(application, stored, now=now)


def test_an_application_without_a_legacy_secret_takes_no_time_for_a_password_hash(application, now, monkeypatch):
    monkeypatch.setattr(client_secrets, "check_password", None)
    assert not client_secrets.verify(application, "wrong", now=now)


@pytest.mark.parametrize("hashed", [True, False])
def test_the_unusable_hash_is_no_secret(application, now, hashed):
    store_as_the_toolkit_did(application, application.client_secret, hashed=hashed)
    assert not client_secrets.verify(application, application.client_secret, now=now)


def test_application_can_be_saved_after_the_first_use_of_a_legacy_secret(with_legacy_secret, now):
    client_secrets.verify(with_legacy_secret, ADOPTED, now=now)
    with_legacy_secret.save()
    assert is_unusable_hash(Application.objects.get().client_secret)


def test_application_can_be_saved_after_a_legacy_secret_was_retired(with_legacy_secret):
    client_secrets.retire_legacy_secret(application=with_legacy_secret)
    with_legacy_secret.save()
    assert is_unusable_hash(Application.objects.get().client_secret)


# Resubmitted


def test_same_request_issues_one_secret(application):
    key = uuid4()
    client_secrets.issue(application=application, request_key=key)
    with pytest.raises(client_secrets.AlreadyIssued):
        client_secrets.issue(application=application, request_key=key)
    assert application.client_secrets.count() == 1


def test_same_request_is_recognized_where_no_more_secrets_may_be_issued(application):
    keys = [uuid4(), uuid4()]
    for key in keys:
        client_secrets.issue(application=application, request_key=key)
    with pytest.raises(client_secrets.AlreadyIssued):
        client_secrets.issue(application=application, request_key=keys[0])


def test_another_request_issues_another(application):
    for _ in range(2):
        client_secrets.issue(application=application, request_key=uuid4())
    assert application.client_secrets.count() == 2


def test_same_request_for_another_application_is_another(application):
    key = uuid4()
    for each in (application, ApplicationFactory()):
        client_secrets.issue(application=each, request_key=key)
    assert ClientSecret.objects.filter(request_key=key).count() == 2


# Safe to retire

LONG_AGO, LATELY = timedelta(days=14), timedelta(days=14, seconds=-1)


def two_secrets(application, *, old_used, new_used, now):
    """Return an old and a new secret that were last used so long ago, or never."""
    used = [ago if ago is None else now - ago for ago in (old_used, new_used)]
    issued = [now - timedelta(days=90), now - timedelta(days=30)]
    return [
        ClientSecret.objects.create(application=application, digest=str(n), hint="abcd", issued_at=at, last_used_at=use)
        for n, (at, use) in enumerate(zip(issued, used, strict=True))
    ]


@pytest.mark.parametrize("old_used", [LONG_AGO, None], ids=["long ago", "never"])
def test_old_secret_is_safe_to_retire_when_it_is_quiet_and_the_new_one_is_in_use(application, old_used):
    now = timezone.now()
    old, new = two_secrets(application, old_used=old_used, new_used=LATELY, now=now)
    assert client_secrets.safe_to_retire([new, old], now=now) == [old]


@pytest.mark.parametrize(
    ("old_used", "new_used"),
    [(LATELY, LATELY), (LONG_AGO, None), (LONG_AGO, LONG_AGO), (LATELY, LONG_AGO)],
    ids=["both in use", "new never used", "new no longer used", "new given up"],
)
def test_old_secret_is_not_safe_to_retire_otherwise(application, old_used, new_used):
    now = timezone.now()
    secrets = two_secrets(application, old_used=old_used, new_used=new_used, now=now)
    assert client_secrets.safe_to_retire(secrets, now=now) == []


@pytest.mark.parametrize("end", ["retired_at", "expires_at"])
def test_secret_is_not_safe_to_retire_for_a_new_one_that_has_ended(application, end):
    now = timezone.now()
    old, new = two_secrets(application, old_used=LONG_AGO, new_used=LATELY, now=now)
    setattr(new, end, now)
    assert client_secrets.safe_to_retire([new, old], now=now) == []


def test_second_claim_of_warnings_gets_none(application):
    now = timezone.now()
    client_secrets.issue(application=application, expires_at=now + timedelta(days=1))
    given = [len(client_secrets.claim_warnings(now, within=timedelta(days=2))) for _ in range(2)]
    assert given == [1, 0]
