"""The flow as the product documentation words it, each step over real HTTP, with two third-party applications."""

import time

import requests
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from fourme_oauth.models import Application, Scope
from tests.journeys.conftest import REDIRECT_URI, answer_of


def allow(browser, third_party):
    prompt = browser.get(third_party.link())
    return browser.submit(prompt, prompt.page.form_with_button("Allow"), button="Allow")


def test_1_an_administrator_registers_an_application_and_defines_its_scope(register):
    register(name="Acme")
    application = Application.objects.get(name="Acme")
    assert application.redirect_uris == REDIRECT_URI
    assert Scope.objects.allowed_to(application).names() == {
        "account:read",
        "request:read",
        "request:create",
        "request:update",
    }


def test_2_the_client_id_and_secret_can_be_copied_this_one_time(register, administrator):
    answer = register(name="Acme")
    application = Application.objects.get(name="Acme")
    secret = answer.page.text("client-secret")
    assert answer.page.text("client-id") == application.client_id
    assert secret.startswith("fms_")
    later = administrator.get(f"/admin/fourme_oauth/application/{application.pk}/change/")
    assert later.status == 200
    assert secret not in later.html


def test_3_a_link_sends_the_browser_to_the_authorization_endpoint(registered, specialist):
    assert specialist.get(registered.link()).status == 200


def test_4_who_has_authorized_before_is_not_asked(connected, specialist):
    assert "code" in answer_of(specialist.get(connected.link()))


def test_5_deny_ends_the_flow(registered, specialist):
    prompt = specialist.get(registered.link())
    answer = answer_of(specialist.submit(prompt, prompt.page.form_with_button("Deny"), button="Deny"))
    assert answer["error"] == "access_denied"
    assert "code" not in answer


def test_5_allow_is_registered(registered, specialist):
    allow(specialist, registered)
    assert "Journey" in specialist.get("/access-and-security/").html


def test_6_a_code_comes_with_the_redirect(registered, specialist):
    assert answer_of(allow(specialist, registered))["code"]


def test_7_the_code_is_exchanged(registered, specialist):
    assert registered.exchange(answer_of(allow(specialist, registered))) is None


def test_8_the_access_token_is_valid_for_an_hour_and_the_refresh_token_for_two_weeks(connected):
    assert connected.token["expires_in"] == 3600
    introspected = requests.post(
        f"{connected.base_url}/oauth/introspect",
        data={"token": connected.token["refresh_token"], **connected.credentials},
        timeout=10,
    ).json()
    assert abs(introspected["exp"] - time.time() - 14 * 24 * 3600) < 60


def test_8_the_refresh_token_obtains_a_new_pair(connected):
    first = dict(connected.token)
    assert connected.refresh() is None
    assert connected.token["access_token"] != first["access_token"]
    assert connected.token["refresh_token"] != first["refresh_token"]
    assert connected.call("/api/me/").status_code == 200


def test_9_access_is_what_the_roles_permit(connected):
    assert connected.call("/api/requests/").status_code == 200


def test_9_access_is_limited_to_the_roles_of_the_user(registered, sign_in):
    registered.exchange(answer_of(allow(sign_in("auditor"), registered)))
    response = registered.call("/api/requests/", "POST", subject="A request")
    assert response.status_code == 403
    assert response.json()["missing"] == {"request:create": "not_permitted"}


def test_9_access_is_limited_to_the_scope_of_the_application(connected):
    response = connected.call("/api/people/")
    assert response.status_code == 403
    assert response.json()["missing"] == {"person:read": "not_allowed"}


def test_9_a_superuser_gets_no_more_than_their_roles_permit(registered, administrator):
    registered.exchange(answer_of(allow(administrator, registered)))
    assert registered.call("/api/requests/").status_code == 200
    assert registered.call("/api/requests/", "POST", subject="A request").status_code == 403


def test_10_the_user_sees_the_application_on_access_and_security(connected, specialist):
    assert "/access-and-security/" in specialist.get("/profile/").page.links
    assert specialist.get("/access-and-security/").page.form_with_button("Revoke Journey")


def test_11_revoking_ends_the_access_immediately(connected, specialist):
    assert connected.call("/api/me/").status_code == 200
    page = specialist.get("/access-and-security/")
    specialist.submit(page, page.page.form_with_button("Revoke Journey"), button="Revoke Journey")
    assert connected.call("/api/me/").status_code == 401
    assert connected.refresh() == "invalid_grant"


def test_11_a_code_that_was_not_yet_exchanged_ends_too(connected, specialist):
    answer = answer_of(specialist.get(connected.link()))
    page = specialist.get("/access-and-security/")
    specialist.submit(page, page.page.form_with_button("Revoke Journey"), button="Revoke Journey")
    assert connected.exchange(answer) == "invalid_grant"


# Beyond the eleven steps: what is switched off is out at the next request


def test_a_role_taken_away_and_given_back_counts_at_the_next_request(connected):
    user, role = get_user_model().objects.get(username="specialist"), Group.objects.get(name="specialist")
    user.groups.remove(role)
    response = connected.call("/api/requests/")
    assert response.status_code == 403
    assert response.json()["missing"] == {"request:read": "not_permitted"}
    user.groups.add(role)
    assert connected.call("/api/requests/").status_code == 200


def test_a_scope_unticked_and_ticked_again_counts_at_the_next_request(connected):
    application, scope = Application.objects.get(name="Journey"), Scope.objects.get(name="request:read")
    application.scopes.remove(scope)
    assert connected.call("/api/requests/").json()["missing"] == {"request:read": "not_allowed"}
    application.scopes.add(scope)
    assert connected.call("/api/requests/").status_code == 200


def test_a_deactivated_user_is_out_and_comes_back(connected):
    users = get_user_model().objects.filter(username="specialist")
    users.update(is_active=False)
    assert connected.call("/api/me/").status_code == 401
    users.update(is_active=True)
    assert connected.call("/api/me/").status_code == 200


def test_an_application_disabled_in_the_admin_is_out_for_good(connected, administrator):
    application = Application.objects.get(name="Journey")
    for disabled in (True, False):
        page = administrator.get(f"/admin/fourme_oauth/application/{application.pk}/change/")
        form = page.page.form_with_field("redirect_uris")
        box = next(control for control in form.controls if control.name == "disabled")
        box.on = disabled
        assert administrator.submit(page, form).status == 200
        assert connected.call("/api/me/").status_code == 401
    application.refresh_from_db()
    assert not application.disabled
