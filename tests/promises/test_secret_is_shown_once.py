"""The secret of an application is in the answer to the POST that registered it, and nowhere else."""

import logging
import re
from dataclasses import dataclass
from http.cookies import SimpleCookie

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from fourme_oauth import client_secrets
from fourme_oauth.models import Application, AuditEvent, ClientSecret
from tests.factories import ApplicationFactory, ScopeFactory

LIST = "/admin/fourme_oauth/application/"


@dataclass(frozen=True, kw_only=True)
class Registration:
    """The response, cookies, logs and SQL statements of registering an application."""

    secret: str
    response: HttpResponse
    cookies: SimpleCookie
    logged: str
    statements: str

    @property
    def body(self) -> str:
        return self.response.content.decode()


@pytest.fixture
def registration(admin_client, caplog):
    """Register a confidential application through the form, with every logger at DEBUG."""
    form = {
        "name": "Acme Dashboard",
        "client_type": "confidential",
        "authorization_grant_type": "authorization-code",
        "redirect_uris": "https://acme.example/callback",
        "scopes": [ScopeFactory(name="request:read").pk],
        "form_key": "5e7ab1ec-0de5-4a0f-9d0e-3d5b1b0f6c11",
    }
    for logger in (None, "django", "django.db.backends", "django.template", "fourme_oauth", "oauth2_provider"):
        caplog.set_level(logging.DEBUG, logger=logger)
    with CaptureQueriesContext(connection) as queries:
        response = admin_client.post(f"{LIST}add/", form)
    return Registration(
        secret=re.search(r'id="client-secret">([^<]+)<', response.content.decode())[1],
        response=response,
        cookies=admin_client.cookies,
        logged="\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records),
        statements="\n".join(query["sql"] for query in queries),
    )


@pytest.fixture
def application(registration):
    return Application.objects.get()


def everything_in_the_database():
    """Every column of every row of every table, table by table."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                yield table, " ".join(map(_readable, row))


def _readable(value):
    return bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value)


def test_secret_is_in_the_answer_once(registration):
    assert registration.body.count(registration.secret) == 1


def test_secret_is_the_one_that_works(registration, application):
    now = ClientSecret.objects.get().issued_at
    assert client_secrets.verify(application, registration.secret, now=now)


def test_secret_is_in_no_header(registration):
    assert registration.secret not in str(registration.response.headers)


def test_answer_is_kept_nowhere_on_its_way(registration):
    assert "no-store" in registration.response["Cache-Control"]


def test_secret_is_in_no_cookie(registration):
    assert registration.secret not in registration.cookies.output() + registration.response.cookies.output()


def test_no_message_waits_in_a_cookie(registration):
    # Messages are packed there, so that a search for the text would not find it.
    assert "messages" not in registration.cookies


def test_secret_is_in_no_message(registration):
    messages = [str(message) for message in get_messages(registration.response.wsgi_request)]
    assert registration.secret not in str(messages)


def test_secret_is_in_no_session(registration):
    # Sessions are packed in the database, too.
    sessions = [session.get_decoded() for session in Session.objects.all()]
    assert sessions
    assert registration.secret not in str(sessions)


def test_dump_of_the_database_finds_what_is_there(registration, application):
    tables = {table for table, row in everything_in_the_database() if application.client_id in row}
    assert {Application._meta.db_table, AuditEvent._meta.db_table} <= tables


def test_secret_is_in_no_column_of_any_table(registration):
    assert [table for table, row in everything_in_the_database() if registration.secret in row] == []


def test_random_part_of_the_secret_is_in_no_column_of_any_table(registration):
    random_part = registration.secret.removeprefix("fms_")[:43]
    assert [table for table, row in everything_in_the_database() if random_part in row] == []


def test_secret_is_in_no_entry_of_the_administrations_log(registration):
    entries = [(entry.object_repr, entry.change_message) for entry in LogEntry.objects.all()]
    assert entries
    assert registration.secret not in str(entries)


def test_secret_is_in_no_audit_event(registration):
    events = list(AuditEvent.objects.values())
    assert events
    assert registration.secret not in str(events)


def test_secret_is_in_no_statement_sent_to_the_database(registration):
    assert "INSERT" in registration.statements
    assert registration.secret not in registration.statements


def test_secret_is_in_no_log(registration):
    assert "INSERT" in registration.logged
    assert registration.secret not in registration.logged


def test_secret_is_in_no_mail(registration):
    assert registration.secret not in str([vars(message) for message in mail.outbox])


@pytest.mark.parametrize("page", ["", "{pk}/change/", "{pk}/history/", "{pk}/delete/"])
def test_secret_is_on_no_later_page_of_the_application(registration, admin_client, application, page):
    response = admin_client.get(LIST + page.format(pk=application.pk))
    assert response.status_code == 200
    assert registration.secret not in response.content.decode()


@pytest.mark.parametrize("page", ["/admin/", "/admin/fourme_oauth/auditevent/"])
def test_secret_is_on_no_other_page_of_the_administration(registration, admin_client, page):
    response = admin_client.get(page)
    assert response.status_code == 200
    assert registration.secret not in response.content.decode()


def test_secret_is_not_on_the_page_of_its_audit_event(registration, admin_client):
    event = AuditEvent.objects.get(kind=AuditEvent.Kind.SECRET_ISSUED)
    response = admin_client.get(f"/admin/fourme_oauth/auditevent/{event.pk}/change/")
    assert response.status_code == 200
    assert registration.secret not in response.content.decode()


def test_hash_of_the_secret_is_not_on_the_page_of_the_application(registration, admin_client, application):
    digest = ClientSecret.objects.get().digest.rpartition("$")[2]
    assert digest not in admin_client.get(f"{LIST}{application.pk}/change/").content.decode()


@pytest.fixture
def reloaded(registration, admin_client):
    return admin_client.post(f"{LIST}add/", registration.response.wsgi_request.POST)


def test_reloading_the_answer_does_not_show_the_secret_again(registration, reloaded):
    assert registration.secret not in reloaded.content.decode()


def test_reloading_the_answer_shows_no_other_secret(reloaded):
    assert "client-secret" not in reloaded.content.decode()


@pytest.mark.usefixtures("reloaded")
def test_reloading_the_answer_registers_nothing():
    assert Application.objects.count() == 1


@pytest.mark.usefixtures("reloaded")
def test_reloading_the_answer_issues_nothing():
    assert ClientSecret.objects.count() == 1


@pytest.mark.parametrize("shown", [repr, str, "{}".format, "%r".__mod__])
def test_secret_is_not_in_what_python_shows_of_it(db, shown):
    issued = client_secrets.issue(application=ApplicationFactory())
    assert issued.plaintext not in shown(issued)


@pytest.mark.parametrize("shown", [repr, str, lambda row: str(vars(row))])
def test_secret_is_not_in_what_python_shows_of_its_row(db, shown):
    issued = client_secrets.issue(application=ApplicationFactory())
    assert issued.plaintext not in shown(issued.secret)


@pytest.mark.parametrize("shown", [repr, str, lambda row: str(vars(row))])
def test_secret_is_not_in_what_python_shows_of_its_application(registration, application, shown):
    assert registration.secret not in shown(application)
