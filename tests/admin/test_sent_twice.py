"""Resubmitting the form for a new application registers and issues nothing (idempotency key)."""

import re
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection
from django.test import Client

from fourme_oauth.admin import ApplicationAdmin
from fourme_oauth.models import Application, AuditEvent, ClientSecret
from tests.factories import ScopeFactory, UserFactory

LIST = "/admin/fourme_oauth/application/"
ADD = f"{LIST}add/"
PIXEL = b"\x89PNG"


def filled_in(**more):
    return {
        "name": "Acme",
        "client_type": "confidential",
        "authorization_grant_type": "authorization-code",
        "redirect_uris": "https://acme.example/callback",
        "form_key": str(uuid4()),
    } | more


def test_each_copy_of_the_form_has_a_key_of_its_own(admin_client):
    keys = {admin_client.get(ADD).context["adminform"].form["form_key"].value() for _ in range(2)}
    assert len(keys) == 2


def test_key_is_a_hidden_field_of_the_form(admin_client):
    assert re.search(
        r'<input type="hidden" name="form_key" value="[0-9a-f-]{36}"', admin_client.get(ADD).content.decode()
    )


def test_form_with_a_mistake_keeps_its_key(admin_client):
    form = filled_in(name="")
    assert f'value="{form["form_key"]}"' in admin_client.post(ADD, form).content.decode()


@pytest.fixture
def sent_again(admin_client):
    """The response to a resubmitted form."""
    form = filled_in()
    admin_client.post(ADD, form)
    return admin_client.post(ADD, form | {"name": "Acme, changed"})


def test_resubmitted_form_registers_nothing(sent_again):
    assert [each.name for each in Application.objects.all()] == ["Acme"]


def test_resubmitted_form_issues_nothing(sent_again):
    assert ClientSecret.objects.count() == 1


def test_resubmitted_form_is_not_in_the_audit_trail(sent_again):
    assert AuditEvent.objects.filter(kind=AuditEvent.Kind.APPLICATION_REGISTERED).count() == 1


def test_resubmitted_form_shows_a_message(sent_again):
    assert "The first submission was processed, for Acme." in sent_again.content.decode()


def test_resubmitted_form_redirects_to_the_registered_application(sent_again):
    assert f'href="{LIST}{Application.objects.get().pk}/change/"' in sent_again.content.decode()


def test_resubmitted_form_links_to_issuing_another_secret(sent_again):
    assert f'href="{LIST}{Application.objects.get().pk}/secrets/issue/"' in sent_again.content.decode()


def test_another_copy_of_the_form_registers_another_application(admin_client):
    for _ in range(2):
        admin_client.post(ADD, filled_in())
    assert Application.objects.count() == 2


@pytest.mark.parametrize("key", ["", "junk"])
def test_form_without_a_key_registers(admin_client, key):
    admin_client.post(ADD, {name: value for name, value in filled_in(form_key=key).items() if value != ""})
    assert Application.objects.exists() == (key == "")


def test_resubmitted_form_without_add_permission_is_refused(admin_client, staff):
    form = filled_in()
    admin_client.post(ADD, form)
    assert staff("view_application").post(ADD, form).status_code == 403


@pytest.fixture
def send_together(transactional_db, media, monkeypatch):
    """Send the same copy of the form twice at the same time and return both answers."""
    both, looked = Barrier(2, timeout=60), ApplicationAdmin._already_submitted

    def look_and_wait(self, request):
        found = looked(self, request)
        if not getattr(request, "has_waited", False):
            request.has_waited = True
            both.wait()
        return found

    monkeypatch.setattr(ApplicationAdmin, "_already_submitted", look_and_wait)

    def send_together(**more):
        administrator, form, answers = UserFactory(is_staff=True, is_superuser=True), filled_in(**more), []

        def send():
            browser = Client()
            browser.force_login(administrator)
            logo = {"logo": SimpleUploadedFile("acme.png", PIXEL)}
            answers.append(browser.post(ADD, form | logo).content.decode())
            connection.close()

        threads = [Thread(target=send) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    return send_together


def test_of_forms_sent_at_the_same_time_one_registers(send_together):
    answers = send_together(scopes=[ScopeFactory().pk])
    assert (Application.objects.count(), ClientSecret.objects.count()) == (1, 1)
    assert sorted("client-secret" in answer for answer in answers) == [False, True]
    assert sum("This one was ignored." in answer for answer in answers) == 1


def test_of_forms_sent_at_the_same_time_one_leaves_its_logo(send_together, media):
    send_together()
    assert media() == [Application.objects.get().logo.name]


@pytest.fixture
def media(settings, tmp_path):
    """List the files in MEDIA_ROOT."""
    settings.MEDIA_ROOT = tmp_path
    return lambda: sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())


@pytest.fixture
def is_refused(monkeypatch):
    """The database refuses the row, for a reason of its own."""

    def fail(self, **kwargs):
        raise IntegrityError("something else")

    monkeypatch.setattr(Application, "save", fail)


def test_other_integrity_error_is_not_taken_for_a_resubmission(admin_client, is_refused):
    with pytest.raises(IntegrityError):
        admin_client.post(ADD, filled_in())


def test_refused_row_deletes_no_file_of_another_application(admin_client, is_refused, media, tmp_path):
    (tmp_path / "acme.png").write_bytes(PIXEL)
    with pytest.raises(IntegrityError):
        admin_client.post(ADD, filled_in(logo=SimpleUploadedFile("acme.png", PIXEL)))
    assert media() == ["acme.png"]
