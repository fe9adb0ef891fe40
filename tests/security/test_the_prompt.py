"""The prompt: bound to its user and session, escaped, without scripts, and not framed."""

import logging

import pytest
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.core import signing
from django.test import Client

from fourme_oauth.models import Authorization
from tests.factories import ApplicationFactory, ScopeFactory, UserFactory
from tests.third_party import HiddenInputs, ThirdParty, answer_parameters

MARKUP = "<script>alert(1)</script>"
EXPRESSION = "{{ 7|add:7 }}${7*7}"


@pytest.fixture
def bare_site(settings, user):
    """A signed-in browser at a site without the middleware that sets such headers."""
    without = ("clickjacking", "django.middleware.security")
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not any(part in name for part in without)]
    browser = Client()
    browser.force_login(user)
    return browser


@pytest.mark.parametrize(("header", "value"), [("X-Frame-Options", "DENY"), ("Referrer-Policy", "same-origin")])
def test_prompt_sends_its_own_security_headers(bare_site, application, header, value):
    assert ThirdParty(bare_site, application).authorize()[header] == value


@pytest.mark.parametrize(("header", "value"), [("X-Frame-Options", "DENY"), ("Referrer-Policy", "same-origin")])
def test_error_page_sends_its_own_security_headers(bare_site, application, header, value):
    assert ThirdParty(bare_site, application).authorize(client_id="unknown")[header] == value


def test_the_prompt_runs_no_script(third_party):
    assert third_party.authorize()["Content-Security-Policy"].startswith("default-src 'none'; style-src")


def test_the_prompt_has_nothing_from_another_site(third_party):
    page = third_party.authorize().content.decode()
    assert "src=" not in page
    assert page.count('<link rel="stylesheet" href="/static/') == page.count("<link")


def test_the_prompt_says_how_long_access_lasts(third_party):
    assert "Access lasts until you take it back" in third_party.authorize().content.decode()


@pytest.mark.parametrize("text", [MARKUP, EXPRESSION])
@pytest.mark.parametrize("field", ["name", "publisher", "description"])
def test_what_an_application_says_of_itself_is_shown_as_text(browser, field, text):
    application = ApplicationFactory(scopes=["request:read"], **{field: text})
    page = ThirdParty(browser, application).authorize().content.decode()
    assert MARKUP not in page
    assert text.replace("<", "&lt;").replace(">", "&gt;") in page


def test_a_user_s_name_is_shown_as_text(client, application):
    client.force_login(UserFactory(username=MARKUP))
    assert MARKUP not in ThirdParty(client, application).authorize().content.decode()


def test_a_scope_s_wording_is_shown_as_text(browser):
    ScopeFactory(name="odd:scope", wording=MARKUP)
    application = ApplicationFactory(scopes=["odd:scope"])
    assert MARKUP not in ThirdParty(browser, application).authorize().content.decode()


@pytest.mark.parametrize("name", ["error", "error_description", "error_hint", "error_uri", "redirect_uri", "client_id"])
def test_the_page_about_a_faulty_request_repeats_nothing_of_it(third_party, name):
    page = third_party.authorize(**{"client_id": "unknown", name: f"{EXPRESSION}{MARKUP}"}).content.decode()
    assert "alert(1)" not in page
    assert "7*7" not in page


def test_request_data_takes_one_line_of_the_log(third_party, caplog):
    with caplog.at_level(logging.WARNING, "fourme_oauth"):
        third_party.authorize(client_id="x\r\n2026-01-01 INFO all is well\x1b[2J")
    (record,) = [record for record in caplog.records if record.name.startswith("fourme_oauth")]
    assert record.getMessage().isprintable()


# The POST is bound to the user, session and request of the prompt


def press_allow(browser, third_party, shown, **parameters):
    return browser.post(third_party.authorize_url(**parameters), {"signature": shown, "allow": "1"})


def shown_to(browser, third_party, **parameters):
    page = browser.get(third_party.authorize_url(**parameters))
    return HiddenInputs(page.content.decode()).values["signature"]


def test_the_prompt_of_one_user_can_be_answered_by_that_user(browser, third_party):
    assert "code" in answer_parameters(press_allow(browser, third_party, shown_to(browser, third_party)))


