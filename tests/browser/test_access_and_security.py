"""What users do on Access & Security, with and without JavaScript; and all of it in Dutch."""

from dataclasses import replace
from functools import partial

import pytest

from fourme_oauth.models import Authorization
from tests.browser import pages

pytestmark = pytest.mark.browser

BOTH = {"Acme Dashboard", "Acme Mobile"}
DUTCH_TELEPHONE = {"locale": "nl-NL", "viewport": {"width": 360, "height": 640}}


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(request, site):
    """Access & Security of somebody who allowed two applications."""
    return pages.access_and_security(
        replace(site, signed_in=partial(site.signed_in, java_script_enabled=request.param))
    )


@pytest.fixture
def standing(user_by_name):
    """The names of the applications listed now."""
    authorizations = Authorization.objects.of(user_by_name("key_contact"))
    return lambda: set(authorizations.standing().values_list("application_name", flat=True))


def press(page, label):
    page.get_by_role("button", name=label, exact=True).click()


def confirm(page, label):
    page.locator("details[open]").get_by_role("button", name=label, exact=True).click()


def test_all_are_revoked_once_that_is_confirmed(page, standing, expect):
    press(page, "Revoke all")
    confirm(page, "Revoke all")
    expect(page.get_by_role("status")).to_have_text("No application has access to your account any more.")
    assert standing() == set()


def test_what_was_revoked_is_listed_below(page, expect):
    press(page, "Revoke all")
    confirm(page, "Revoke all")
    ended = page.locator("section", has=page.get_by_role("heading", name="Revoked", exact=True))
    expect(ended.get_by_role("link", name="Acme Dashboard")).to_be_visible()
    expect(ended.get_by_text("Revoked by you on")).to_have_count(2)


def test_cancelling_revokes_nothing(page, standing, expect):
    press(page, "Revoke all")
    press(page, "Keep all")
    expect(page.get_by_role("button", name="Revoke all", exact=True)).to_have_count(1)
    assert standing() == BOTH


def test_of_several_those_that_are_ticked_are_revoked(page, standing, expect):
    press(page, "Revoke several")
    page.locator("details[open]").get_by_label("Acme Mobile").check()
    confirm(page, "Revoke what is ticked")
    expect(page.get_by_role("status")).to_have_text("1 application no longer has access.")
    assert standing() == {"Acme Dashboard"}


def test_where_nothing_is_ticked_nothing_is_revoked(page, standing, expect):
    press(page, "Revoke several")
    confirm(page, "Revoke what is ticked")
    expect(page.get_by_role("status")).to_have_text("Nothing was ticked, so nothing was changed.")
    assert standing() == BOTH


# In Dutch


@pytest.fixture
def dutch(site):
    """The prompt on a narrow screen, in Dutch."""
    page = site.signed_in("specialist", **DUTCH_TELEPHONE)
    page.goto("/third-party/connect")
    return page


def test_the_prompt_is_in_dutch(dutch, expect):
    expect(dutch.locator("html")).to_have_attribute("lang", "nl")
    expect(dutch.get_by_role("heading", level=1)).to_have_text("Acme Dashboard vraagt om toegang")
    expect(dutch.get_by_role("button")).to_have_text(["Ander account gebruiken", "Weigeren", "Toestaan"])


def test_access_is_allowed_and_revoked_in_dutch(dutch, service, expect):
    press(dutch, "Toestaan")
    dutch.wait_for_url("**/third-party/")
    dutch.goto(service["endpoints"]["access_and_security"])
    expect(dutch.get_by_role("heading", level=1)).to_have_text("Toegang & beveiliging")
    press(dutch, "Toegang van Acme Dashboard intrekken")
    confirm(dutch, "Toegang van Acme Dashboard intrekken")
    expect(dutch.get_by_role("status")).to_have_text(
        "Acme Dashboard heeft geen toegang meer. 1 toegangstoken en 1 vernieuwingstoken zijn ingetrokken."
    )
