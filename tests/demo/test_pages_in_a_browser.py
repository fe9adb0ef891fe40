"""The demo's pages in Chromium: for everybody, on a narrow screen, in the light and in the dark."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User

from demo_project.seed.document import Document
from fourme_oauth import revocation
from fourme_oauth.models import Authorization

sync_api = pytest.importorskip("playwright.sync_api")
axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright")

pytestmark = pytest.mark.browser

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
DASHBOARD = "/third-party/"

Page = Any
"""Playwright's, which need not be installed where these tests are deselected."""


@pytest.fixture
def page(introduced: Document, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """A page in a browser that nobody has used, at the service that is served."""
    # Playwright runs an event loop, from which Django would not let the tests use the database.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        yield chromium.new_page(base_url=introduced["base_url"])
        chromium.close()


@pytest.fixture
def log_in(page: Page, introduced: Document) -> Callable[[], None]:
    def log_in() -> None:
        page.goto("/accounts/login/")
        page.get_by_label("Username").fill("specialist")
        page.get_by_label("Password").fill(str(introduced["users"]["specialist"]["password"]))
        page.get_by_role("button", name="Log in").click()

    return log_in


@pytest.fixture
def connect(page: Page, log_in: Callable[[], None]) -> Callable[[], None]:
    def connect() -> None:
        log_in()
        page.goto(DASHBOARD)
        page.get_by_role("link", name="Connect").click()
        page.get_by_role("button", name="Allow").click()
        page.get_by_text("You are specialist at the service desk.").wait_for()

    return connect


@pytest.fixture
def visits(page: Page, log_in: Callable[[], None], connect: Callable[[], None]) -> dict[str, Callable[[], None]]:
    """How a browser comes to see each page."""

    def login_refused() -> None:
        page.goto("/accounts/login/")
        page.get_by_label("Username").fill("specialist")
        page.get_by_label("Password").fill("guessed")
        page.get_by_role("button", name="Log in").click()

    def role_lost() -> None:
        connect()
        User.objects.get(username="specialist").groups.clear()
        page.goto(DASHBOARD)

    def revoked() -> None:
        connect()
        revocation.revoke(Authorization.objects.get())
        page.goto(DASHBOARD)

    return {
        "login": lambda: page.goto("/accounts/login/"),
        "login refused": login_refused,
        "profile": log_in,
        "not connected": lambda: page.goto(DASHBOARD),
        "connected": connect,
        "role lost": role_lost,
        "revoked": revoked,
    }


@pytest.fixture
def visit(page: Page, visits: dict[str, Callable[[], None]]) -> Callable[[str], None]:
    def visit(name: str) -> None:
        visits[name]()
        page.wait_for_load_state()  # the stylesheet too

    return visit


SEEN = ("login", "login refused", "profile", "not connected", "connected", "role lost", "revoked")


@pytest.mark.parametrize("name", SEEN)
def test_page_is_accessible(page: Page, visit: Callable[[str], None], name: str) -> None:
    visit(name)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        violations = axe_playwright.Axe().run(page).response["violations"]
        assert [violation["id"] for violation in violations] == []


@pytest.mark.parametrize("name", SEEN)
def test_page_fits_a_narrow_screen(page: Page, visit: Callable[[str], None], name: str) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    visit(name)
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_focus_is_seen(page: Page) -> None:
    page.goto(DASHBOARD)
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"


def test_the_third_party_does_not_look_like_the_service(page: Page) -> None:
    page.goto(DASHBOARD)
    theirs = page.evaluate("getComputedStyle(document.querySelector('header')).backgroundColor")
    page.goto("/accounts/login/")
    assert page.evaluate("getComputedStyle(document.querySelector('header')).backgroundColor") != theirs
