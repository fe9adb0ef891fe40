"""The parameters prompt and max_age (OpenID Connect Core section 3.1.2.1)."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.core import signing
from django.test import Client

from fourme_oauth.actor import Actor
from fourme_oauth.authorization_server import reauthentication
from fourme_oauth.models import Authorization
from fourme_oauth.revocation import reduce, revoke
from tests.factories import PASSWORD, UserFactory, authorize
from tests.third_party import CHALLENGE, HiddenInputs, ThirdParty, answer_parameters

LOGIN = "/accounts/login/"


def way_back(response):
    """Where the login page leads after the sign-in."""
    assert response.status_code == 302
    assert urlsplit(response["Location"]).path == LOGIN
    return parse_qs(urlsplit(response["Location"]).query)["next"][0]


@pytest.fixture
def allowed(third_party, user):
    """A third party that the user has allowed everything already."""
    authorize(user, third_party.application)
    return third_party


@pytest.fixture
def sign_in(browser, user):
    """Sign the user in again, as the login page does."""
    return lambda: browser.post(LOGIN, {"username": user.username, "password": PASSWORD})


# Valid values


@pytest.mark.parametrize("value", ["none login", "login none", "none consent", "select_account none", "none unknown"])
def test_prompt_none_with_another_value_is_an_error(allowed, value):
    assert answer_parameters(allowed.authorize(prompt=value))["error"] == "invalid_request"


@pytest.mark.parametrize("value", ["unknown", "create", " "])
def test_unknown_prompt_value_is_ignored(allowed, value):
    assert "code" in answer_parameters(allowed.authorize(prompt=value))


@pytest.mark.parametrize("value", ["-1", "1.5", "soon", "٣", "1" * 11])
def test_a_max_age_that_is_no_number_is_an_error(allowed, value):
    assert answer_parameters(allowed.authorize(max_age=value))["error"] == "invalid_request"


# prompt=consent


def test_prompt_consent_asks_for_granted_scopes_again(allowed):
    page = allowed.authorize(prompt="consent").content.decode()
    assert "Use request:read" in page
    assert "Use request:create" in page


def test_consent_is_answered_with_a_code(allowed):
    assert "code" in answer_parameters(allowed.answer("allow", prompt="consent"))


def test_consent_asks_about_a_trusted_application_too(third_party):
    third_party.application.skip_authorization = True
    third_party.application.save()
    assert third_party.authorize(prompt="consent").status_code == 200


def test_an_answer_to_a_demanded_prompt_counts_once(allowed):
    page = allowed.authorize(prompt="consent")
    allowed.answer("allow", page=page, prompt="consent")
    assert allowed.answer("allow", page=page, prompt="consent").status_code == 400


# prompt=none


def test_none_for_a_native_application_is_an_error(mobile, user):
    authorize(user, mobile.application)
    response = mobile.authorize(prompt="none", code_challenge=CHALLENGE, code_challenge_method="S256")
    assert answer_parameters(response)["error"] == "consent_required"


def test_prompt_none_for_more_than_granted_is_an_error(third_party, user):
    authorize(user, third_party.application, "request:read")
    assert answer_parameters(third_party.authorize(prompt="none"))["error"] == "consent_required"


def test_none_with_a_sign_in_that_is_too_old_is_an_error(allowed, browser):
    session = browser.session
    session[reauthentication.SIGNED_IN_AT] -= 100
    session.save()
    assert answer_parameters(allowed.authorize(prompt="none", max_age="99"))["error"] == "login_required"


# prompt=login, max_age


def test_prompt_login_redirects_a_signed_in_user_to_the_login_page(allowed):
    assert way_back(allowed.authorize(prompt="login")).startswith("/oauth/authorize?")


def test_login_goes_on_after_the_sign_in(allowed, browser, sign_in):
    back = way_back(allowed.authorize(prompt="login"))
    sign_in()
    assert "code" in answer_parameters(browser.get(back))


def test_login_goes_on_after_the_sign_in_of_who_was_not_signed_in(allowed, browser, sign_in):
    browser.logout()
    back = way_back(allowed.authorize(prompt="login"))
    sign_in()
    assert "code" in answer_parameters(browser.get(back))


def test_login_asks_after_the_sign_in_what_it_has_to_ask(third_party, browser, sign_in):
    back = way_back(third_party.authorize(prompt="login consent"))
    sign_in()
    page = browser.get(back)
    shown = HiddenInputs(page.content.decode()).values["signature"]
    assert "code" in answer_parameters(browser.post(back, {"signature": shown, "allow": "1"}))


def test_login_without_a_sign_in_gives_no_code(allowed, browser):
    page = browser.get(way_back(allowed.authorize(prompt="login")))
    assert page.status_code == 200
    assert "Sign in again" in page.content.decode()


def test_login_page_that_redirects_at_once_causes_no_redirect_loop(allowed, browser, sign_in):
    back = way_back(allowed.authorize(prompt="login"))
    again = way_back(browser.post(back, {"another_account": "1"}))
    sign_in()
    assert "code" in answer_parameters(browser.get(again))


def test_prompt_login_can_not_be_bypassed_by_posting(third_party, browser):
    response = third_party.answer("allow", page=third_party.authorize(), prompt="login")
    assert way_back(response)
    assert not Authorization.objects.exists()


def test_a_sign_in_for_one_request_does_not_count_for_another(allowed, browser, sign_in):
    back = way_back(allowed.authorize(prompt="login", state="one"))
    sign_in()
    assert way_back(browser.get(back.replace("state=one", "state=two")))


@pytest.mark.parametrize(
    "marker",
    ["made up", signing.dumps({"since": 0.0}), signing.dumps(["since"], salt=reauthentication.SALT)],
    ids=["not signed", "signed for something else", "of another shape"],
)
def test_forged_sign_in_marker_does_not_count(allowed, marker):
    assert way_back(allowed.authorize(prompt="login", **{reauthentication.MARKER: marker}))


def test_a_sign_in_does_not_count_after_an_hour(allowed, browser, sign_in, monkeypatch):
    back = way_back(allowed.authorize(prompt="login"))
    sign_in()
    now = signing.time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now + reauthentication.MARKER_MAX_AGE_SECONDS + 1)
    assert way_back(browser.get(back))


def test_session_without_a_sign_in_time_counts_as_an_old_sign_in(allowed, browser):
    session = browser.session
    del session[reauthentication.SIGNED_IN_AT]
    session.save()
    assert way_back(allowed.authorize(max_age="3600"))


def test_a_sign_in_that_is_young_enough_counts(allowed):
    assert "code" in answer_parameters(allowed.authorize(max_age="3600"))


def test_a_sign_in_that_is_too_old_does_not_count(allowed, browser):
    session = browser.session
    session[reauthentication.SIGNED_IN_AT] -= 100
    session.save()
    assert way_back(allowed.authorize(max_age="99"))


def test_a_max_age_of_nothing_is_met_by_a_sign_in(allowed, browser, sign_in):
    back = way_back(allowed.authorize(max_age="0"))
    sign_in()
    assert "code" in answer_parameters(browser.get(back))


def test_a_sign_in_without_a_session_is_no_error():
    reauthentication.note_sign_in(request=None)


# prompt=select_account


def become(browser, user):
    """Sign somebody else in and keep the session's key, as a site may that lets its staff act as others."""
    session = browser.session
    session.update({SESSION_KEY: str(user.pk), HASH_SESSION_KEY: user.get_session_auth_hash()})
    session.save()


