"""The pages load nothing from other hosts, need nothing inline, cause no warnings, and submit nothing twice."""

import contextlib
import re

import pytest

from fourme_oauth.models import Application, AuditEvent
from tests.browser import pages

pytestmark = pytest.mark.browser

ALL = [*pages.OURS, *pages.IN_THE_ADMIN]
ONE_OF_EACH = [pages.prompt, pages.error, pages.access_and_security, pages.secret]
STRICT = "default-src 'self'"


def named(show):
    return show.__name__


@pytest.fixture
def press_back(sync_api):
    def press_back(page):
        here = page.url
        # Where Chromium has to ask whether to send a form again, it shows a page that says so.
        with contextlib.suppress(sync_api.Error):
            page.go_back(wait_until="commit")
        page.wait_for_url(lambda url: url != here, wait_until="commit")
        page.wait_for_function("document.readyState == 'complete'")

    return press_back


def under_strict_policy(page):
    """Load the page again, from a site whose own policy allows nothing inline."""

    def answer(route):
        response = route.fetch()
        route.fulfill(response=response, headers=response.headers | {"content-security-policy": STRICT})

    page.route(page.url, answer)
    page.reload()
    return page


@pytest.mark.parametrize("show", ALL, ids=named)
def test_page_causes_no_browser_warnings(show, site, witness):
    show(site)
    assert witness.complaints == []


@pytest.mark.parametrize("show", ONE_OF_EACH, ids=named)
def test_page_asks_no_other_host(show, site, witness):
    show(site)
    assert [url for url in witness.requests if not url.startswith(f"{site.service['base_url']}/")] == []


@pytest.mark.parametrize("show", [pages.access_and_security_with_nothing, pages.access_and_security], ids=named)
def test_page_needs_nothing_inline(show, site, witness):
    under_strict_policy(show(site))
    assert witness.complaints == []


def test_something_inline_would_be_found(site, witness):
    page = under_strict_policy(pages.access_and_security(site))
    page.locator("h1").evaluate("heading => heading.setAttribute('style', 'color: red')")
    assert "Content Security Policy" in " ".join(witness.complaints)


@pytest.mark.parametrize(("choice", "expected"), [("Allow", "code="), ("Deny", "error=access_denied")])
def test_policy_of_the_prompt_lets_the_answer_through_to_the_third_party(choice, expected, site):
    page = pages.prompt(site)
    with page.expect_request(re.compile(re.escape(f"{pages.CALLBACK}?{expected}"))):
        page.get_by_role("button", name=choice).click()


# The Back button


def leave(page):
    """Go on from the page that shows a secret, and return what it showed."""
    secret = page.locator("#client-secret").inner_text()
    page.get_by_role("link", name="Continue to the application").click()
    page.wait_for_url("**/change/")
    return secret


def test_secret_does_not_come_back(site, press_back):
    page = pages.secret(site)
    secret = leave(page)
    press_back(page)
    assert secret not in page.content()


def test_secret_would_come_back_if_browsers_might_keep_it(site, press_back, monkeypatch):
    monkeypatch.setattr("django.views.decorators.cache.add_never_cache_headers", lambda response: None)
    page = pages.secret(site)
    secret = leave(page)
    press_back(page)
    assert secret in page.content()


def test_going_back_registers_no_second_application(site, press_back):
    page = pages.secret(site)
    leave(page)
    press_back(page)
    assert Application.objects.filter(name=pages.NEW_APPLICATION).count() == 1


@pytest.fixture
def allowed(site):
    """The page of the third party that a user sees who has allowed its access."""
    page = site.signed_in("specialist")
    page.goto("/third-party/connect")
    page.get_by_role("button", name="Allow").click()
    page.wait_for_url("**/third-party/")
    return page


def test_prompt_that_was_answered_does_not_come_back(allowed, press_back, expect):
    press_back(allowed)
    expect(allowed.get_by_role("button", name="Allow")).to_have_count(0)


def test_going_back_allows_nothing_twice(allowed, press_back):
    press_back(allowed)
    assert AuditEvent.objects.filter(kind=AuditEvent.Kind.AUTHORIZED).count() == 1
