from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fourme_oauth import client_secrets, maintenance
from fourme_oauth.models import AccessToken, AuditEvent, ClientSecret, Grant, RefreshToken
from fourme_oauth.models.audit_event import AuditEventQuerySet
from tests.factories import mint_access_token, mint_refresh_token

Kind = AuditEvent.Kind


def run(command, *arguments):
    output = StringIO()
    call_command(command, *arguments, stdout=output)
    return output.getvalue().strip()


@pytest.fixture
def old_and_young(db, settings):
    settings.FOURME_OAUTH = {"AUDIT_RETENTION_DAYS": 30}
    now = timezone.now()
    ages = {"old": 31, "older": 300, "young": 29}
    AuditEvent.objects.bulk_create(
        AuditEvent(kind=Kind.USED, username=name, at=now - timedelta(days=days)) for name, days in ages.items()
    )


def kept():
    return set(AuditEvent.objects.filter(kind=Kind.USED).values_list("username", flat=True))


@pytest.mark.usefixtures("old_and_young")
def test_what_is_older_than_the_site_keeps_it_is_deleted():
    assert run("delete_old_audit_events").endswith(": 2")
    assert kept() == {"young"}


@pytest.mark.usefixtures("old_and_young")
def test_a_site_that_says_nothing_keeps_every_event(settings):
    settings.FOURME_OAUTH = {}
    assert run("delete_old_audit_events").startswith("Every audit event is kept")
    assert kept() == {"old", "older", "young"}


@pytest.mark.usefixtures("old_and_young")
def test_a_dry_run_says_how_many_and_deletes_none():
    assert run("delete_old_audit_events", "--dry-run").endswith(": 2")
    assert kept() == {"old", "older", "young"}


@pytest.mark.usefixtures("old_and_young")
def test_deleting_events_is_recorded_in_the_audit_trail():
    run("delete_old_audit_events")
    assert AuditEvent.objects.get(kind=Kind.EVENTS_DELETED).details["number"] == 2


@pytest.mark.usefixtures("old_and_young")
def test_deleting_no_events_is_not_recorded():
    run("delete_old_audit_events")
    run("delete_old_audit_events")
    assert AuditEvent.objects.filter(kind=Kind.EVENTS_DELETED).count() == 1


@pytest.mark.usefixtures("old_and_young")
def test_events_are_deleted_in_batches(monkeypatch):
    monkeypatch.setattr(maintenance, "DELETE_BATCH_SIZE", 1)
    assert maintenance.delete_old_audit_events(timezone.now()) == 3


@pytest.mark.usefixtures("old_and_young")
def test_no_statement_deletes_more_than_one_batch(monkeypatch):
    monkeypatch.setattr(maintenance, "DELETE_BATCH_SIZE", 1)
    with CaptureQueriesContext(connection) as captured:
        maintenance.delete_old_audit_events(timezone.now())
    assert sum(query["sql"].startswith("DELETE") for query in captured) == 3


@pytest.mark.usefixtures("old_and_young")
def test_a_batch_that_was_deleted_stays_deleted_though_the_next_one_fails(monkeypatch):
    monkeypatch.setattr(maintenance, "DELETE_BATCH_SIZE", 1)
    remove_some, removed = AuditEventQuerySet.remove_some, []

    def fail_the_second_time(events, at_most):
        if removed:
            raise OperationalError
        removed.append(remove_some(events, at_most))
        return removed[0]

    monkeypatch.setattr(AuditEventQuerySet, "remove_some", fail_the_second_time)
    with pytest.raises(OperationalError):
        maintenance.delete_old_audit_events(timezone.now())
    assert kept() == {"old", "young"}


def test_a_batch_has_the_oldest(old_and_young):
    AuditEvent.objects.all().remove_some(1)
    assert kept() == {"old", "young"}


def test_no_events_are_deleted_of_an_empty_table(db):
    assert AuditEvent.objects.all().remove_some(1) == 0


# Secrets that expired


@pytest.fixture
def expired(application):
    moment = timezone.now() - timedelta(hours=1)
    return client_secrets.issue(application=application, expires_at=moment).secret


def test_expiry_of_a_secret_is_recorded(expired, application):
    assert run("note_expired_secrets") == "Expired: 1"
    event = AuditEvent.objects.get(kind=Kind.SECRET_EXPIRED)
    assert (event.application, event.at, event.details) == (application, expired.expires_at, {"hint": expired.hint})


def test_expiry_of_a_secret_is_recorded_once(expired):
    run("note_expired_secrets")
    assert run("note_expired_secrets") == "Expired: 0"


def test_expiry_noticed_concurrently_is_recorded_once(expired):
    ClientSecret.objects.update(expiry_noted_at=timezone.now())
    assert maintenance._note_expired(expired, timezone.now()) == 0
    assert not AuditEvent.objects.filter(kind=Kind.SECRET_EXPIRED).exists()


def test_a_secret_that_was_retired_before_does_not_expire(expired):
    client_secrets.retire(secret=expired)
    assert run("note_expired_secrets") == "Expired: 0"


def test_secret_before_its_expiry_is_not_recorded_as_expired(secret):
    assert run("note_expired_secrets") == "Expired: 0"


# The toolkit's own command, beside ours


@pytest.fixture
def third_party(third_party, client, user):
    client.force_login(user)
    return third_party


def test_clearing_tokens_leaves_valid_tokens(authorization):
    mint_refresh_token(authorization, access_token=None)
    token = AccessToken.objects.get(token_checksum=_checksum(mint_access_token(authorization)))
    RefreshToken.objects.update(access_token=token)
    call_command("cleartokens")
    assert (AccessToken.objects.count(), RefreshToken.objects.count()) == (1, 1)


def _checksum(text):
    return AccessToken.objects.by_text(text).get().token_checksum


def test_clearing_tokens_leaves_used_codes_so_that_a_second_use_is_known(third_party):
    code = third_party.code()
    third_party.exchange(code)
    call_command("cleartokens")
    assert Grant.objects.filter(used_at__isnull=False).exists()


def test_clearing_tokens_leaves_rotated_refresh_tokens_so_that_reuse_is_known(third_party, settings):
    settings.FOURME_OAUTH = {"REFRESH_TOKEN_REPLAY_GRACE_SECONDS": -1}
    first = third_party.tokens()["refresh_token"]
    second = third_party.refresh(first).json()["refresh_token"]
    call_command("cleartokens")
    third_party.refresh(first)
    assert third_party.refresh(second).status_code == 400
    assert AuditEvent.objects.filter(kind=Kind.REFRESH_TOKEN_REUSED).exists()


def test_token_is_valid_after_clearing(third_party):
    tokens = third_party.tokens()
    call_command("cleartokens")
    assert third_party.refresh(tokens["refresh_token"]).status_code == 200


def test_clearing_removes_expired_tokens(authorization):
    mint_access_token(authorization, expires_in=-1)
    call_command("cleartokens")
    assert not AccessToken.objects.exists()
