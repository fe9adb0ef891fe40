"""Every page of the package in every state, and the steps that lead to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

from django.contrib.auth.models import Group
from django.db import OperationalError
from django.utils import timezone

from fourme_oauth import revocation
from fourme_oauth.actor import Actor
from fourme_oauth.failed_requests import record
from fourme_oauth.failed_requests.reasons import redirect_uri_details
from fourme_oauth.models import Application, Scope
from fourme_oauth.views import AccessAndSecurityView
from tests.factories import ApplicationFactory, LinkedApplicationFactory, authorize

ADD_APPLICATION = "/admin/fourme_oauth/application/add/"
CALLBACK = "https://dashboard.example/callback"
LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapitänskajütenschlüssel"
NEW_APPLICATION = f"{LONG_WORD} at hand"


@dataclass(frozen=True, kw_only=True)
class Site:
    """The demo and its users."""

    service: dict[str, Any]
    signed_in: Callable[..., Any]
    """Open the browser of somebody who has signed in already."""
    user_by_name: Callable[[str], Any]

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
    authorize(site.user_by_name("specialist"), site.dashboard, "account:read")
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


def out_of_date(site):
    page = prompt(site)
    # As after a sign-in in another tab.
    page.context.clear_cookies(name="csrftoken")
    page.get_by_role("button", name="Allow").click()
    page.get_by_role("link", name="Start again").wait_for()
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
    user = site.user_by_name("key_contact")
    # Those of the demo's own document; the API's page is an application too.
    known = [each["client_id"] for each in site.service["applications"].values()]
    for application in Application.objects.filter(linked_user=None, client_id__in=known).order_by("name"):
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


def access_and_security_with_all_that_it_can_have(site):
    """A search, a second page, what ended, what is linked, and every confirmation open."""
    user = site.user_by_name("end_user")
    for name in ("Acme Reports", "Acme Archive", "Acme Planner"):
        authorize(user, ApplicationFactory(name=name, publisher="Acme", scopes=["request:read"]))
    revocation.revoke(authorize(user, site.dashboard), by=Actor(user))
    LinkedApplicationFactory(name="Nightly export", publisher="Acme", linked_user=user)
    page = site.signed_in("end_user")
    with patch.object(AccessAndSecurityView, "paginate_by", 2):
        page.goto(site.service["endpoints"]["access_and_security"])
    for summary in page.locator("summary").all():
        summary.click()
    return page


def access_and_security_with_nothing_found(site):
    page = access_and_security(site)
    page.goto(site.service["endpoints"]["access_and_security"] + "?q=nobody")
    page.get_by_text("No application matches your search.").wait_for()
    return page


def activity(site):
    page = access_and_security(site)
    page.get_by_role("link", name="Activity of").first.click()
    page.get_by_role("heading", name="Activity of").wait_for()
    page.wait_for_load_state()  # with its styles
    return page


def unavailable(site):
    page = site.signed_in("specialist")
    with patch.object(AccessAndSecurityView, "get_queryset", side_effect=OperationalError("the server went away")):
        page.goto(site.service["endpoints"]["access_and_security"])
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


def _in_the_admin(site, path):
    page = site.signed_in("admin")
    page.goto(f"/admin/{path}")
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
    page.get_by_text("This one was ignored.").wait_for()
    page.wait_for_load_state()  # with its styles
    return page


def _authorized(site):
    user = site.user_by_name("key_contact")
    return authorize(user, site.dashboard)


def authorizations(site):
    _authorized(site)
    return _in_the_admin(site, "fourme_oauth/authorization/")


def one_authorization(site):
    return _in_the_admin(site, f"fourme_oauth/authorization/{_authorized(site).pk}/change/")


def revoking_one_authorization(site):
    return _in_the_admin(site, f"fourme_oauth/authorization/{_authorized(site).pk}/revoke/")


def effective_access(site):
    standing = _authorized(site)
    pair = f"application={standing.application_id}&user={standing.user_id}"
    return _in_the_admin(site, f"fourme_oauth/authorization/explain/?{pair}")


def audit_events(site):
    _authorized(site)
    return _in_the_admin(site, "fourme_oauth/auditevent/")


def failed_requests(site):
    details = redirect_uri_details("https://dashboard.example/callbak", [CALLBACK])
    record(site.dashboard, "redirect_uri_differs", now=timezone.now(), details=details)
    return _in_the_admin(site, "fourme_oauth/failedrequest/")


def scope(site):
    _authorized(site)
    return _in_the_admin(site, f"fourme_oauth/scope/{Scope.objects.get(name='request:read').pk}/change/")


def scopes(site):
    return _in_the_admin(site, "fourme_oauth/scope/")


def role(site):
    return _in_the_admin(site, f"auth/group/{Group.objects.get(name='specialist').pk}/change/")


def user(site):
    return _in_the_admin(site, f"auth/user/{_authorized(site).user_id}/change/")


def applications(site):
    return _in_the_admin(site, "fourme_oauth/application/")


def application(site):
    authorize(site.user_by_name("specialist"), site.dashboard)
    return _beside(site, "change")


def another_secret(site):
    return _beside(site, "secrets/issue")


def retiring(site):
    return _beside(site, f"secrets/{site.dashboard.client_secrets.first().pk}/retire")


def disabling(site):
    authorize(site.user_by_name("specialist"), site.dashboard)
    return _beside(site, "disable")


def ending(site):
    authorize(site.user_by_name("specialist"), site.dashboard)
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
OURS = [
    *PROMPTS,
    out_of_date,
    error,
    unavailable,
    access_and_security_with_nothing,
    access_and_security,
    access_and_security_with_all_that_it_can_have,
    access_and_security_with_nothing_found,
    access_and_security_after_revoking,
    activity,
]
LISTS = [
    applications,
    authorizations,
    audit_events,
    failed_requests,
    scopes,
]
AROUND = [
    *LISTS,
    one_authorization,
    revoking_one_authorization,
    effective_access,
    scope,
]
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
    *AROUND,
]
