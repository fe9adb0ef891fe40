"""Authorization responses: to the registered URI only, with the issuer and the unchanged state."""

import re
import socket
import time
from urllib.parse import parse_qsl, urlsplit

import pytest

from fourme_oauth.models import Grant
from tests.factories import ApplicationFactory, LinkedApplicationFactory, authorize
from tests.third_party import CHALLENGE, ThirdParty, answer_parameters

# RFC 6749 section 4.1.2.1
DESCRIPTION = re.compile(r"\A[\x20-\x21\x23-\x5B\x5D-\x7E]*\Z")

FAULTS = [
    {"response_type": "token"},
    {"response_type": 'é"\\'},
    {"scope": 'unknown"\\é'},
    {"code_challenge": 'é"\\'},
    {"code_challenge": CHALLENGE, "code_challenge_method": 'é"\\'},
    {"prompt": "none"},
]

STATES = [
    "".join(map(chr, range(1, 128))),
    "日本" * 680,
    "a\r\nSet-Cookie: stolen=1",
    "%25%zz+ &=#;",
    "'\"<script>alert(1)</script>",
    "\u2028\x85\ufeff\U0001f600",
    "&code=evil&iss=https://evil.example",
]


def is_in_time(act):
    """A second is a hundred times as much as it takes."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start < 1


@pytest.mark.parametrize("parameters", FAULTS)
def test_every_error_names_the_issuer(third_party, parameters):
    answer = answer_parameters(third_party.authorize(**parameters))
    assert answer["iss"] == "http://testserver"
    assert "code" not in answer


def test_an_error_for_who_has_not_signed_in_names_the_issuer(client, application):
    answer = answer_parameters(ThirdParty(client, application).authorize(prompt="none"))
    assert (answer["error"], answer["iss"]) == ("login_required", "http://testserver")


def test_an_error_for_an_application_without_this_grant_names_the_issuer(browser):
    linked = LinkedApplicationFactory(scopes=["request:read"], redirect_uris="https://third-party.example/callback")
    assert answer_parameters(ThirdParty(browser, linked).authorize())["iss"] == "http://testserver"


@pytest.mark.parametrize("parameters", FAULTS)
def test_an_error_is_described_in_the_characters_that_the_rfc_allows(third_party, parameters):
    answer = answer_parameters(third_party.authorize(**parameters))
    assert DESCRIPTION.match(answer["error"] + answer.get("error_description", ""))


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("button", ["allow", "deny"])
def test_state_comes_back_exactly_with_either_button(third_party, button, state):
    assert answer_parameters(third_party.answer(button, state=state))["state"] == state


@pytest.mark.parametrize("state", STATES)
def test_state_comes_back_exactly_with_an_error(third_party, state):
    assert answer_parameters(third_party.authorize(state=state, scope="unknown"))["state"] == state


@pytest.mark.parametrize("state", STATES)
def test_state_adds_no_parameter_to_the_answer(third_party, state):
    answer = parse_qsl(urlsplit(third_party.answer("allow", state=state)["Location"]).query, keep_blank_values=True)
    assert sorted(name for name, _ in answer) == ["code", "iss", "state"]


@pytest.mark.parametrize("button", ["allow", "deny"])
def test_response_is_no_redirect_that_repeats_the_post(third_party, button):
    """307 and 308 would post the user's form to the application."""
    assert third_party.answer(button).status_code == 302


def test_a_registered_query_stays_and_the_answer_is_added(browser):
    application = ApplicationFactory(scopes=["request:read"], redirect_uris="https://third-party.example/cb?tenant=7")
    answer = answer_parameters(ThirdParty(browser, application).answer("allow"))
    assert set(answer) == {"tenant", "code", "state", "iss"}


@pytest.mark.parametrize("response_mode", ["fragment", "form_post", "web_message"])
def test_an_answer_is_in_the_query_whatever_is_asked_for(third_party, response_mode):
    assert "code" in answer_parameters(third_party.answer("allow", response_mode=response_mode))


def test_an_unknown_parameter_is_ignored(third_party):
    assert "code" in answer_parameters(third_party.answer("allow", anything="x"))


def test_an_address_that_the_request_names_is_not_fetched(third_party, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("somebody was called")

    monkeypatch.setattr(socket, "create_connection", refuse)
    page = third_party.authorize(
        request_uri="http://169.254.169.254/", request="x", client_metadata="https://e.example"
    )
    assert page.status_code == 200


@pytest.mark.parametrize("redirect_uri", ["http://[" + ":" * 60_000, "http://[::1" + "%" * 60_000, "[" * 60_000])
def test_junk_for_an_address_costs_no_time(third_party, redirect_uri):
    assert is_in_time(lambda: third_party.authorize(redirect_uri=redirect_uri))


@pytest.mark.parametrize("scope", ["x" * 60_000, "x " * 30_000, "request:read " * 4_500, " " * 60_000])
def test_a_very_long_scope_costs_no_time(third_party, scope):
    assert is_in_time(lambda: third_party.authorize(scope=scope))


def test_a_code_has_160_random_bits(third_party):
    """RFC 6749 section 10.10: 62 letters and digits, 27 of them for 160 bits."""
    assert re.match(r"\A[A-Za-z0-9]{27,}\Z", third_party.code())


def test_a_head_request_gives_no_code_to_an_application_that_was_allowed_before(third_party, user):
    authorize(user, third_party.application)
    third_party.browser.head(third_party.authorize_url())
    assert not Grant.objects.exists()


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_another_method_is_not_answered(third_party, method):
    assert getattr(third_party.browser, method)(third_party.authorize_url()).status_code == 405
