"""The redirect endpoint of the third-party application."""

from urllib.parse import parse_qs, urlsplit

from django.test import Client

from demo_project.seed.document import Document
from demo_project.third_party.refusals import GrantRefusedError
from demo_project.third_party.views import DENIED, NOT_OURS
from demo_project.walkthrough.browser import Browser

from .conftest import answer_the_prompt

PATH = "/third-party/"


def depart(client: Client) -> str:
    """Start the flow, and return the state that left with it."""
    return parse_qs(urlsplit(client.get(f"{PATH}connect")["Location"]).query)["state"][0]


def test_denial_shows_a_message(browser: Browser) -> None:
    assert DENIED in answer_the_prompt(browser, "Deny").html


def test_callback_without_a_pending_request_is_ignored(browser: Browser) -> None:
    visit = browser.get(f"{PATH}callback?code=somebody-elses&state=guessed")
    assert visit.status == 400
    assert NOT_OURS in visit.html


def test_callback_from_another_issuer_is_ignored(client: Client, introduced: Document) -> None:
    state = depart(client)
    answer = client.get(f"{PATH}callback", {"code": "x", "state": state, "iss": "https://evil.example"})
    assert answer.status_code == 400


def test_callback_can_be_used_once(client: Client, introduced: Document) -> None:
    state = depart(client)
    answer = {"error": "access_denied", "state": state}
    assert DENIED in client.get(f"{PATH}callback", answer).content.decode()
    assert client.get(f"{PATH}callback", answer).status_code == 400


def test_forged_cookie_identifies_nobody(client: Client, introduced: Document) -> None:
    client.cookies["acme_dashboard"] = "chosen"
    client.get(f"{PATH}connect")
    assert client.cookies["acme_dashboard"].value != "chosen"


def test_wrong_code_shows_a_message(client: Client, introduced: Document) -> None:
    state = depart(client)
    answer = client.get(f"{PATH}callback", {"code": "x", "state": state})
    assert GrantRefusedError.words in answer.content.decode()
