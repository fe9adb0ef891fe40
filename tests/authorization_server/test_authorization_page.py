"""What the prompt shows, and which POSTs of its form are accepted."""

import re

import pytest

from fourme_oauth.actor import Actor
from fourme_oauth.authorization_server import consent_signature
from fourme_oauth.models import Authorization, Grant, Scope
from fourme_oauth.models.avatars import initials_of
from fourme_oauth.revocation import revoke
from tests.factories import ApplicationFactory, ScopeFactory, authorize
from tests.third_party import CHALLENGE, ThirdParty, answer_parameters

PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


def text_of(response):
    """What a person reads."""
    body = re.sub(r"<[^>]+>", " ", response.content.decode().partition("<main>")[2])
    return " ".join(body.replace("&nbsp;", " ").replace("\xa0", " ").split())


def buttons(response):
    return re.findall(r'<button type="submit" name="(\w+)"', response.content.decode())


# What it shows


def test_the_initials_stand_in_for_a_logo(browser):
    application = ApplicationFactory(name="acme service Desk", scopes=["request:read"])
    assert ">AS<" in ThirdParty(browser, application).authorize().content.decode()


def test_a_name_of_blanks_has_no_initials():
    assert initials_of("  ") == ""


def test_scopes_are_grouped_by_record_type_and_reading_comes_first(browser):
    names = ["request:create", "request:read", "config_item:delete", "config_item:view", "everything"]
    page = ThirdParty(browser, ApplicationFactory(scopes=names)).authorize()
    groups = [(group["record_type"], [scope["name"] for scope in group["scopes"]]) for group in page.context["groups"]]
    assert groups == [
        ("", ["everything"]),
        ("Config item", ["config_item:view", "config_item:delete"]),
        ("Request", ["request:read", "request:create"]),
    ]


def test_a_group_is_named_on_the_page(third_party):
    assert '<h2 class="record-type" id="record-type-1">Request</h2>' in third_party.authorize().content.decode()


@pytest.mark.parametrize(
    "told", ["for 1 hour at a time", "after 2 weeks without renewing it", "After 1 year it must ask you again"]
)
def test_the_prompt_says_how_long_access_lasts(third_party, told):
    assert told in text_of(third_party.authorize())


def test_prompt_shows_an_application_s_own_lifetimes(third_party):
    third_party.application.access_token_seconds = 59
    third_party.application.refresh_token_seconds = 3 * 24 * 60 * 60
    third_party.application.save()
    page = text_of(third_party.authorize())
    assert "for less than a minute at a time" in page
    assert "after 3 days without renewing it" in page


def test_prompt_shows_no_end_where_access_does_not_expire(third_party, settings):
    settings.FOURME_OAUTH = {"AUTHORIZATION_MAX_AGE_SECONDS": None}
    assert "must ask you again" not in text_of(third_party.authorize())


def test_link_to_access_and_security_works(third_party, browser):
    assert '<a href="/access-and-security/">' in third_party.authorize().content.decode()
    assert browser.get("/access-and-security/").status_code == 200


@pytest.mark.parametrize("field", ["is_superuser", "is_staff"])
def test_prompt_warns_staff_and_superusers(third_party, user, field):
    setattr(user, field, True)
    user.save()
    assert "powerful account" in text_of(third_party.authorize())


def test_prompt_does_not_warn_other_users(third_party):
    assert "powerful account" not in text_of(third_party.authorize())


def test_a_native_application_goes_to_its_scheme(mobile):
    assert "Afterwards you are sent to com.example.app ." in text_of(mobile.authorize(**PKCE))


def test_a_web_application_goes_to_its_host(browser):
    application = ApplicationFactory(scopes=["request:read"], redirect_uris="https://acme.example:8443?x=1")
    assert "Afterwards you are sent to acme.example:8443 ." in text_of(ThirdParty(browser, application).authorize())


def test_more_is_new_since_the_day_that_the_rest_was_allowed(third_party, user):
    authorize(user, third_party.application, "request:read")
    Authorization.objects.update(granted_at="2026-01-05T12:00Z")
    assert "You have allowed it some access since Jan. 5, 2026. It now also wants to:" in text_of(
        third_party.authorize()
    )


# Scopes that no role permits


