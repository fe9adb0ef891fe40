"""The authorization endpoint, and the consent page."""

import logging
from urllib.parse import urlsplit

import pytest

from fourme_oauth.models import Authorization, Grant, Scope
from fourme_oauth.models.credentials import digest
from fourme_oauth.revocation import revoke
from tests.factories import (
    ApplicationFactory,
    LinkedApplicationFactory,
    PublicApplicationFactory,
    ScopeFactory,
    authorize,
)
from tests.third_party import CHALLENGE, ThirdParty, answer_parameters

# Errors before the redirect URI is validated: a page, never a redirect


@pytest.mark.parametrize(
    "parameters",
    [
        {"client_id": "unknown"},
        {"client_id": None},
        {"client_id": "nul\x00"},
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": "https://third-party.example/callback?x=1"},
        {"redirect_uri": "https://third-party.example/callback/"},
        {"redirect_uri": "https://third-party.example/CALLBACK"},
        {"redirect_uri": "https://third-party.example:444/callback"},
        {"redirect_uri": "https://third-party.example@evil.example/callback"},
        {"redirect_uri": "https://third-party.example/callback#x"},
        {"redirect_uri": "/callback"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": "http://[:::" + "1" * 5000},
    ],
)
def test_an_unknown_application_or_redirect_uri_is_a_page_and_no_redirect(third_party, parameters):
    response = third_party.authorize(**parameters)
    assert response.status_code == 400
    assert "Location" not in response.headers
    assert "This link does not work" in response.content.decode()


def test_an_error_page_comes_before_any_sign_in(client, application):
    assert ThirdParty(client, application).authorize(redirect_uri="https://evil.example/").status_code == 400


def test_a_disabled_application_is_a_page(third_party):
    third_party.application.disabled = True
    third_party.application.save()
    assert third_party.authorize().status_code == 400


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge"])
def test_a_repeated_parameter_is_a_page(third_party, name):
    url = third_party.authorize_url(scope="request:read", code_challenge=CHALLENGE, code_challenge_method="S256")
    assert third_party.browser.get(f"{url}&{name}=again").status_code == 400


@pytest.mark.parametrize("query", ["client_id=%zz", "client_id=%ff", "client_id=%00", ""])
def test_junk_in_the_query_string_is_a_page(browser, query):
    assert browser.get("/oauth/authorize?" + query).status_code == 400


def test_the_reference_on_the_page_is_in_the_log(third_party, caplog):
    with caplog.at_level(logging.WARNING):
        page = third_party.authorize(client_id="unknown").content.decode()
    reference = page.partition("<code>")[2].partition("</code>")[0]
    assert f"({reference})" in caplog.text


def test_a_post_without_an_authorization_request_is_a_page(browser):
    assert browser.post("/oauth/authorize", {"client_id": "unknown", "allow": "1"}).status_code == 400


# Errors after that: a redirect to the application


def test_an_error_goes_back_with_state_and_issuer(third_party):
    response = third_party.authorize(response_type="token", state="s p&c")
    parameters = answer_parameters(response)
    assert parameters["error"] == "unsupported_response_type"
    assert parameters["state"] == "s p&c"
    assert parameters["iss"] == "http://testserver"


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"scope": "unknown:scope"}, "invalid_scope"),
        ({"scope": "request:read person:read"}, "invalid_scope"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": CHALLENGE}, "invalid_request"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge_method": "S256"}, "invalid_request"),
    ],
)
def test_a_faulty_request_is_answered_at_the_redirect_uri(third_party, parameters, error):
    ScopeFactory(name="person:read")
    assert answer_parameters(third_party.authorize(**parameters))["error"] == error


def test_an_application_that_is_allowed_nothing_can_not_ask(browser):
    nothing = ThirdParty(browser, ApplicationFactory())
    assert answer_parameters(nothing.authorize())["error"] == "invalid_scope"


