"""What administrators do with an application, from one page to the next."""

import pytest
from django.contrib.auth.models import Permission

from fourme_oauth.models import Application, ClientSecret
from tests.browser import pages
from tests.factories import authorize, mint_access_token

pytestmark = pytest.mark.browser

NAME = "Wallboard"


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def registering(request, site):
    """The form, filled in."""
    page = site.signed_in("admin", java_script_enabled=request.param)
    page.goto(pages.ADD_APPLICATION)
    page.locator("#id_name").fill(NAME)
    page.get_by_label("Redirect URIs").fill("https://wallboard.example/callback")
    return page


def save(page):
    page.get_by_role("button", name="Save", exact=True).click()


def registered():
    return [Application.objects.filter(name=NAME).count(), ClientSecret.objects.filter(application__name=NAME).count()]


def test_double_click_registers_once(registering):
    registering.get_by_role("button", name="Save", exact=True).dblclick()
    registering.locator("#content-main").get_by_role("link", name="Continue to the application").wait_for()
    assert registered() == [1, 1]


def test_reloading_the_page_with_the_secret_shows_none_and_registers_nothing(registering, expect):
    save(registering)
    registering.locator("#client-secret").wait_for()
    registering.reload()
    expect(registering.get_by_text("This one was ignored.")).to_be_visible()
    expect(registering.locator("#client-secret")).to_have_count(0)
    assert registered() == [1, 1]


def test_going_back_and_sending_again_registers_nothing(registering, expect):
    save(registering)
    secret = registering.locator("#client-secret").inner_text()
    registering.go_back()
    save(registering)
    # Either the form came back as it was sent, or empty.
    answer = registering.get_by_text("This one was ignored.").or_(registering.get_by_text("Please correct the errors"))
    expect(answer.or_(registering.get_by_text("Please correct the error below."))).to_be_visible()
    assert secret not in registering.content()
    assert registered() == [1, 1]


@pytest.fixture
def own_credentials(service, user_by_name):
    """The dashboard, which may act as its linked user too."""
    dashboard = Application.objects.get(client_id=service["applications"]["dashboard"]["client_id"])
    Application.objects.filter(pk=dashboard.pk).update(client_credentials=True, linked_user=user_by_name("specialist"))
    return dashboard


def token_request(page, service, secret):
    """A real token request, over HTTP."""
    form = {
        "grant_type": "client_credentials",
        "client_id": service["applications"]["dashboard"]["client_id"],
        "client_secret": secret,
    }
    return page.request.post(service["endpoints"]["token"], form=form).status


def test_both_secrets_get_tokens_until_the_old_one_is_retired(site, service, own_credentials):
    old = service["applications"]["dashboard"]["client_secret"]
    page = pages.another_secret(site)
    page.get_by_role("button", name="Issue the secret").click()
    new = page.locator("#client-secret").inner_text()
    assert [token_request(page, service, secret) for secret in (old, new)] == [200, 200]

    page.get_by_role("link", name="Continue to the application").click()
    page.get_by_role("link", name=f"Retire …{old[-4:]}").click()
    page.get_by_role("button", name="Yes, retire it").click()
    page.get_by_text("The secret is no longer accepted.").wait_for()
    assert [token_request(page, service, secret) == 200 for secret in (old, new)] == [False, True]


def test_reloading_the_page_with_another_secret_issues_none(site, expect):
    page = pages.another_secret(site)
    page.get_by_role("button", name="Issue the secret").click()
    page.locator("#client-secret").wait_for()
    page.reload()
    expect(page.get_by_text("This one was ignored.")).to_be_visible()
    assert site.dashboard.client_secrets.count() == 2


def test_disabling_names_what_is_affected_and_revokes_a_token_in_use(site, service, expect):
    token = mint_access_token(authorize(site.user_by_name("specialist"), site.dashboard))
    page = pages.application(site)
    page.get_by_role("link", name="Disable", exact=True).click()
    expect(page.get_by_text("authorized by 1 user")).to_be_visible()
    expect(page.get_by_text("1 valid code or token")).to_be_visible()

    def call():
        headers = {"Authorization": f"Bearer {token}"}
        return page.context.request.get(f"{service['base_url']}/api/me/", headers=headers).status

    before = call()
    page.get_by_role("button", name="Yes, disable").click()
    page.get_by_text("Done: 1 code or token revoked.").wait_for()
    assert [before, call()] == [200, 401]


def test_row_is_ticked_at_once(site):
    page = pages.registering(site)
    page.get_by_role("button", name="All: request").click()
    ticked = [box.get_attribute("value") for box in page.locator("input[name=scopes]:checked").all()]
    assert len(ticked) == 3


def test_column_is_ticked_at_once_and_unticked_again(site):
    page = pages.registering(site)
    boxes = page.locator("input[name=scopes]:checked")
    page.get_by_role("button", name="All: read").click()
    ticked = boxes.count()
    page.get_by_role("button", name="All: read").click()
    assert [ticked, boxes.count()] == [3, 0]


def test_without_javascript_there_are_boxes_and_no_buttons_that_do_nothing(site, expect):
    page = site.signed_in("admin", java_script_enabled=False)
    page.goto(pages.ADD_APPLICATION)
    page.get_by_role("checkbox", name="request:read").check()
    expect(page.get_by_role("button", name="All")).to_have_count(0)


def test_staff_member_without_rights_sees_no_button_and_no_page(site, expect):
    member = site.user_by_name("specialist")
    type(member).objects.filter(pk=member.pk).update(is_staff=True)
    member.user_permissions.set(Permission.objects.filter(codename="view_application"))
    page = site.signed_in("specialist")
    where = f"/admin/fourme_oauth/application/{site.dashboard.pk}"
    page.goto(f"{where}/change/")
    for name in ("Issue another secret", "Disable", "End all access", "Retire"):
        expect(page.get_by_role("link", name=name)).to_have_count(0)
    forbidden = [page.goto(f"{where}/{each}/").status for each in ("secrets/issue", "disable", "end-access")]
    assert forbidden == [403, 403, 403]


def test_linked_user_is_found_by_typing(site, expect):
    page = pages.registering(site)
    page.locator(".field-linked_user .select2-selection").click()
    page.locator(".select2-search__field").fill("spec")
    page.locator(".select2-results__option", has_text="specialist").click()
    expect(page.locator(".field-linked_user .select2-selection")).to_contain_text("specialist")
