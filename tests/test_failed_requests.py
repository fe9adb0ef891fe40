from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError

from fourme_oauth import failed_requests
from fourme_oauth.failed_requests import sentence
from fourme_oauth.failed_requests.reasons import redirect_uri_details
from fourme_oauth.models import FailedRequest
from fourme_oauth.models.failed_request import KINDS
from tests.factories import ApplicationFactory

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def record(application, kind="other", *, minute=0, **details):
    failed_requests.record(application, kind, now=NOON + minute * MINUTE, details=details)


def test_a_failure_is_kept(application):
    record(application, "secret_missing")
    row = FailedRequest.objects.get()
    assert (row.application, row.kind, row.times, row.last_at) == (application, "secret_missing", 1, NOON)


def test_the_same_failure_is_counted(application):
    record(application, error="x")
    record(application, error="x", minute=2)
    row = FailedRequest.objects.get()
    assert (row.times, row.first_at, row.last_at) == (2, NOON, NOON + 2 * MINUTE)


def test_another_failure_of_the_kind_is_kept_beside_it(application):
    record(application, error="x")
    record(application, error="y", minute=2)
    assert FailedRequest.objects.count() == 2


def test_one_kind_is_written_once_a_minute(application):
    record(application, error="x")
    record(application, error="y", minute=0.5)
    assert [row.details for row in FailedRequest.objects.all()] == [{"error": "x"}]


def test_two_kinds_are_written_in_the_same_minute(application):
    record(application, "code_used")
    record(application, "code_unknown")
    assert FailedRequest.objects.count() == 2


def test_two_applications_are_written_in_the_same_minute(application):
    record(application)
    record(ApplicationFactory())
    assert FailedRequest.objects.count() == 2


def test_of_one_kind_the_youngest_are_kept(application, monkeypatch):
    monkeypatch.setattr(failed_requests, "MOST_OF_A_KIND", 2)
    record(application, "code_used")
    for minute in range(4):
        record(application, minute=minute * 2, error=str(minute))
    assert [row.details for row in FailedRequest.objects.all()] == [{"error": "3"}, {"error": "2"}, {}]


def test_of_one_application_the_youngest_are_kept(application, monkeypatch):
    monkeypatch.setattr(failed_requests, "MOST_OF_AN_APPLICATION", 2)
    record(ApplicationFactory())
    for minute, kind in enumerate(["code_used", "code_unknown", "code_burnt"]):
        record(application, kind, minute=minute)
    kept = FailedRequest.objects.filter(application=application)
    assert [row.kind for row in kept] == ["code_burnt", "code_unknown"]


def test_failure_that_can_not_be_recorded_is_ignored(application, monkeypatch, caplog):
    def fail(*args, **kwargs):
        raise IntegrityError("a value of somebody's")

    monkeypatch.setattr(failed_requests, "_keep_youngest", fail)
    record(application)
    assert caplog.messages == ["A failed request could not be recorded: IntegrityError"]


def test_failed_requests_are_deleted_with_their_application(application):
    record(application)
    application.delete()
    assert not FailedRequest.objects.exists()


def test_it_reads_as_what_happened_and_when():
    assert str(FailedRequest(kind="code_used", last_at=NOON)) == "code used before 2026-01-01 12:00"


# Explanations

DETAILS = {
    "hint": "abcd",
    "at": NOON.isoformat(),
    "asked": "https://acme.example/callbak",
    "registered": "https://acme.example/callback",
    "parts": ["path"],
    "user": "jane",
    "names": ["request:read"],
    "error": "invalid_request",
}


def test_the_choices_are_the_kinds():
    assert [code for code, _label in FailedRequest._meta.get_field("kind").choices] == list(KINDS)


def test_no_two_kinds_read_the_same():
    assert len({str(kind.label) for kind in KINDS.values()}) == len(KINDS)


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_sentence_has_its_details(kind):
    told = sentence(FailedRequest(kind=kind, details=DETAILS))
    assert told
    assert "%" not in told


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_sentence_without_its_details_is_one_still(kind):
    assert sentence(FailedRequest(kind=kind))


def test_a_retired_secret_says_which_and_when():
    told = sentence(FailedRequest(kind="secret_retired", details={"hint": "abcd", "at": NOON.isoformat()}))
    assert told == "The client secret that ends with abcd was retired on 01/01/2026 noon."


def test_scopes_that_are_not_in_the_catalogue_are_not_repeated():
    told = sentence(FailedRequest(kind="scope_not_allowed", details={"names": ["person:read"], "unknown": 1}))
    assert told.endswith("person:read, some that are not in the catalogue.")


# Redirect URIs

REGISTERED = ["https://acme.example/callback", "http://127.0.0.1:8000/callback"]


@pytest.mark.parametrize(
    ("asked", "parts"),
    [
        ("https://acme.example/callbak", ["path"]),
        ("https://acme.example/callback/", ["path"]),
        ("http://acme.example/callback", ["scheme"]),
        ("https://evil.example/callback", ["hostname"]),
        ("https://acme.example:8443/callback", ["port"]),
        ("https://acme.example/callback?next=1", ["query"]),
        ("https://acme.example/callback#top", ["fragment"]),
        ("https://jane@acme.example/callback", ["username"]),
        ("https://evil.example/elsewhere", ["hostname", "path"]),
    ],
)
def test_what_differs_is_named(asked, parts):
    details = redirect_uri_details(asked, REGISTERED)
    assert (details["registered"], details["parts"]) == (REGISTERED[0], parts)


def test_the_nearest_of_the_registered_is_named():
    assert redirect_uri_details("http://127.0.0.1:8000/cb", REGISTERED)["registered"] == REGISTERED[1]


def test_of_two_equally_near_the_one_with_the_same_prefix_is_named():
    registered = ["https://acme.example/a", "https://acme.example/callback/one"]
    assert redirect_uri_details("https://acme.example/callback/two", registered)["registered"] == registered[1]


def test_nothing_that_may_be_a_secret_is_kept():
    asked = "https://jane:password@acme.example/" + "x" * 41 + "/ok?code=secret#token"
    assert redirect_uri_details(asked, REGISTERED)["asked"] == "https://acme.example/…/ok"


def test_private_use_scheme_is_shown_unchanged():
    assert redirect_uri_details("com.acme:/cb", ["com.acme:/callback"])["asked"] == "com.acme:/cb"


def test_of_a_long_one_the_beginning_is_kept():
    assert len(redirect_uri_details("https://acme.example" + "/x" * 500, REGISTERED)["asked"]) == 200


@pytest.mark.parametrize("junk", ["https://[::1", "https://acme.example:99999/", "http://a:b/"])
def test_what_is_no_uri_is_not_repeated(junk):
    assert redirect_uri_details(junk, REGISTERED)["asked"] == "(not a valid URI)"
