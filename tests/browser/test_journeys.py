"""What administrators and users do, from one page to the next."""

import re

import pytest

pytestmark = pytest.mark.browser

SEEDED_REQUEST = "My laptop does not start"


@pytest.fixture(scope="module")
def chromium(whole_chromium):
    return whole_chromium


def register(page, *, name, redirect_uri):
    """Fill in the administration's form and send it."""
    page.goto("/admin/fourme_oauth/application/add/")
    page.locator("#id_name").fill(name)
    page.get_by_label("Redirect URIs").fill(redirect_uri)
    for scope in ("account:read", "request:read"):
        page.get_by_role("checkbox", name=re.compile(f"^{scope}")).check()
    page.get_by_role("button", name="Save", exact=True).click()


def connect(page, service):
    """Click what a user clicks at the third party to be sent to the service."""
    page.goto(service["endpoints"]["third_party"])
    _connect_control(page).click()


def _connect_control(page):
    label = re.compile("^connect", re.IGNORECASE)
    return page.get_by_role("link", name=label).or_(page.get_by_role("button", name=label)).first


def answer(page, choice):
    page.get_by_role("button", name=re.compile(f"^{choice}")).click()


@pytest.fixture
def administrator(open_browser, service, sign_in):
    page = open_browser()
    page.goto(service["endpoints"]["admin"])
    sign_in(page, "admin")
    page.wait_for_url("**/admin/")
    return page


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def specialist(request, open_browser):
    return open_browser(java_script_enabled=request.param)


@pytest.fixture
def connected(specialist, service, sign_in):
    """The specialist, who allowed the third party's access."""
    connect(specialist, service)
    sign_in(specialist, "specialist")
    answer(specialist, "Allow")
    specialist.wait_for_url("**/third-party/")
    return specialist


def selected_by_one_click(page, selector):
    page.locator(selector).click()
    return page.evaluate("getSelection().toString()")


def test_administrator_copies_the_secret_by_a_button(administrator):
    register(administrator, name="Wallboard", redirect_uri="https://wallboard.example/callback")
    administrator.context.grant_permissions(["clipboard-read", "clipboard-write"])
    administrator.get_by_role("button", name="Copy client secret").click()
    administrator.get_by_text("Copied").wait_for()
    copied = administrator.evaluate("navigator.clipboard.readText()")
    assert copied == administrator.locator("#client-secret").inner_text()


def test_administrator_registers_an_application_and_copies_its_secret(administrator):
    register(administrator, name="Wallboard", redirect_uri="https://wallboard.example/callback")
    assert re.fullmatch(r"fms_\w{40,}", selected_by_one_click(administrator, "#client-secret"))


def test_copied_credentials_connect_the_third_party(administrator, open_browser, service, sign_in, introduce, expect):
    redirect_uri = service["applications"]["dashboard"]["redirect_uris"][0]
    register(administrator, name="Wallboard", redirect_uri=redirect_uri)
    introduce(
        client_id=selected_by_one_click(administrator, "#client-id"),
        client_secret=selected_by_one_click(administrator, "#client-secret"),
    )
    user = open_browser()
    connect(user, service)
    sign_in(user, "specialist")
    answer(user, "Allow")
    expect(user.get_by_text(SEEDED_REQUEST)).to_be_visible()


def test_user_who_allows_sees_their_data_at_the_third_party(connected, expect):
    expect(connected.get_by_text(SEEDED_REQUEST)).to_be_visible()


@pytest.fixture
def denied(specialist, service, sign_in):
    """The specialist, who did not allow it."""
    connect(specialist, service)
    sign_in(specialist, "specialist")
    answer(specialist, "Deny")
    specialist.wait_for_url("**/third-party/**")
    return specialist


def test_user_who_denies_comes_back_with_nothing(denied, expect):
    expect(denied.get_by_text(SEEDED_REQUEST)).to_have_count(0)


def test_user_who_denied_is_asked_again(denied, service, expect):
    connect(denied, service)
    expect(denied.get_by_role("button", name="Allow")).to_be_visible()


def test_second_connect_does_not_prompt(connected):
    with connected.expect_navigation(url="**/third-party/"):
        _connect_control(connected).click()


@pytest.fixture
def reduced(connected, service, expect):
    """The specialist, who took back a part of the access."""
    connected.goto(service["endpoints"]["access_and_security"])
    connected.get_by_role("checkbox", name="Read requests").uncheck()
    connected.get_by_role("button", name="Keep only what is ticked").click()
    expect(connected.get_by_role("status")).to_have_text("Acme Dashboard may do less from now on.")
    return connected


def test_what_is_unticked_is_no_longer_listed(reduced, expect):
    expect(reduced.get_by_role("checkbox", name="Read requests")).to_have_count(0)
    expect(reduced.get_by_role("checkbox", name="Update requests")).to_be_checked()


def test_third_party_keeps_the_rest_without_connecting_again(reduced, service, expect):
    reduced.goto(service["endpoints"]["third_party"])
    expect(reduced.get_by_text("You are specialist at the service desk.")).to_be_visible()
    expect(reduced.get_by_text(SEEDED_REQUEST)).to_have_count(0)


@pytest.fixture
def revoked(connected, service, expect):
    """The specialist, who took the access back."""
    connected.goto(service["endpoints"]["access_and_security"])
    # The first opens the confirmation, the second revokes.
    connected.get_by_role("button", name="Revoke Acme Dashboard", exact=True).click()
    connected.get_by_role("button", name="Revoke Acme Dashboard", exact=True).click()
    expect(connected.get_by_role("status")).to_contain_text("Acme Dashboard no longer has access.")
    return connected


def test_user_who_revokes_sees_the_application_gone(revoked, expect):
    expect(revoked.get_by_text("No application has access to your account.")).to_be_visible()


def test_third_party_has_no_access_once_the_user_has_revoked(revoked, service, expect):
    revoked.goto(service["endpoints"]["third_party"])
    expect(revoked.get_by_text(SEEDED_REQUEST)).to_have_count(0)


def test_user_who_revoked_is_asked_again(revoked, service, expect):
    connect(revoked, service)
    expect(revoked.get_by_role("button", name="Allow")).to_be_visible()
