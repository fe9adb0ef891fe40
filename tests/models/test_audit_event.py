from datetime import UTC, datetime

import pytest

from fourme_oauth.actor import Actor
from fourme_oauth.models import AuditEvent
from tests.factories import UserFactory

Kind = AuditEvent.Kind


@pytest.fixture
def administrator(db):
    return UserFactory(username="administrator")


@pytest.fixture
def event(application, user, administrator):
    return AuditEvent.objects.record(Kind.REVOKED, application=application, user=user, by=Actor(administrator), codes=1)


def test_an_event_says_what_happened(event):
    assert event.kind == "revoked"


def test_an_event_names_the_application_the_user_and_who_did_it(event, application, user, administrator):
    assert (event.application, event.user, event.by) == (application, user, administrator)


def test_an_event_keeps_its_details(event):
    event.refresh_from_db()
    assert event.details == {"codes": 1}


def test_an_event_can_concern_nobody_in_particular(db):
    event = AuditEvent.objects.record(Kind.APPLICATION_CHANGED)
    assert (event.client_id, event.username, event.by_username) == ("", "", "")


def test_an_event_reads_as_what_happened_and_when():
    event = AuditEvent(kind=Kind.SECRET_ISSUED, at=datetime(2026, 1, 2, 3, 4, tzinfo=UTC))
    assert str(event) == "secret issued 2026-01-02 03:04"


def test_the_youngest_event_comes_first(event):
    younger = AuditEvent.objects.record(Kind.AUTHORIZED)
    assert list(AuditEvent.objects.all()) == [younger, event]


def test_event_is_readable_after_its_rows_are_deleted(event, application, user, administrator):
    client_id = application.client_id
    application.delete()
    user.delete()
    administrator.delete()
    event.refresh_from_db()
    assert (event.client_id, event.username, event.by_username) == (client_id, user.username, "administrator")


def test_foreign_keys_of_an_event_are_null_after_deletion(event, application, user, administrator):
    application.delete()
    user.delete()
    administrator.delete()
    event.refresh_from_db()
    assert (event.application, event.user, event.by) == (None, None, None)


def test_an_event_can_not_be_changed(event):
    event.kind = Kind.AUTHORIZED
    with pytest.raises(TypeError, match="append-only"):
        event.save()


def test_a_field_of_an_event_can_not_be_changed(event):
    with pytest.raises(TypeError, match="append-only"):
        event.save(update_fields=["details"])


def test_events_can_not_be_changed_together(event):
    with pytest.raises(TypeError, match="append-only"):
        AuditEvent.objects.update(kind=Kind.AUTHORIZED)


def test_chosen_events_can_not_be_changed_together(event):
    with pytest.raises(TypeError, match="append-only"):
        AuditEvent.objects.filter(pk=event.pk).update(kind=Kind.AUTHORIZED)


def test_events_can_not_be_changed_in_bulk(event):
    with pytest.raises(TypeError, match="append-only"):
        AuditEvent.objects.bulk_update([event], ["kind"])


def test_an_event_can_not_be_deleted(db):
    event = AuditEvent.objects.record(AuditEvent.Kind.AUTHORIZED)
    with pytest.raises(TypeError, match="append-only"):
        event.delete()


def test_events_can_not_be_deleted_together(db):
    with pytest.raises(TypeError, match="append-only"):
        AuditEvent.objects.all().delete()


@pytest.mark.parametrize("address", ["198.51.100.7", "2001:db8::"])
def test_event_stores_the_client_ip_where_the_site_keeps_it(db, settings, address):
    settings.FOURME_OAUTH = {"KEEP_IP_ADDRESSES": True}
    event = AuditEvent.objects.record(Kind.REVOKED, by=Actor(ip=address))
    event.refresh_from_db()
    assert event.ip_address == address


def test_event_stores_no_client_ip_by_default(db):
    assert AuditEvent.objects.record(Kind.REVOKED, by=Actor(ip="198.51.100.7")).ip_address is None


@pytest.mark.parametrize("address", [None, "", "unix:/run/site.sock"])
def test_malformed_client_ip_is_not_stored(db, settings, address):
    settings.FOURME_OAUTH = {"KEEP_IP_ADDRESSES": True}
    assert AuditEvent.objects.record(Kind.REVOKED, by=Actor(ip=address)).ip_address is None
