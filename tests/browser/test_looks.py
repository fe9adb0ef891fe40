"""Accessibility and layout of the pages, on narrow and wide screens, in light and dark mode."""

from dataclasses import replace
from functools import partial

import pytest

from fourme_oauth.models import Application, Scope
from tests.browser import pages

pytestmark = pytest.mark.browser

NARROW, WIDE = 360, 1280
LOOKS = [("light", WIDE), ("dark", NARROW)]
OTHER_LOOKS = [("light", NARROW), ("dark", WIDE)]

ALL = [*pages.OURS, *pages.IN_THE_ADMIN]
FOCUSED = """() => {
    const element = document.activeElement, style = getComputedStyle(element);
    const visible = style.outlineStyle != "none" && parseFloat(style.outlineWidth) >= 2;
    const ours = document.querySelector(".credentials") ?? document.body;
    const label = (element.labels?.[0] ?? element).innerText.trim();
    return {label, visible, ours: ours.contains(element) && element != document.body};
}"""

BROKEN = """list => {
    const texts = document.createTreeWalker(list, NodeFilter.SHOW_TEXT), found = [];
    for (let text; text = texts.nextNode(); )
        for (const word of text.data.matchAll(/\\b[a-z]{2,20}\\b/gi)) {
            const range = document.createRange();
            range.setStart(text, word.index);
            range.setEnd(text, word.index + word[0].length);
            if (new Set(Array.from(range.getClientRects(), box => box.top)).size > 1) found.push(word[0]);
        }
    return found;
}"""


def named(show):
    return show.__name__


@pytest.fixture(params=[LOOKS, pytest.param(OTHER_LOOKS, marks=pytest.mark.endurance)], ids=["looks", "other looks"])
def looks(request):
    """Color schemes and widths."""
    return request.param


@pytest.fixture
def violations(axe, looks):
    """What axe-core finds in each look of a page."""

    def violations(page, region=None):
        found = {}
        for scheme, width in looks:
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 640})
            page.wait_for_function("document.getAnimations().length == 0")  # the admin fades from one color to the next
            found[scheme, width] = axe.run(page, region).generate_snapshot()
        return {look: rules for look, rules in found.items() if rules}

    return violations


@pytest.mark.parametrize("show", pages.OURS, ids=named)
def test_page_has_no_accessibility_violation(show, site, violations):
    assert violations(show(site)) == {}


@pytest.mark.parametrize("show", pages.IN_THE_ADMIN, ids=named)
def test_our_parts_of_the_admin_have_no_accessibility_violation(show, site, violations):
    # What is around it is Django's: the breadcrumbs of Django 5.2 are links that only their color tells from text.
    assert violations(show(site), {"include": [["#content"]]}) == {}


def test_scopes_of_a_role_have_no_accessibility_violation(site, violations):
    # The rest of the page for a group is Django's.
    assert violations(pages.role(site), "#Scope_roles-group") == {}


def test_panel_of_a_user_has_no_accessibility_violation(site, violations):
    # The rest of the page for a user is Django's.
    assert violations(pages.user(site), "#authorizations-group") == {}


def test_accessibility_violation_would_be_found(open_browser, violations):
    page = open_browser()
    page.set_content("<html lang=en><title>Page</title><main><h1>Page</h1><input></main>")
    assert set(violations(page).values()) == {"label (critical) : 1"}


def test_low_contrast_would_be_found(site, violations, looks):
    page = pages.prompt(site)
    page.locator("h1").evaluate("heading => { heading.style.color = '#eee' }")
    assert set(violations(page)) == {look for look in looks if "light" in look}


@pytest.fixture
def long_words(site):
    """Names and texts without a blank."""
    word = pages.LONG_WORD
    Application.objects.update(
        name=word, publisher=word, description=word, homepage=f"https://acme.example/{word.lower()}"
    )
    Scope.objects.update(wording=word)


@pytest.mark.usefixtures("long_words")
@pytest.mark.parametrize("show", ALL, ids=named)
def test_narrow_page_does_not_scroll_sideways(show, site):
    page = show(site)
    page.set_viewport_size({"width": NARROW, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW


@pytest.mark.parametrize("show", pages.LISTS, ids=named)
def test_no_word_of_a_narrow_list_is_broken(show, site):
    page = show(site)
    page.set_viewport_size({"width": NARROW, "height": 640})
    assert page.locator("#result_list").evaluate(BROKEN) == []


@pytest.mark.parametrize("show", [pages.prompt_for_more_than_the_role_permits, pages.access_and_security], ids=named)
@pytest.mark.parametrize("language", ["nl", "de"])
def test_longer_words_of_other_languages_have_room(show, language, site):
    page = show(replace(site, signed_in=partial(site.signed_in, locale=language)))
    page.set_viewport_size({"width": NARROW, "height": 640})
    assert page.evaluate("document.documentElement.lang") == language
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW


def tab_until(page, label):
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED)["label"] == label:
            return
    pytest.fail(f"Tab does not lead to {label!r}.")


def test_prompt_is_answered_with_the_keyboard_alone(site):
    page = site.signed_in("specialist")
    page.goto("/third-party/connect")
    tab_until(page, "Allow")
    page.keyboard.press("Enter")
    page.wait_for_url("**/third-party/")


def test_access_is_revoked_with_the_keyboard_alone(site, expect):
    page = pages.access_and_security(site)
    tab_until(page, "Revoke Acme Mobile")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Acme Mobile no longer has access.")


ACCESS_AND_SECURITY = [
    "Read your username, roles and scopes",
    "Read requests",
    "Keep only what is ticked",
    "Revoke Acme Mobile",
    "Activity of Acme Mobile",
    "Read who the people are",
    "Submit new requests",
    "Update requests",
    "Revoke Acme Dashboard",
    "Activity of Acme Dashboard",
    "Revoke several",
    "Revoke all",
]
"""Where the focus stops, what both applications have named once."""


def stops(page):
    """What has the focus, one Tab after another, in our part of the page."""
    found = []
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused["ours"] and focused not in found:
            found.append(focused)
    return found


@pytest.mark.parametrize(
    ("show", "labels"),
    [
        (pages.prompt, ["https://acme.example/", "Use another account", "Access & Security", "Deny", "Allow"]),
        (pages.access_and_security, ACCESS_AND_SECURITY),
        (pages.secret, ["Copy client ID", "Copy client secret", "Continue to the application"]),
    ],
    ids=["prompt", "access_and_security", "secret"],
)
def test_focus_is_seen_wherever_it_goes(show, labels, site):
    assert [stop["label"] for stop in stops(show(site)) if stop["visible"]] == labels