def test_a_retired_scope_can_not_be_asked_for(third_party):
    Scope.objects.filter(name="request:read").update(retired=True)
    assert answer_parameters(third_party.authorize(scope="request:read"))["error"] == "invalid_scope"


def test_an_application_for_client_credentials_has_no_authorization_request(browser):
    linked = LinkedApplicationFactory(scopes=["request:read"], redirect_uris="https://third-party.example/callback")
    assert answer_parameters(ThirdParty(browser, linked).authorize())["error"] == "unauthorized_client"


def test_a_public_application_needs_pkce(mobile):
    assert answer_parameters(mobile.authorize())["error"] == "invalid_request"


def test_a_public_application_with_pkce_reaches_the_prompt(mobile):
    assert mobile.authorize(code_challenge=CHALLENGE, code_challenge_method="S256").status_code == 200


def test_an_error_reaches_a_private_use_scheme(mobile):
    assert mobile.authorize()["Location"].startswith("com.example.app:/callback?")


def test_a_confidential_application_can_be_made_to_need_pkce(third_party):
    third_party.application.require_pkce = True
    third_party.application.save()
    assert answer_parameters(third_party.authorize())["error"] == "invalid_request"


# The prompt


def test_an_anonymous_user_signs_in_first_and_comes_back(client, application):
    response = ThirdParty(client, application).authorize()
    assert response.status_code == 302
    assert urlsplit(response["Location"]).path == "/accounts/login/"
    assert "next=/oauth/authorize" in response["Location"]


def test_prompt_none_does_not_send_an_anonymous_user_to_sign_in(client, application):
    assert answer_parameters(ThirdParty(client, application).authorize(prompt="none"))["error"] == "login_required"


def test_prompt_none_without_an_authorization_is_an_error(third_party):
    assert answer_parameters(third_party.authorize(prompt="none"))["error"] == "consent_required"


def test_prompt_none_with_an_authorization_gives_a_code(third_party, user):
    authorize(user, third_party.application)
    assert "code" in answer_parameters(third_party.authorize(prompt="none"))


@pytest.mark.parametrize(
    "told",
    [
        "Application Acme",
        "Because &lt;b&gt; we can",
        "Acme Inc",
        "https://acme.example/",
        "Use request:read",
        "third-party.example",
        "/access-and-security/",
    ],
)
def test_prompt_shows_application_purpose_scopes_and_redirect_host(browser, told):
    application = ApplicationFactory(
        name="Application Acme",
        description="Because <b> we can",
        publisher="Acme Inc",
        homepage="https://acme.example/",
        scopes=["request:read"],
    )
    assert told in ThirdParty(browser, application).authorize().content.decode()


def test_the_prompt_shows_the_application_s_logo(browser):
    application = ApplicationFactory(scopes=["request:read"], logo="fourme_oauth/logos/acme.png")
    assert (
        '<img class="logo" src="/media/fourme_oauth/logos/acme.png"'
        in ThirdParty(browser, application).authorize().content.decode()
    )


def test_the_prompt_has_no_picture_where_there_is_no_logo(third_party):
    assert "<img" not in third_party.authorize().content.decode()


def test_prompt_shows_the_signed_in_user(third_party, user):
    assert f"<strong>{user.username}</strong>" in third_party.authorize().content.decode()


def test_the_prompt_says_what_the_role_does_not_permit(third_party, role):
    ScopeFactory(name="request:create", roles=[role])
    assert "None of your roles permits this now" in third_party.authorize().content.decode()


def test_the_prompt_says_nothing_of_roles_where_they_permit_all(third_party):
    assert "Your role" not in third_party.authorize().content.decode()


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Cache-Control", "no-store"),
        ("X-Frame-Options", "DENY"),
        ("Content-Security-Policy", "frame-ancestors 'none'"),
        ("Referrer-Policy", "same-origin"),
    ],
)
def test_the_prompt_is_kept_from_caches_frames_and_other_sites(third_party, header, value):
    assert value in third_party.authorize()[header]