def choose(third_party, button, **parameters):
    return third_party.answer(button, prompt="select_account", **parameters)


def test_select_account_shows_the_account(allowed, user):
    page = allowed.authorize(prompt="select_account").content.decode()
    assert f"Continue as {user.username}" in page
    assert "Use another account" in page


def test_the_account_that_was_chosen_gets_its_code(allowed, browser):
    chosen = choose(allowed, "this_account")
    assert "code" in answer_parameters(browser.get(chosen["Location"]))


def test_account_choice_of_one_user_does_not_count_for_another(allowed, browser):
    chosen = choose(allowed, "this_account")
    browser.force_login(UserFactory())
    assert "Continue as" in browser.get(chosen["Location"]).content.decode()


def test_account_choice_without_a_rendered_page_does_not_count(allowed, browser):
    response = browser.post(allowed.authorize_url(prompt="select_account"), {"signature": "", "this_account": "1"})
    assert "Continue as" in response.content.decode()


@pytest.fixture
def account_page(allowed):
    return allowed.authorize(prompt="select_account")


def test_a_choice_that_was_shown_in_another_session_does_not_count(allowed, account_page, user):
    browser = Client()
    browser.force_login(user)
    response = choose(ThirdParty(browser, allowed.application), "this_account", page=account_page)
    assert "Continue as" in response.content.decode()


