"""The third-party application and the service over HTTP: they share nothing but a base URL and credentials."""

import re
import time
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from demo_project.seed.document import Document
from demo_project.third_party import credentials
from demo_project.third_party.refusals import (
    AccessEndedError,
    ApplicationRefusedError,
    UnavailableError,
)
from demo_project.third_party.views import NOT_REGISTERED, NOT_REVOKED
from demo_project.third_party.visitors import Visitor
from demo_project.walkthrough.browser import Browser, Visit
from fourme_oauth import revocation
from fourme_oauth.models import AccessToken, Application, Scope

from .conftest import answer_the_prompt
from .scripted_service import ScriptedService

pytestmark = pytest.mark.once

PATH = "/third-party/"


def press(browser: Browser, button: str) -> Visit:
    visit = browser.get(PATH)
    return browser.submit(visit, visit.page.form_with_button(button), button=button)


def shows_data(visit: Visit) -> bool:
    return "You are <strong>specialist</strong>" in visit.html


def offers(visit: Visit, label: str) -> bool:
    return re.search(rf">{label}<", visit.html) is not None


def revoke_at_the_service(browser: Browser) -> None:
    section = browser.get("/access-and-security/")
    revoke = "Revoke Acme Dashboard"
    browser.submit(section, section.page.form_with_button(revoke), button=revoke)


def token_of(visitor: Visitor) -> dict[str, object]:
    visitor.reload()
    return visitor.token


def hour_is_over_for(visitor: Visitor) -> None:
    """By the application's own clock, and by the service's."""
    AccessToken.objects.update(expires=timezone.now() - timedelta(seconds=1))
    with visitor.locked():
        visitor.token["expires_at"] = time.time() - 1
        visitor.save()


def test_page_is_there_for_anyone(client: Client) -> None:
    answer = client.get(PATH)
    assert answer.status_code == 200
    assert NOT_REGISTERED in answer.content.decode()


@pytest.mark.parametrize("path", ["connect", "callback"])
def test_application_without_credentials_sends_nobody_anywhere(client: Client, path: str) -> None:
    answer = client.get(f"{PATH}{path}", follow=True)
    assert NOT_REGISTERED in answer.content.decode()


def test_connecting_shows_the_users_data(browser: Browser) -> None:
    visit = answer_the_prompt(browser, "Allow")
    assert visit.url.endswith(PATH)
    assert shows_data(visit)
    assert "My laptop does not start" in visit.html
    assert re.search(r"person:update</code></td><td>not_allowed<small>The administrator does not", visit.html)


def test_connecting_again_does_not_prompt(browser: Browser) -> None:
    answer_the_prompt(browser, "Allow")
    assert shows_data(browser.get(f"{PATH}connect"))


def test_refreshing_keeps_the_connection(browser: Browser) -> None:
    answer_the_prompt(browser, "Allow")
    assert shows_data(press(browser, "Refresh the tokens"))


def test_expired_access_token_is_refreshed_unnoticed(browser: Browser, connected: Visitor) -> None:
    hour_is_over_for(connected)
    before = dict(token_of(connected))
    assert shows_data(browser.get(PATH))
    assert token_of(connected)["access_token"] != before["access_token"]
    assert token_of(connected)["refresh_token"] != before["refresh_token"]


def test_access_token_that_has_not_expired_is_not_refreshed(browser: Browser, connected: Visitor) -> None:
    before = dict(token_of(connected))
    assert shows_data(browser.get(PATH))
    assert token_of(connected) == before


def test_access_token_expired_only_at_the_service_is_refreshed_unnoticed(browser: Browser, connected: Visitor) -> None:
    AccessToken.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert shows_data(browser.get(PATH))


def test_revoked_access_is_said_so_and_connecting_offered(browser: Browser, connected: Visitor) -> None:
    revoke_at_the_service(browser)
    visit = browser.get(PATH)
    assert AccessEndedError.words in visit.html
    assert offers(visit, "Connect")
    assert not offers(visit, "Refresh the tokens")
    assert token_of(connected) == {}


def test_revoked_access_is_said_once(browser: Browser, connected: Visitor) -> None:
    revoke_at_the_service(browser)
    browser.get(PATH)
    assert AccessEndedError.words not in browser.get(PATH).html