def test_the_prompt_takes_styles_from_its_own_site_only(third_party):
    assert "style-src 'self';" in third_party.authorize()["Content-Security-Policy"]


def test_the_prompt_takes_styles_from_where_the_site_serves_them(third_party, settings):
    settings.STATIC_URL = "https://cdn.example/static/"
    assert "style-src 'self' https://cdn.example;" in third_party.authorize()["Content-Security-Policy"]


@pytest.mark.parametrize("setting", ["STATIC_URL", "MEDIA_URL"])
def test_the_prompt_takes_images_from_where_the_site_serves_them(third_party, settings, setting):
    setattr(settings, setting, "https://cdn.example/files/")
    assert "img-src 'self' https://cdn.example;" in third_party.authorize()["Content-Security-Policy"]


def test_the_prompt_takes_images_from_its_own_site_only(third_party):
    assert "img-src 'self';" in third_party.authorize()["Content-Security-Policy"]


def test_a_head_request_allows_nothing(third_party, user):
    authorize(user, third_party.application)
    assert third_party.browser.head(third_party.authorize_url()).status_code == 405
    assert not Grant.objects.exists()


# Deny and Allow


def test_deny_redirects_with_access_denied_and_stores_nothing(third_party):
    parameters = answer_parameters(third_party.answer("deny"))
    assert (parameters["error"], parameters["state"], parameters["iss"]) == (
        "access_denied",
        "abc",
        "http://testserver",
    )
    assert not Authorization.objects.exists()


def test_deny_without_a_state_goes_back_without_one(third_party):
    assert "state" not in answer_parameters(third_party.answer("deny", state=None))


def test_allow_goes_back_with_a_code_state_and_issuer(third_party):
    parameters = answer_parameters(third_party.answer("allow"))
    assert set(parameters) == {"code", "state", "iss"}


def test_allow_stores_the_authorization(third_party, user):
    third_party.answer("allow")
    authorization = Authorization.objects.between(user, third_party.application).get()
    assert authorization.granted == {"request:read", "request:create"}


def test_the_code_is_stored_as_its_hash_only(third_party):
    code = third_party.code()
    assert Grant.objects.get().code == digest(code)


def test_without_a_scope_parameter_all_that_is_allowed_is_asked_for(third_party):
    third_party.code()
    assert Grant.objects.get().scope == "request:create request:read"


def test_with_a_scope_parameter_that_much_is_asked_for(third_party):
    third_party.code(scope="request:read")
    assert Grant.objects.get().scope == "request:read"


@pytest.mark.parametrize("state", ["x" * 4096, "ü €", 'a"b<c>&d=e+f%g', "日本"])
def test_state_comes_back_exactly(third_party, state):
    assert answer_parameters(third_party.answer("allow", state=state))["state"] == state


def test_the_one_registered_redirect_uri_is_the_default(third_party):
    response = third_party.answer("allow", redirect_uri=None)
    assert response["Location"].startswith(third_party.redirect_uri)


def test_without_a_redirect_uri_several_registered_ones_are_a_page(browser):
    application = ApplicationFactory(scopes=["request:read"], redirect_uris="https://a.example/ https://b.example/")
    assert ThirdParty(browser, application).authorize(redirect_uri=None).status_code == 400


def test_a_loopback_redirect_uri_may_have_any_port(browser):
    application = PublicApplicationFactory(scopes=["request:read"], redirect_uris="http://127.0.0.1/callback")
    mobile = ThirdParty(browser, application)
    answer = mobile.answer(
        "allow",
        redirect_uri="http://127.0.0.1:51234/callback",
        code_challenge=CHALLENGE,
        code_challenge_method="S256",
    )
    assert answer["Location"].startswith("http://127.0.0.1:51234/callback?code=")


def test_the_answer_needs_the_browser_s_own_csrf_token(third_party, user):
    strict = type(third_party.browser)(enforce_csrf_checks=True)
    strict.force_login(user)
    assert strict.post(third_party.authorize_url(), {"allow": "1"}).status_code == 403
    assert not Authorization.objects.exists()


