import csv
import io
from datetime import UTC, datetime

import pytest

from fourme_oauth.actor import Actor
from fourme_oauth.admin import audit_export
from fourme_oauth.models import AuditEvent
from tests.factories import ApplicationFactory, UserFactory

LIST = "/admin/fourme_oauth/auditevent/"
EXPORT = f"{LIST}export/"
Kind = AuditEvent.Kind


@pytest.fixture
def event(authorization):
    return AuditEvent.objects.get(kind=Kind.AUTHORIZED)


def listed(response):
    return list(response.context["cl"].result_list)


def exported(response):
    text = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def at(moment, **fields):
    event = AuditEvent(kind=Kind.USED, at=moment, **fields)
    event.save()
    return event


def test_list_shows_what_happened_to_whom(admin_client, event, user):
    page = admin_client.get(LIST).content.decode()
    assert "authorized" in page
    assert user.username in page


def test_list_says_what_was_changed(admin_client, application):
    changes = {"name": ["Acme", "Acme Board"]}
    AuditEvent.objects.record(Kind.APPLICATION_CHANGED, application=application, changes=changes)
    assert "name: from &quot;Acme&quot; to &quot;Acme Board&quot;" in admin_client.get(LIST).content.decode()


def test_list_says_what_was_granted(admin_client, event):
    assert "scopes: request:create, request:read" in admin_client.get(LIST).content.decode()


def test_event_is_found_by_who_it_happened_to(admin_client, event, user):
    assert listed(admin_client.get(LIST, {"q": user.username})) == [event]


def test_event_is_found_by_its_application(admin_client, event, application):
    at(datetime(2026, 1, 1, tzinfo=UTC))
    assert listed(admin_client.get(LIST, {"q": application.name})) == [event]


def test_event_is_found_by_who_did_it(admin_client, event):
    doer = UserFactory(username="administrator")
    done = AuditEvent.objects.record(Kind.APPLICATION_CHANGED, by=Actor(doer))
    assert listed(admin_client.get(LIST, {"q": "administrator"})) == [done]


def test_event_of_deleted_rows_is_found_by_value(admin_client, event, application):
    client_id = application.client_id
    application.delete()
    assert event in listed(admin_client.get(LIST, {"q": client_id}))


def test_events_are_of_one_kind(admin_client, event):
    used = at(datetime(2026, 1, 1, tzinfo=UTC))
    assert listed(admin_client.get(LIST, {"kind__exact": "used"})) == [used]


def test_events_are_of_one_user(admin_client, event):
    another = AuditEvent.objects.record(Kind.AUTHORIZED, user=UserFactory())
    assert listed(admin_client.get(LIST, {"user__id__exact": another.user_id})) == [another]


def test_events_are_of_one_application(admin_client, event):
    another = AuditEvent.objects.record(Kind.AUTHORIZED, application=ApplicationFactory())
    assert listed(admin_client.get(LIST, {"application__id__exact": another.application_id})) == [another]


@pytest.fixture
def days(db):
    """An event on the last moment of one day, and one on the first of the next."""
    return at(datetime(2026, 1, 1, 23, 59, 59, tzinfo=UTC)), at(datetime(2026, 1, 2, tzinfo=UTC))


def test_a_period_begins_with_its_first_day(admin_client, days):
    assert listed(admin_client.get(LIST, {"from": "2026-01-02"})) == [days[1]]


def test_a_period_ends_with_its_last_day(admin_client, days):
    assert listed(admin_client.get(LIST, {"until": "2026-01-01"})) == [days[0]]


def test_a_period_may_be_a_day(admin_client, days):
    at(datetime(2026, 1, 3, tzinfo=UTC))
    assert listed(admin_client.get(LIST, {"from": "2026-01-01", "until": "2026-01-02"})) == [days[1], days[0]]


def test_a_chosen_period_is_shown(admin_client, days):
    assert 'name="from" value="2026-01-02"' in admin_client.get(LIST, {"from": "2026-01-02"}).content.decode()


def test_event_can_be_read(admin_client, event, application):
    assert application.client_id in admin_client.get(f"{LIST}{event.pk}/change/").content.decode()


def test_event_has_no_fields_to_change(admin_client, event):
    assert list(admin_client.get(f"{LIST}{event.pk}/change/").context["adminform"].form.fields) == []


