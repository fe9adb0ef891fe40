import pytest

from fourme_oauth.models import AuditEvent

LIST = "/admin/fourme_oauth/auditevent/"


@pytest.fixture
def event(authorization):
    return AuditEvent.objects.get(kind=AuditEvent.Kind.AUTHORIZED)


def test_list_shows_what_happened_to_whom(admin_client, event, user):
    page = admin_client.get(LIST).content.decode()
    assert "authorized" in page
    assert user.username in page


def test_event_is_found_by_who_it_happened_to(admin_client, event, user):
    assert list(admin_client.get(LIST, {"q": user.username}).context["cl"].queryset) == [event]


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
