"""The flow as the product documentation words it, each step over real HTTP, with two third-party applications."""

import time

import requests

from demo_project.walkthrough.browser import Browser
from tests.journeys.conftest import allow, answer_of
from tests.journeys.sites import APPLICATIONS, SCOPES


def ask(browser, third_party):
    """Open the prompt."""
    visit = browser.get(third_party.link())
    assert visit.status == 200
    return visit


def revoke(browser, third_party):
    """Revoke the access on Access & Security."""
    page, label = browser.get(third_party.site.access_and_security), f"Revoke {third_party.name}"
    return browser.submit(page, page.page.form_with_button(label), button=label)


def keep_all_but(browser, third_party, scope):
    """Untick one scope on Access & Security."""
    page = browser.get(third_party.site.access_and_security)
    forms = page.page.forms
    form = forms[forms.index(page.page.form_with_button(f"Revoke {third_party.name}")) - 1]
    for control in form.controls:
        if control.name == "scopes":
            control.on = control.value != scope
    return browser.submit(page, form, button="Keep only what is ticked")


def assert_invalid_token(response):
    """Assert a 401 `invalid_token`, not a 403 `insufficient_scope`."""
    assert response.status_code == 401
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


class TestTheElevenSteps:
    def test_1_an_administrator_registers_an_application_and_defines_its_scope(self, administrator):
        client_id = administrator.register(name="Acme").page.text("client-id")
        form = administrator.page_of(APPLICATIONS, client_id).page.form_with_field("redirect_uris")
        ticked = {
            control.label.partition(": ")[0] for control in form.controls if control.name == "scopes" and control.on
        }
        assert ticked == set(SCOPES)

    def test_2_the_client_id_and_secret_can_be_copied_this_one_time(self, administrator):
        answer = administrator.register(name="Acme").page
        secret = answer.text("client-secret")
        assert secret.startswith("fms_")
        later = administrator.page_of(APPLICATIONS, answer.text("client-id"))
        assert later.status == 200
        assert secret not in later.html

    def test_3_a_link_sends_the_browser_to_the_authorization_endpoint(self, registered, specialist):
        assert ask(specialist, registered).page.form_with_button("Allow")

    def test_3_who_is_not_signed_in_signs_in_first(self, registered, site):
        anonymous = Browser(site.base_url)
        login = anonymous.get(registered.link())
        prompt = anonymous.log_in(login, username="specialist", password=site.passwords["specialist"])
        assert prompt.page.form_with_button("Allow")

    def test_4_who_has_authorized_before_is_not_asked(self, connected, specialist):
        assert "code" in answer_of(specialist.get(connected.link()))

    def test_5_deny_ends_the_flow(self, registered, specialist):
        prompt = ask(specialist, registered)
        answer = answer_of(specialist.submit(prompt, prompt.page.form_with_button("Deny"), button="Deny"))
        assert answer["error"] == "access_denied"
        assert "code" not in answer

    def test_5_allow_is_registered(self, registered, specialist, site):
        allow(specialist, registered)
        assert registered.name in specialist.get(site.access_and_security).html

    def test_6_a_code_comes_with_the_redirect(self, registered, specialist):
        assert allow(specialist, registered)["code"]

    def test_6_the_issuer_comes_with_the_redirect(self, registered, specialist, site):
        assert allow(specialist, registered)["iss"] == site.base_url + site.prefix

    def test_7_the_code_is_exchanged(self, registered, specialist):
        assert registered.exchange(allow(specialist, registered)) is None

    def test_8_the_access_token_is_valid_for_an_hour(self, connected):
        assert connected.token["expires_in"] == 3600

    def test_8_the_refresh_token_is_valid_for_two_weeks(self, connected, site):
        introspected = requests.post(
            f"{site.oauth}/introspect",
            data={"token": connected.token["refresh_token"], **connected.credentials},
            timeout=10,
        ).json()
        assert abs(introspected["exp"] - time.time() - 14 * 24 * 3600) < 60

    def test_8_the_refresh_token_obtains_a_new_pair(self, connected):
        first = dict(connected.token)
        assert connected.refresh() is None
        assert connected.token["access_token"] != first["access_token"]
        assert connected.token["refresh_token"] != first["refresh_token"]
        assert connected.call("/api/me/").status_code == 200

    def test_9_access_is_what_the_roles_permit(self, connected):
        assert connected.call("/api/requests/").status_code == 200
        assert connected.call("/api/requests/", "POST", subject="A request").status_code == 201

    def test_9_access_is_limited_to_the_roles_of_the_user(self, registered, sign_in):
        registered.exchange(allow(sign_in("auditor"), registered))
        response = registered.call("/api/requests/", "POST", subject="A request")
        assert response.status_code == 403
        assert response.json()["missing"] == {"request:create": "not_permitted"}

    def test_9_access_is_limited_to_the_scope_of_the_application(self, connected):
        response = connected.call("/api/people/")
        assert response.status_code == 403
        assert response.json()["missing"] == {"person:read": "not_allowed"}

    def test_9_a_superuser_gets_no_more_than_their_roles_permit(self, registered, sign_in):
        registered.exchange(allow(sign_in("admin"), registered))
        assert registered.call("/api/requests/").status_code == 200
        assert registered.call("/api/requests/", "POST", subject="A request").status_code == 403

    def test_10_the_user_sees_the_application_on_access_and_security(self, connected, specialist, site):
        assert specialist.get(site.access_and_security).page.form_with_button(f"Revoke {connected.name}")

    def test_11_revoking_ends_the_access_immediately(self, connected, specialist):
        assert connected.call("/api/me/").status_code == 200
        revoke(specialist, connected)
        assert connected.call("/api/me/").status_code == 401
        assert connected.refresh() == "invalid_grant"

    def test_11_a_code_that_was_not_yet_exchanged_ends_too(self, connected, specialist):
        answer = answer_of(specialist.get(connected.link()))
        revoke(specialist, connected)
        assert connected.exchange(answer) == "invalid_grant"