def test_event_can_not_be_changed(admin_client, event):
    assert admin_client.post(f"{LIST}{event.pk}/change/", {"username": "somebody"}).status_code == 403


def test_event_can_not_be_added(admin_client):
    assert admin_client.post(f"{LIST}add/", {"kind": "authorized"}).status_code == 403


def test_event_can_not_be_deleted(admin_client, event):
    assert admin_client.post(f"{LIST}{event.pk}/delete/", {"post": "yes"}).status_code == 403


def test_many_events_can_not_be_deleted(admin_client, event):
    selected = {"action": "delete_selected", "_selected_action": [event.pk], "post": "yes"}
    admin_client.post(LIST, selected)
    assert AuditEvent.objects.filter(pk=event.pk).exists()


# Export


def test_export_has_what_happened(admin_client, event, application, user):
    row = exported(admin_client.get(EXPORT))[0]
    assert row == {
        "at": event.at.isoformat(),
        "kind": "authorized",
        "client_id": application.client_id,
        "username": user.username,
        "by": user.username,
        "ip_address": "",
        "details": '{"scopes": ["request:create", "request:read"]}',
    }


def test_export_has_the_client_ip_that_was_stored(admin_client, db):
    at(datetime(2026, 1, 1, tzinfo=UTC), ip_address="192.0.2.1")
    assert exported(admin_client.get(EXPORT))[0]["ip_address"] == "192.0.2.1"


def test_export_is_what_the_list_is_filtered_to(admin_client, event):
    at(datetime(2026, 1, 1, tzinfo=UTC))
    assert [row["kind"] for row in exported(admin_client.get(EXPORT, {"kind__exact": "authorized"}))] == ["authorized"]


def test_export_is_of_the_period(admin_client, days):
    assert len(exported(admin_client.get(EXPORT, {"from": "2026-01-02"}))) == 1


def test_export_is_of_what_was_searched_for(admin_client, event):
    assert exported(admin_client.get(EXPORT, {"q": "somebody else"})) == []


def test_export_can_not_be_filtered_by_a_hash(admin_client, event):
    assert admin_client.get(EXPORT, {"user__password__startswith": "a"}).status_code == 400


def test_export_with_an_invalid_filter_redirects_to_the_list(admin_client, event):
    response = admin_client.get(EXPORT, {"from": "junk"})
    assert (response.status_code, response["Location"]) == (302, LIST)


@pytest.mark.parametrize("at_once", [1, 2, 3, 7])
def test_export_leaves_nothing_out_and_repeats_nothing(admin_client, db, monkeypatch, at_once):
    monkeypatch.setattr(audit_export, "EXPORT_BATCH_SIZE", at_once)
    same, later = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    for number, moment in enumerate([same, later, same, same, later, same]):
        at(moment, username=str(number))
    assert [row["username"] for row in exported(admin_client.get(EXPORT))] == ["4", "1", "5", "3", "2", "0"]


def test_export_reads_one_batch_at_a_time(admin_client, db, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(audit_export, "EXPORT_BATCH_SIZE", 2)
    for number in range(5):
        at(datetime(2026, 1, 1, tzinfo=UTC), username=str(number))
    response = admin_client.get(EXPORT)
    # Two full batches, one with the rest, and an empty one.
    with django_assert_num_queries(4):
        exported(response)


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n"], ids=repr)
def test_export_escapes_formulas(admin_client, db, first):
    at(datetime(2026, 1, 1, tzinfo=UTC), username=f"{first}cmd()")
    assert exported(admin_client.get(EXPORT))[0]["username"] == f"'{first}cmd()"


def test_export_is_an_attachment_that_is_not_cached(admin_client, event):
    response = admin_client.get(EXPORT)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="audit-events.csv"'
    assert "no-store" in response["Cache-Control"]


def test_export_is_for_who_may_view_the_trail(staff, event):
    assert staff("view_auditevent").get(EXPORT).status_code == 200


def test_export_is_for_nobody_else(staff, event):
    assert staff("view_authorization").get(EXPORT).status_code == 403


def test_export_is_linked_with_the_filters_of_the_list(admin_client, event):
    page = admin_client.get(LIST, {"kind__exact": "authorized"}).content.decode()
    assert f'href="{EXPORT}?kind__exact=authorized"' in page
