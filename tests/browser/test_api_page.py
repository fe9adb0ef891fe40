"""The page of the API: trying it out in a browser, as somebody who signs in and allows it."""

import re

import pytest

from demo_project.seed.contents import API_PAGE
from fourme_oauth.models import AccessToken

pytestmark = pytest.mark.browser


@pytest.fixture
def page(open_browser):
    page = open_browser(viewport={"width": 1280, "height": 1000})
    page.goto(API_PAGE)
    return page


@pytest.fixture
def ask_for(page):
    """Press Authorize, tick scopes, and return the window in which the service asks."""

    def ask_for(*scopes):
        page.get_by_role("button", name="Authorize").first.click()
        dialog = page.locator(".dialog-ux")
        for scope in scopes:
            dialog.locator(".scopes").get_by_text(scope, exact=True).click()
        with page.expect_popup() as popup:
            dialog.get_by_role("button", name="Apply given OAuth2 credentials").click()
        return popup.value

    return ask_for


@pytest.fixture
def authorized(page, ask_for, sign_in):
    """The page, to which a specialist gave access to their requests."""
    window = ask_for("request:read")
    sign_in(window, "specialist")
    with window.expect_event("close"):
        window.get_by_role("button", name=re.compile("^Allow")).click()
    page.locator(".dialog-ux").get_by_role("button", name="Remove authorization").wait_for()
    page.locator(".dialog-ux .btn-done").first.click()
    return page


def execute(page, operation_id):
    """Try an operation out, and return the place of its answer."""
    operation = page.locator(f"[id$='{operation_id}']")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    return operation.locator(".live-responses-table tbody")


def test_operation_that_was_authorized_answers(authorized, expect):
    answer = execute(authorized, "requests_list")
    expect(answer.locator(".response-col_status")).to_contain_text("200")
    expect(answer).to_contain_text("My laptop does not start")


def test_token_has_what_was_ticked(authorized):
    assert AccessToken.objects.get().scope == "request:read"


def test_operation_that_was_not_authorized_says_why(authorized, expect):
    answer = execute(authorized, "people_list")
    expect(answer.locator(".response-col_status")).to_contain_text("403")
    expect(answer).to_contain_text("not_granted")


def test_page_keeps_no_token(authorized):
    kept = authorized.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert "fma_" not in kept


def test_page_asks_no_other_host(authorized, service, witness):
    assert [url for url in witness.requests if not url.startswith(f"{service['base_url']}/")] == []


def test_page_does_without_anything_inline(authorized, witness):
    # Chromium logs a warning about Swagger UI's forms to the console.
    assert [each for each in witness.complaints if not each.startswith("verbose:")] == []