def test_a_choice_that_was_shown_for_another_request_does_not_count(allowed, account_page):
    response = choose(allowed, "this_account", page=account_page, state="another")
    assert "Continue as" in response.content.decode()


def test_a_choice_that_was_shown_to_another_user_of_the_session_does_not_count(allowed, account_page, browser):
    become(browser, UserFactory())
    assert "Continue as" in choose(allowed, "this_account", page=account_page).content.decode()


def test_a_choice_that_was_shown_to_this_user_in_this_session_for_this_request_counts(allowed, account_page):
    assert choose(allowed, "this_account", page=account_page).status_code == 302


def test_no_account_is_chosen_by_allow(third_party):
    page = third_party.authorize()
    assert "Continue as" in third_party.answer("allow", page=page, prompt="select_account").content.decode()
    assert not Authorization.objects.exists()


def test_another_account_can_be_chosen(allowed, browser):
    back = way_back(choose(allowed, "another_account"))
    other = UserFactory()
    browser.post(LOGIN, {"username": other.username, "password": PASSWORD})
    assert f"<strong>{other.username}</strong>" in browser.get(back).content.decode()
    assert "Continue as" not in browser.get(back).content.decode()


def test_no_account_need_be_chosen(allowed):
    assert answer_parameters(choose(allowed, "deny"))["error"] == "access_denied"


# Use another account


def test_another_account_really_signs_out(third_party, browser):
    third_party.answer("another_account")
    assert "_auth_user_id" not in browser.session


def test_another_account_comes_back_to_the_same_request(third_party):
    assert way_back(third_party.answer("another_account", state="ü&")) == third_party.authorize_url(state="ü&")


def test_another_account_needs_the_browser_s_own_csrf_token(third_party, user):
    strict = type(third_party.browser)(enforce_csrf_checks=True)
    strict.force_login(user)
    assert strict.post(third_party.authorize_url(), {"another_account": "1"}).status_code == 403
    assert "_auth_user_id" in strict.session


def test_a_link_signs_nobody_out(third_party, browser):
    browser.get(third_party.authorize_url(another_account="1", prompt="login"))
    assert "_auth_user_id" in browser.session


# Withdrawn scopes


def test_withdrawn_scopes_are_left_out_where_the_request_has_no_scope_parameter(allowed, user):
    reduce(Authorization.objects.get(), keep=["request:read"], by=Actor(user))
    tokens = allowed.tokens()
    assert tokens["scope"] == "request:read"


def test_withdrawn_scope_is_asked_for_where_the_request_names_it(allowed, user):
    reduce(Authorization.objects.get(), keep=["request:read"], by=Actor(user))
    assert "Use request:create" in allowed.authorize(scope="request:read request:create").content.decode()


def test_withdrawn_scope_is_asked_for_with_prompt_consent(allowed, user):
    reduce(Authorization.objects.get(), keep=["request:read"], by=Actor(user))
    assert "Use request:create" in allowed.authorize(prompt="consent").content.decode()


def test_request_for_withdrawn_scopes_only_gives_no_code(allowed, user):
    reduce(Authorization.objects.get(), keep=["request:read"], by=Actor(user))
    allowed.application.scopes.remove(allowed.application.scopes.get(name="request:read"))
    assert answer_parameters(allowed.authorize())["error"] == "access_denied"


@pytest.fixture
def trusted(third_party):
    third_party.application.skip_authorization = True
    third_party.application.save()
    return third_party


def test_trusted_application_does_not_skip_consent_for_withdrawn_scopes(trusted, user):
    reduce(authorize(user, trusted.application), keep=["request:read"], by=Actor(user))
    assert trusted.authorize(scope="request:create").status_code == 200


def test_trusted_application_does_not_skip_consent_after_the_user_revoked(trusted, user):
    revoke(authorize(user, trusted.application), by=Actor(user))
    assert trusted.authorize().status_code == 200


def test_trusted_application_skips_consent_after_an_administrator_revoked(trusted, user):
    revoke(authorize(user, trusted.application), by=Actor(UserFactory()))
    assert "code" in answer_parameters(trusted.authorize())