@pytest.fixture
def no_role(role):
    """A role that every scope requires and the user lacks."""
    for name in Scope.objects.names():
        ScopeFactory(name=name, roles=[role])


def test_prompt_says_that_no_role_permits_anything(third_party, no_role):
    assert "None of your roles permits any of this now" in text_of(third_party.authorize())


def test_who_is_permitted_nothing_can_only_deny(third_party, no_role):
    assert buttons(third_party.authorize()) == ["another_account", "deny"]


def test_scope_that_is_permitted_to_nobody_can_only_be_denied(third_party):
    Scope.objects.update(for_everyone=False)
    assert buttons(third_party.authorize()) == ["another_account", "deny"]


def test_who_is_permitted_something_can_allow(third_party, no_role):
    Scope.objects.filter(name="request:read").update(for_everyone=True)
    assert buttons(third_party.authorize()) == ["another_account", "deny", "allow"]


def test_who_is_permitted_nothing_allows_nothing(third_party, no_role):
    assert third_party.answer("allow").status_code == 400
    assert not Authorization.objects.exists()


def test_user_without_a_role_for_the_new_scopes_can_continue_without(third_party, user, no_role):
    authorize(user, third_party.application, "request:read")
    assert buttons(third_party.authorize()) == ["another_account", "deny", "continue_without"]


# Allow, continue without, or deny what is new


@pytest.fixture
def partly(third_party, user):
    """A third party that may read requests, and asks for more."""
    authorize(user, third_party.application, "request:read")
    return third_party


def test_more_can_be_allowed_left_out_or_denied(partly):
    assert buttons(partly.authorize()) == ["another_account", "deny", "continue_without", "allow"]


def test_continuing_without_gives_a_code_for_the_granted_scopes(partly):
    assert "code" in answer_parameters(partly.answer("continue_without"))
    assert Grant.objects.get().scope == "request:read"


def test_continuing_without_grants_nothing(partly):
    partly.answer("continue_without")
    assert Authorization.objects.get().granted == {"request:read"}


def test_who_continued_without_is_asked_again(partly):
    partly.answer("continue_without")
    assert "Use request:create" in partly.authorize().content.decode()


def test_denying_more_keeps_the_granted_scopes(partly):
    assert answer_parameters(partly.answer("deny"))["error"] == "access_denied"
    assert Authorization.objects.standing().get().granted == {"request:read"}


def test_allowing_more_adds_it(partly):
    assert "code" in answer_parameters(partly.answer("allow"))
    assert Authorization.objects.get().granted == {"request:read", "request:create"}


def test_a_first_prompt_has_nothing_to_continue_with(third_party):
    assert "continue_without" not in buttons(third_party.authorize())
    assert third_party.answer("continue_without").status_code == 400


def test_no_continue_button_where_nothing_requested_is_granted(partly):
    page = partly.authorize(scope="request:create")
    assert "continue_without" not in buttons(page)
    assert partly.answer("continue_without", page=page, scope="request:create").status_code == 400


def test_a_demanded_prompt_has_nothing_to_continue_with(partly):
    assert partly.answer("continue_without", prompt="consent").status_code == 400


# A POST is accepted only for the page that was rendered


def test_form_rendered_before_a_revocation_allows_nothing(third_party, user):
    page = third_party.authorize()
    third_party.answer("allow", page=page)
    revoke(Authorization.objects.get(), by=Actor(user))
    assert third_party.answer("allow", page=page).status_code == 400
    assert not Authorization.objects.standing().exists()


def test_form_rendered_before_a_wider_consent_allows_nothing(third_party, user):
    page = third_party.authorize()
    authorize(user, third_party.application, "request:read")
    assert third_party.answer("allow", page=page).status_code == 400
    assert Authorization.objects.get().granted == {"request:read"}


def test_a_form_of_another_session_of_the_same_user_allows_nothing(third_party, browser, user):
    page = third_party.authorize()
    browser.logout()
    browser.force_login(user)
    assert third_party.answer("allow", page=page).status_code == 400
    assert not Authorization.objects.exists()


@pytest.mark.parametrize("changed", [{"state": "other"}, {"state": None}, PKCE, {"prompt": "consent"}])
def test_a_form_of_another_request_allows_nothing(third_party, changed):
    page = third_party.authorize()
    assert third_party.answer("allow", page=page, **changed).status_code == 400
    assert not Authorization.objects.exists()