# What was displayed is what is allowed


def test_an_answer_to_another_request_allows_nothing(third_party):
    page = third_party.authorize(scope="request:read")
    response = third_party.answer("allow", page=page, scope="request:read request:create")
    assert response.status_code == 400
    assert not Authorization.objects.exists()


def test_an_answer_that_was_tampered_with_allows_nothing(third_party):
    response = third_party.browser.post(third_party.authorize_url(), {"allow": "1", "signature": "tampered"})
    assert response.status_code == 400
    assert "out of date" in response.content.decode()


def test_an_answer_without_a_button_allows_nothing(third_party):
    assert third_party.answer("neither").status_code == 400


def test_an_answer_to_a_prompt_that_has_changed_meanwhile_allows_nothing(third_party):
    page = third_party.authorize()
    third_party.application.scopes.add(ScopeFactory(name="person:read"))
    assert third_party.answer("allow", page=page).status_code == 400
    assert not Authorization.objects.exists()


def test_a_double_click_on_allow_gives_a_code_twice_and_asks_once(third_party):
    page = third_party.authorize()
    assert "code" in answer_parameters(third_party.answer("allow", page=page))
    assert "code" in answer_parameters(third_party.answer("allow", page=page))


# Remembered consent


def test_what_was_allowed_is_not_asked_again(third_party):
    third_party.code()
    assert "code" in answer_parameters(third_party.authorize())


def test_less_than_was_allowed_is_not_asked_again(third_party):
    third_party.code()
    assert "code" in answer_parameters(third_party.authorize(scope="request:read"))


def test_more_than_was_allowed_is_asked_and_only_that(third_party):
    third_party.code(scope="request:read")
    page = third_party.authorize()
    assert page.status_code == 200
    assert "Use request:create" in page.content.decode()
    assert "Use request:read" not in page.content.decode()


def test_after_a_revocation_everything_is_asked_again(third_party, user):
    third_party.code()
    revoke(Authorization.objects.between(user, third_party.application).get())
    assert third_party.authorize().status_code == 200


def test_consent_of_one_user_does_not_count_for_another(third_party, django_user_model):
    third_party.code()
    third_party.browser.force_login(django_user_model.objects.create(username="other"))
    assert third_party.authorize().status_code == 200


def test_the_application_can_not_waive_the_prompt(third_party):
    assert third_party.authorize(approval_prompt="auto").status_code == 200


def test_a_trusted_application_is_not_asked_about_but_its_authorization_is_recorded(third_party, user):
    third_party.application.skip_authorization = True
    third_party.application.save()
    assert "code" in answer_parameters(third_party.authorize())
    assert Authorization.objects.between(user, third_party.application).standing().exists()


@pytest.mark.parametrize("path", ["/oauth/authorize", "/oauth/authorize/"])
def test_the_endpoint_answers_with_and_without_a_trailing_slash(browser, path):
    assert browser.get(path).status_code == 400


# Native applications: their redirect URI identifies no application (RFC 8252 section 8.6)

PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


def test_a_native_application_is_asked_about_each_time(mobile):
    mobile.code(**PKCE)
    page = mobile.authorize(**PKCE)
    assert page.status_code == 200
    assert "Use request:read" in page.content.decode()


def test_a_native_application_gets_a_code_each_time_it_is_allowed(mobile):
    mobile.code(**PKCE)
    assert mobile.code(**PKCE)


def test_what_was_not_shown_is_not_allowed_to_a_native_application_either(mobile):
    mobile.code(**PKCE)
    response = mobile.browser.post(mobile.authorize_url(**PKCE), {"signature": "", "allow": "1"})
    assert response.status_code == 400


def test_a_native_application_gets_nothing_without_a_prompt(mobile):
    mobile.code(**PKCE)
    assert answer_parameters(mobile.authorize(prompt="none", **PKCE))["error"] == "consent_required"
