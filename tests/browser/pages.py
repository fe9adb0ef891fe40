"""Every page of the package in every state, and how a person comes to see it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fourme_oauth.models import Application, Scope
from tests.factories import authorize

ADD_APPLICATION = "/admin/fourme_oauth/application/add/"
CALLBACK = "https://dashboard.example/callback"
LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapitänskajütenschlüssel"
NEW_APPLICATION = f"{LONG_WORD} at hand"


@dataclass(frozen=True, kw_only=True)
class Site:
    """The demo, and whoever uses it."""

    service: dict[str, Any]
    signed_in: Callable[..., Any]
    """Open the browser of somebody who has signed in already."""
    user_named: Callable[[str], Any]

    @property
    def dashboard(self):
        return Application.objects.get(client_id=self.service["applications"]["dashboard"]["client_id"])

    def ask(self, page, *scopes, **more):
        """Go where the third party sends its users."""
        parameters = {
            "response_type": "code",
            "client_id": self.service["applications"]["dashboard"]["client_id"],
            "redirect_uri": CALLBACK,
            "state": "opaque",
        } | more
        if scopes:
            parameters["scope"] = " ".join(scopes)
        page.goto(f"{self.service['endpoints']['authorize']}?{urlencode(parameters)}")
        return page


def prompt(site):
    return site.ask(site.signed_in("specialist"))


def prompt_for_more(site):
    authorize(site.user_named("specialist"), site.dashboard, "account:read")
    return prompt(site)


def prompt_for_more_than_the_role_permits(site):
    return site.ask(site.signed_in("key_contact"))


def prompt_of_a_powerful_account(site):
    return site.ask(site.signed_in("admin"))


def prompt_for_nothing_that_the_role_permits(site):
    return site.ask(site.signed_in("end_user"), "request:read", "person:read")


def choice_of_an_account(site):
    return site.ask(site.signed_in("specialist"), prompt="select_account")


def prompt_that_was_out_of_date(site):
    page = prompt(site)
    site.dashboard.scopes.add(Scope.objects.get(name="person:update"))
    page.get_by_role("button", name="Allow").click()
    page.get_by_role("alert").wait_for()
    page.wait_for_load_state()  # with its styles
    return page


def error(site):
    page = site.signed_in("specialist")
    page.goto(f"{site.service['endpoints']['authorize']}?client_id=unknown")
    return page


def access_and_security_with_nothing(site):
    page = site.signed_in("specialist")
    page.goto(site.service["endpoints"]["access_and_security"])
    return page


def access_and_security(site):
    user = site.user_named("key_contact")
    for application in Application.objects.filter(linked_user=None):
        authorize(user, application)
    page = site.signed_in("key_contact")
    page.goto(site.service["endpoints"]["access_and_security"])
    return page


def access_and_security_after_revoking(site):
    page = access_and_security(site)
    page.get_by_role("button", name="Revoke", exact=False).first.click()
    page.locator("details[open]").get_by_role("button", name="Revoke", exact=False).click()
    page.get_by_role("status").wait_for()
    page.wait_for_load_state()  # with its styles
    return page


def secret(site):
    return _registered(site, client_type="confidential")


def no_secret(site):
    return _registered(site, client_type="public")


def _registered(site, *, client_type):
    page = site.signed_in("admin")
    page.goto(ADD_APPLICATION)
    page.locator("#id_name").fill(NEW_APPLICATION)
    page.get_by_label("Client type").select_option(client_type)
    page.get_by_label("Redirect URIs").fill("https://wallboard.example/callback")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator("#client-id").wait_for()
    page.wait_for_load_state()  # with its styles
    return page


def registering(site):
    page = site.signed_in("admin")
    page.goto(ADD_APPLICATION)
    return page


def sent_before(site):
    page = registering(site)
    key = page.locator("input[name=form_key]").input_value()
    Application.objects.filter(pk=site.dashboard.pk).update(registration_key=key)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("It was not done again.").wait_for()
    page.wait_for_load_state()  # with its styles
    return page


def application(site):
    authorize(site.user_named("specialist"), site.dashboard)
    return _beside(site, "change")


def another_secret(site):
    return _beside(site, "secrets/issue")


def retiring(site):
    return _beside(site, f"secrets/{site.dashboard.client_secrets.first().pk}/retire")


def disabling(site):
    authorize(site.user_named("specialist"), site.dashboard)
    return _beside(site, "disable")


def ending(site):
    authorize(site.user_named("specialist"), site.dashboard)
    return _beside(site, "end-access")


def narrowing(site):
    page = application(site)
    page.get_by_role("checkbox", name="request:update").uncheck()
    page.get_by_role("checkbox", name="person:update").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Nothing is saved yet.").wait_for()
    page.wait_for_load_state()  # with its styles
    return page


def _beside(site, name):
    page = site.signed_in("admin")
    page.goto(f"/admin/fourme_oauth/application/{site.dashboard.pk}/{name}/")
    return page


PROMPTS = [
    prompt,
    prompt_for_more,
    prompt_for_more_than_the_role_permits,
    prompt_of_a_powerful_account,
    prompt_for_nothing_that_the_role_permits,
    choice_of_an_account,
    prompt_that_was_out_of_date,
]
OURS = [*PROMPTS, error, access_and_security_with_nothing, access_and_security, access_and_security_after_revoking]
IN_THE_ADMIN = [
    secret,
    no_secret,
    registering,
    sent_before,
    application,
    another_secret,
    retiring,
    disabling,
    ending,
    narrowing,
]