def test_revoked_access_is_noticed_on_refreshing(browser: Browser, connected: Visitor) -> None:
    page = browser.get(PATH)
    revoke_at_the_service(browser)
    visit = browser.submit(page, page.page.form_with_button("Refresh the tokens"), button="Refresh the tokens")
    assert AccessEndedError.words in visit.html
    assert token_of(connected) == {}


def test_who_revoked_can_connect_again(browser: Browser, connected: Visitor) -> None:
    revoke_at_the_service(browser)
    browser.get(PATH)
    assert shows_data(answer_the_prompt(browser, "Allow"))


def test_lost_role_is_reported_and_keeps_the_tokens(browser: Browser, connected: Visitor) -> None:
    before = dict(token_of(connected))
    User.objects.get(username="specialist").groups.clear()
    visit = browser.get(PATH)
    assert shows_data(visit)
    assert "“request:read” is not in effect: no role permits it now" in visit.html
    assert token_of(connected) == before


def test_role_that_is_given_back_is_enough(browser: Browser, connected: Visitor) -> None:
    specialist = User.objects.get(username="specialist")
    specialist.groups.clear()
    browser.get(PATH)
    specialist.groups.add(Group.objects.get(name="specialist"))
    assert "My laptop does not start" in browser.get(PATH).html


def test_scope_that_is_no_longer_allowed_is_said_so(browser: Browser, connected: Visitor) -> None:
    Application.objects.get(name="Acme Dashboard").scopes.remove(Scope.objects.get(name="request:read"))
    assert "“request:read” is not in effect: the administrator does not allow it" in browser.get(PATH).html


def test_page_without_an_effective_scope_explains_why(browser: Browser, connected: Visitor) -> None:
    Application.objects.get(name="Acme Dashboard").scopes.clear()
    visit = browser.get(PATH)
    assert "“account:read” is not in effect: the administrator does not allow it" in visit.html
    assert offers(visit, "Connect again")


def test_application_that_is_switched_off_is_told_apart_from_a_revocation(browser: Browser, connected: Visitor) -> None:
    revocation.disable(Application.objects.get(name="Acme Dashboard"))
    assert ApplicationRefusedError.words in browser.get(PATH).html


def test_disconnecting_ends_the_access(browser: Browser, introduced: Document) -> None:
    answer_the_prompt(browser, "Allow")
    visit = press(browser, "Disconnect")
    assert not shows_data(visit)
    assert "Refresh the tokens" not in visit.html


def test_service_that_does_not_answer_is_said_so(browser: Browser, connected: Visitor) -> None:
    before = dict(token_of(connected))
    known = credentials.load()
    credentials.save(base_url="http://127.0.0.1:1", client_id=known.client_id, client_secret=known.client_secret)
    visit = browser.get(PATH)
    assert UnavailableError.words in visit.html
    assert offers(visit, "Refresh the tokens")
    assert token_of(connected) == before


def test_disconnecting_from_a_service_that_does_not_answer_forgets(browser: Browser, connected: Visitor) -> None:
    page = browser.get(PATH)
    known = credentials.load()
    credentials.save(base_url="http://127.0.0.1:1", client_id=known.client_id, client_secret=known.client_secret)
    visit = browser.submit(page, page.page.form_with_button("Disconnect"), button="Disconnect")
    assert NOT_REVOKED in visit.html
    assert token_of(connected) == {}


def test_page_of_somebody_connected_looks_into_no_database(client: Client, scripted_service: ScriptedService) -> None:
    """Without the mark `django_db`, touching the database is an error."""
    client.get(f"{PATH}connect")
    (file,) = Visitor.all()
    with file.locked():
        file.token = {"access_token": "fma_1", "refresh_token": "fmr_1", "token_type": "Bearer"}
        file.save()
    assert "You are <strong>sam</strong>" in client.get(PATH).content.decode()


def test_secret_is_on_no_page(browser: Browser, introduced: Document) -> None:
    visit = answer_the_prompt(browser, "Allow")
    assert str(introduced["applications"]["dashboard"]["client_secret"]) not in visit.html
    assert "fma_" not in visit.html
    assert "fmr_" not in visit.html
