"""The third-party application and the service over HTTP: they share nothing but a base URL and credentials."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from demo_project.seed.document import Document, seed
from demo_project.third_party import credentials
from demo_project.third_party.views import DENIED, NO_LONGER, NOT_OURS, NOT_REGISTERED, UNREACHABLE
from demo_project.walkthrough.browser import Browser, Visit

PATH = "/third-party/"


@pytest.fixture
def introduced(live_server: LiveServer) -> Document:
    """A live service, and an application that has been given its credentials."""
    document = seed(base_url=live_server.url, rotate_secrets=False)
    dashboard = document["applications"]["dashboard"]
    credentials.save(
        base_url=live_server.url, client_id=dashboard["client_id"], client_secret=dashboard["client_secret"]
    )
    return document


@pytest.fixture
def browser(introduced: Document) -> Browser:
    """The browser of the specialist, who has logged in to the service."""
    browser = Browser(introduced["base_url"])
    password = introduced["users"]["specialist"]["password"]
    browser.log_in(browser.get("/accounts/login/"), username="specialist", password=str(password))
    return browser


def answer_the_prompt(browser: Browser, choice: str) -> Visit:
    prompt = browser.get(f"{PATH}connect")
    return browser.submit(prompt, prompt.page.form_with_button(choice), button=choice)


def press(browser: Browser, button: str) -> Visit:
    visit = browser.get(PATH)
    return browser.submit(visit, visit.page.form_with_button(button), button=button)


def connected(visit: Visit) -> bool:
    return "You are <strong>specialist</strong>" in visit.html


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
    assert connected(visit)
    assert "My laptop does not start" in visit.html
    assert re.search(r"person:update</code></td><td>not_allowed", visit.html)


def test_connecting_again_does_not_prompt(browser: Browser) -> None:
    answer_the_prompt(browser, "Allow")
    assert connected(browser.get(f"{PATH}connect"))


def test_denial_is_taken_kindly(browser: Browser) -> None:
    assert DENIED in answer_the_prompt(browser, "Deny").html


def test_refreshing_keeps_the_connection(browser: Browser) -> None:
    answer_the_prompt(browser, "Allow")
    assert connected(press(browser, "Refresh the tokens"))


def test_revoked_access_is_explained(browser: Browser) -> None:
    answer_the_prompt(browser, "Allow")
    section = browser.get("/access-and-security/")
    revoke = "Revoke Acme Dashboard"
    browser.submit(section, section.page.form_with_button(revoke), button=revoke)
    assert NO_LONGER in browser.get(PATH).html
    assert NO_LONGER in press(browser, "Refresh the tokens").html


def test_scope_out_of_reach_leaves_the_rest(browser: Browser) -> None:
    answer_the_prompt(browser, "Allow")
    User.objects.get(username="specialist").groups.clear()
    visit = browser.get(PATH)
    assert connected(visit)
    assert "out of our reach" in visit.html


def test_disconnecting_ends_the_access(browser: Browser, introduced: Document) -> None:
    answer_the_prompt(browser, "Allow")
    visit = press(browser, "Disconnect")
    assert not connected(visit)
    assert "Refresh the tokens" not in visit.html


def test_answer_without_a_question_is_ignored(browser: Browser) -> None:
    visit = browser.get(f"{PATH}callback?code=somebody-elses&state=guessed")
    assert visit.status == 400
    assert NOT_OURS in visit.html


def test_answer_from_another_issuer_is_ignored(client: Client, introduced: Document) -> None:
    departure = client.get(f"{PATH}connect")["Location"]
    state = re.search(r"state=([^&]+)", departure)
    assert state is not None
    answer = client.get(f"{PATH}callback", {"code": "x", "state": state[1], "iss": "https://evil.example"})
    assert answer.status_code == 400


def test_wrong_code_is_refused_kindly(client: Client, introduced: Document) -> None:
    departure = client.get(f"{PATH}connect")["Location"]
    state = re.search(r"state=([^&]+)", departure)
    assert state is not None
    answer = client.get(f"{PATH}callback", {"code": "x", "state": state[1]})
    assert NO_LONGER in answer.content.decode()


def test_service_that_does_not_answer_is_said_so(browser: Browser, client: Client, introduced: Document) -> None:
    answer_the_prompt(browser, "Allow")
    known = credentials.load()
    credentials.save(base_url="http://127.0.0.1:1", client_id=known.client_id, client_secret=known.client_secret)
    assert UNREACHABLE in browser.get(PATH).html


def test_secret_is_on_no_page(browser: Browser, introduced: Document) -> None:
    visit = answer_the_prompt(browser, "Allow")
    assert str(introduced["applications"]["dashboard"]["client_secret"]) not in visit.html
    assert "fma_" not in visit.html
    assert "fmr_" not in visit.html
