"""The prompt in a browser: allow all or a part, two tabs, another account, keyboard only."""

import contextlib
import re

import pytest

from fourme_oauth.models import Authorization
from tests.browser import pages
from tests.factories import authorize

pytestmark = pytest.mark.browser

NARROW = {"viewport": {"width": 360, "height": 640}}


@pytest.fixture(
    params=[{}, {"java_script_enabled": False}, {"color_scheme": "dark", **NARROW}],
    ids=["light", "without JavaScript", "dark and narrow"],
)
def specialist(request, site):
    """The browser of a signed-in user; nothing listens at the redirect URI of the third party."""
    return site.signed_in("specialist", **request.param)


def press(page, label):
    page.get_by_role("button", name=label, exact=True).click()


def sent_back(page, expected):
    """Wait until the browser requests the redirect URI of the third party, where nothing listens."""
    return page.expect_request(re.compile(re.escape(f"{pages.CALLBACK}?{expected}")))


@pytest.fixture
def granted(user_by_name):
    """What the specialist has granted by now."""
    return lambda: Authorization.objects.get(user=user_by_name("specialist")).granted


def test_what_was_allowed_once_is_not_asked_again(site, specialist, sync_api):
    site.ask(specialist)
    with sent_back(specialist, "code="):
        press(specialist, "Allow")
    later = specialist.context.new_page()
    # The browser finds no such host.
    with sent_back(later, "code="), contextlib.suppress(sync_api.Error):
        site.ask(later)


@pytest.fixture
def asked_for_more(site, specialist, user_by_name):
    authorize(user_by_name("specialist"), site.dashboard, "account:read", "request:read")
    return site.ask(specialist, "account:read", "request:read", "request:update")


def test_only_what_is_new_is_shown(asked_for_more, expect):
    expect(asked_for_more.get_by_role("listitem")).to_have_text(["Update requests"])


@pytest.mark.parametrize(
    ("button", "answer", "updates"),
    [("Allow", "code=", True), ("Continue without", "code=", False), ("Deny", "error=access_denied", False)],
)
def test_what_is_new_can_be_allowed_left_out_or_denied(asked_for_more, button, answer, updates, granted):
    with sent_back(asked_for_more, answer):
        press(asked_for_more, button)
    assert granted() == {"account:read", "request:read"} | ({"request:update"} if updates else set())


def test_two_tabs_are_answered_one_after_the_other(site, specialist, expect):
    second = specialist.context.new_page()
    site.ask(specialist, "request:read")
    site.ask(second, "request:read", "request:update")
    with sent_back(specialist, "code="):
        press(specialist, "Allow")
    press(second, "Allow")
    expect(second.get_by_role("alert")).to_contain_text("out of date")
    with sent_back(second, "code="):
        press(second, "Allow")


def test_who_uses_another_account_comes_back_to_the_same_request(site, specialist, sign_in, expect):
    site.ask(specialist)
    press(specialist, "Use another account")
    sign_in(specialist, "auditor")
    expect(specialist.get_by_text("You are signed in as")).to_contain_text("auditor")
    with sent_back(specialist, "code="):
        press(specialist, "Allow")


def test_who_must_sign_in_again_goes_on_afterwards(site, specialist, sign_in):
    site.ask(specialist, prompt="login")
    sign_in(specialist, "specialist")
    with sent_back(specialist, "code="):
        press(specialist, "Allow")


def test_who_chooses_the_account_goes_on(site, specialist):
    site.ask(specialist, prompt="select_account")
    specialist.get_by_role("button", name="Continue as").click()
    with sent_back(specialist, "code="):
        press(specialist, "Allow")


def test_a_part_is_left_out_with_the_keyboard_alone(site, user_by_name):
    authorize(user_by_name("specialist"), site.dashboard, "account:read")
    page = site.signed_in("specialist")
    site.ask(page)
    page.get_by_role("button", name="Deny", exact=True).focus()
    page.keyboard.press("Tab")
    with sent_back(page, "code="):
        page.keyboard.press("Enter")