class TestWhatIsSwitchedOffIsOutAtTheNextRequest:
    def test_role_removed_and_added_again(self, connected, administrator):
        administrator.give_roles("specialist")
        response = connected.call("/api/requests/")
        administrator.give_roles("specialist", "specialist")
        assert response.status_code == 403
        assert response.json()["missing"] == {"request:read": "not_permitted"}
        assert connected.call("/api/requests/").status_code == 200

    def test_a_scope_unticked_and_ticked_again(self, connected, administrator):
        client_id = connected.credentials["client_id"]
        administrator.allow(client_id, "account:read")
        response = connected.call("/api/requests/")
        assert response.status_code == 403
        assert response.json()["missing"] == {"request:read": "not_allowed"}
        assert response.json()["asking_again_can_help"] is False
        administrator.allow(client_id, *SCOPES)
        assert connected.call("/api/requests/").status_code == 200

    def test_a_deactivated_user_who_comes_back(self, connected, administrator):
        administrator.deactivate("specialist")
        refused = connected.call("/api/me/")
        administrator.deactivate("specialist", active=True)
        assert_invalid_token(refused)
        assert connected.call("/api/me/").status_code == 200

    def test_tokens_of_a_disabled_application_stay_invalid(self, connected, administrator):
        for disabled in (True, False):
            administrator.disable(connected.credentials["client_id"], disabled)
            assert_invalid_token(connected.call("/api/me/"))
        assert connected.refresh() == "invalid_grant"

    def test_an_authorization_reduced_and_given_again(self, connected, specialist):
        keep_all_but(specialist, connected, "request:read")
        response = connected.call("/api/requests/")
        assert response.status_code == 403
        assert response.json()["missing"] == {"request:read": "not_granted"}
        assert response.json()["asking_again_can_help"] is True
        assert connected.call("/api/me/").status_code == 200
        # A withdrawn scope is asked for again only where the request names it.
        connected.exchange(allow(specialist, connected, prompt="consent"))
        assert connected.call("/api/requests/").status_code == 200