def test_a_session_that_lives_in_its_cookie_can_answer(settings, user, application):
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    settings.SESSION_SAVE_EVERY_REQUEST = True
    from_cookie = ThirdParty(type(ThirdParty(None, application).back_channel)(), application)
    from_cookie.browser.force_login(user)
    assert "code" in answer_parameters(from_cookie.answer("allow"))


def test_outdated_form_shows_the_prompt_again(third_party):
    response = third_party.browser.post(third_party.authorize_url(), {"allow": "1", "signature": "tampered"})
    assert "code" in answer_parameters(third_party.answer("allow", page=response))


def test_outdated_form_links_to_the_start(third_party):
    response = third_party.browser.post(third_party.authorize_url(), {"allow": "1", "signature": "tampered"})
    link = f'<a href="{third_party.authorize_url()}">Start again</a>'.replace("&", "&amp;")
    assert link in response.content.decode()


def test_two_tabs_can_be_answered_one_after_the_other(third_party):
    narrow, wide = third_party.authorize(scope="request:read"), third_party.authorize()
    assert "code" in answer_parameters(third_party.answer("allow", page=narrow, scope="request:read"))
    again = third_party.answer("allow", page=wide)
    assert "Use request:read" not in again.content.decode()
    assert "code" in answer_parameters(third_party.answer("allow", page=again))


def test_two_tabs_of_two_applications_do_not_disturb_each_other(third_party, browser):
    other = ThirdParty(browser, ApplicationFactory(scopes=["person:read"]))
    one, two = third_party.authorize(), other.authorize()
    assert "code" in answer_parameters(other.answer("allow", page=two))
    assert "code" in answer_parameters(third_party.answer("allow", page=one))


@pytest.fixture
def before_storing(monkeypatch):
    """Do something between rendering the prompt and storing the consent."""

    def before_storing(act):
        verify = consent_signature.verify

        def store_after(*arguments):
            monkeypatch.setattr(consent_signature, "verify", verify)
            act()
            return verify(*arguments)

        monkeypatch.setattr(consent_signature, "verify", store_after)

    return before_storing


def test_revocation_during_a_post_wins(partly, user, before_storing):
    page = partly.authorize()
    before_storing(lambda: revoke(Authorization.objects.get(), by=Actor(user)))
    assert partly.answer("allow", page=page).status_code == 400
    assert not Authorization.objects.standing().exists()


def test_same_consent_stored_concurrently_is_accepted(third_party, user, before_storing):
    page = third_party.authorize()
    before_storing(lambda: authorize(user, third_party.application))
    assert "code" in answer_parameters(third_party.answer("allow", page=page))


# The error page without a redirect


def without_reference(response):
    return re.sub(r"<code>\w+</code>", "", response.content.decode())


@pytest.mark.parametrize(
    "parameters",
    [
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": "/relative"},
        {"client_id": "unknown", "redirect_uri": "/relative"},
        {"client_id": "unknown", "redirect_uri": None},
    ],
)
def test_an_unknown_application_and_an_unknown_redirect_uri_are_the_same_page(third_party, parameters):
    unknown = third_party.authorize(client_id="unknown")
    assert without_reference(third_party.authorize(**parameters)) == without_reference(unknown)


def test_a_disabled_application_and_an_unknown_one_are_the_same_page(third_party):
    unknown = third_party.authorize(client_id="unknown")
    third_party.application.disabled = True
    third_party.application.save()
    assert without_reference(third_party.authorize()) == without_reference(unknown)


def test_an_application_with_several_redirect_uris_and_an_unknown_one_are_the_same_page(browser):
    several = ThirdParty(browser, ApplicationFactory(redirect_uris="https://a.example/ https://b.example/"))
    page = several.authorize(redirect_uri=None)
    assert without_reference(page) == without_reference(several.authorize(client_id="unknown", redirect_uri=None))


def test_a_missing_client_id_is_named(third_party):
    assert "The client_id is missing." in text_of(third_party.authorize(client_id=None))


def test_log_has_the_reason_that_the_page_hides(third_party, caplog):
    third_party.authorize(redirect_uri="https://evil.example/")
    assert "Mismatching redirect URI." in caplog.text
    assert "Mismatching" not in text_of(third_party.authorize(redirect_uri="https://evil.example/"))
