"""The demo's own pages: accessibility and layout, on a narrow screen, in light and dark mode."""

import pytest

from fourme_oauth import revocation
from fourme_oauth.models import Authorization

pytestmark = pytest.mark.browser

DASHBOARD = "/third-party/"


@pytest.fixture
def page(open_browser):
    return open_browser()


def login(page, site):
    page.goto("/accounts/login/")


def login_refused(page, site):
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill("specialist")
    page.get_by_label("Password").fill("guessed")
    page.get_by_role("button", name="Log in").click()


def profile(page, site):
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill("specialist")
    page.get_by_label("Password").fill(site.service["users"]["specialist"]["password"])
    page.get_by_role("button", name="Log in").click()


def not_connected(page, site):
    page.goto(DASHBOARD)


def connected(page, site):
    profile(page, site)
    page.goto(DASHBOARD)
    page.get_by_role("link", name="Connect").click()
    page.get_by_role("button", name="Allow").click()
    page.get_by_text("You are specialist at the service desk.").wait_for()


def role_lost(page, site):
    connected(page, site)
    site.user_by_name("specialist").groups.clear()
    page.goto(DASHBOARD)


def revoked(page, site):
    connected(page, site)
    revocation.revoke(Authorization.objects.get())
    page.goto(DASHBOARD)


SEEN = (login, login_refused, profile, not_connected, connected, role_lost, revoked)


@pytest.mark.parametrize("visit", SEEN, ids=lambda visit: visit.__name__)
def test_page_is_accessible(page, site, axe, visit):
    visit(page, site)
    page.wait_for_load_state()  # the stylesheet too
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        violations = axe.run(page).response["violations"]
        assert [violation["id"] for violation in violations] == []


@pytest.mark.parametrize("visit", SEEN, ids=lambda visit: visit.__name__)
def test_page_fits_a_narrow_screen(page, site, visit):
    page.set_viewport_size({"width": 360, "height": 640})
    visit(page, site)
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_focus_is_seen(page):
    page.goto(DASHBOARD)
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"


def test_the_third_party_does_not_look_like_the_service(page):
    page.goto(DASHBOARD)
    theirs = page.evaluate("getComputedStyle(document.querySelector('header')).backgroundColor")
    page.goto("/accounts/login/")
    assert page.evaluate("getComputedStyle(document.querySelector('header')).backgroundColor") != theirs