def test_the_prompt_of_one_user_can_not_be_answered_by_another(browser, third_party):
    shown = shown_to(browser, third_party)
    somebody_else = Client()
    somebody_else.force_login(UserFactory())
    assert press_allow(somebody_else, third_party, shown).status_code == 400
    assert not Authorization.objects.exists()


def test_the_prompt_of_one_session_can_not_be_answered_in_another(browser, third_party, user):
    shown = shown_to(browser, third_party)
    elsewhere = Client()
    elsewhere.force_login(user)
    assert press_allow(elsewhere, third_party, shown).status_code == 400
    assert not Authorization.objects.exists()


def test_the_prompt_of_one_user_can_not_be_answered_by_another_in_the_same_session(browser, third_party):
    """A site may let its staff act as others and keep the session's key."""
    shown, other = shown_to(browser, third_party), UserFactory()
    session = browser.session
    session.update({SESSION_KEY: str(other.pk), HASH_SESSION_KEY: other.get_session_auth_hash()})
    session.save()
    assert press_allow(browser, third_party, shown).status_code == 400
    assert not Authorization.objects.exists()


def test_a_prompt_can_not_be_answered_once_more_would_be_requested(browser, third_party, application):
    shown = shown_to(browser, third_party)
    application.scopes.add(ScopeFactory(name="person:read"))
    assert press_allow(browser, third_party, shown).status_code == 400
    assert not Authorization.objects.exists()


def test_the_prompt_of_one_application_can_not_be_answered_for_another(browser, third_party, other):
    shown = shown_to(browser, third_party, scope="request:read")
    assert press_allow(browser, other, shown, scope="request:read").status_code == 400
    assert not Authorization.objects.exists()


def test_the_prompt_for_one_redirect_uri_can_not_be_answered_for_another(browser):
    application = ApplicationFactory(scopes=["request:read"], redirect_uris="https://a.example/ https://b.example/")
    third_party = ThirdParty(browser, application)
    shown = shown_to(browser, third_party)
    assert press_allow(browser, third_party, shown, redirect_uri="https://b.example/").status_code == 400


def test_a_prompt_can_not_be_answered_after_an_hour(browser, third_party, monkeypatch):
    shown = shown_to(browser, third_party)
    now = signing.time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now + 60 * 60 + 1)
    assert press_allow(browser, third_party, shown).status_code == 400


def test_something_else_that_the_site_signed_is_no_prompt(browser, third_party):
    shown = signing.loads(shown_to(browser, third_party), salt="fourme_oauth.consent")
    assert press_allow(browser, third_party, signing.dumps(shown, salt="another")).status_code == 400


def test_deny_needs_the_browser_s_own_csrf_token(third_party, user):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    assert strict.post(third_party.authorize_url(), {"deny": "1"}).status_code == 403


def test_deny_with_the_browser_s_own_csrf_token_is_accepted(third_party, user):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    inputs = HiddenInputs(strict.get(third_party.authorize_url()).content.decode()).values
    assert strict.post(third_party.authorize_url(), {"deny": "1"} | inputs).status_code == 302


@pytest.fixture
def somebody(user):
    """A signed-in browser at a site with CSRF checks."""
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    return strict


@pytest.mark.parametrize("button", ["allow", "deny", "another_account"])
def test_without_the_site_s_own_middleware_a_cross_site_post_is_refused(settings, somebody, application, button):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "csrf" not in name]
    third_party = ThirdParty(somebody, application)
    assert somebody.post(third_party.authorize_url(), {button: "1"}).status_code == 403


def test_without_the_site_s_own_middleware_a_post_is_accepted(settings, somebody, application):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "csrf" not in name]
    third_party = ThirdParty(somebody, application)
    inputs = HiddenInputs(third_party.authorize().content.decode()).values
    assert "code" in answer_parameters(somebody.post(third_party.authorize_url(), {"allow": "1"} | inputs))


def test_form_rendered_before_a_sign_in_in_another_tab_is_explained(somebody, third_party, application):
    third_party = ThirdParty(somebody, application)
    inputs = HiddenInputs(third_party.authorize().content.decode()).values
    somebody.cookies["csrftoken"] = "x" * 32
    response = somebody.post(third_party.authorize_url(), {"allow": "1"} | inputs)
    assert response.status_code == 403
    assert "Start again" in response.content.decode()
    assert not Authorization.objects.exists()
