"""Journeys go over real HTTP: a served site, browsers, and third-party applications."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests
from requests_oauthlib import OAuth2Session

from demo_project.seed.document import seed
from demo_project.walkthrough.browser import Browser

REDIRECT_URI = "https://third-party.example/callback"


class HandWritten:
    """A third-party application that somebody wrote with an HTTP library and the RFC."""

    def __init__(self, base_url, client_id, client_secret):
        self.base_url = base_url
        self.credentials = {"client_id": client_id, "client_secret": client_secret}
        self.token = {}

    def link(self):
        parameters = {
            "response_type": "code",
            "client_id": self.credentials["client_id"],
            "redirect_uri": REDIRECT_URI,
            "state": "opaque",
        }
        return f"{self.base_url}/oauth/authorize?{urlencode(parameters)}"

    def exchange(self, answer):
        assert answer["state"] == "opaque"
        return self._token_request(grant_type="authorization_code", code=answer["code"], redirect_uri=REDIRECT_URI)

    def refresh(self):
        return self._token_request(grant_type="refresh_token", refresh_token=self.token["refresh_token"])

    def call(self, path, method="GET", **body):
        return requests.request(
            method,
            self.base_url + path,
            json=body or None,
            headers={"Authorization": f"Bearer {self.token['access_token']}"},
            timeout=10,
        )

    def _token_request(self, **parameters):
        response = requests.post(f"{self.base_url}/oauth/token", data=parameters | self.credentials, timeout=10)
        if response.status_code != 200:
            return response.json()["error"]
        self.token = response.json()
        return None


class WithLibrary(HandWritten):
    """The same with requests-oauthlib, which others wrote."""

    def __init__(self, base_url, client_id, client_secret):
        super().__init__(base_url, client_id, client_secret)
        self.session = OAuth2Session(client_id, redirect_uri=REDIRECT_URI)

    def link(self):
        url, self.state = self.session.authorization_url(f"{self.base_url}/oauth/authorize")
        return url

    def exchange(self, answer):
        assert answer["state"] == self.state
        return self._fetch(
            self.session.fetch_token, code=answer["code"], client_secret=self.credentials["client_secret"]
        )

    def refresh(self):
        return self._fetch(self.session.refresh_token, **self.credentials)

    def call(self, path, method="GET", **body):
        return self.session.request(method, self.base_url + path, json=body or None, timeout=10)

    def _fetch(self, fetch, **parameters):
        try:
            self.token = fetch(f"{self.base_url}/oauth/token", timeout=10, **parameters)
        except Exception as fault:
            return getattr(fault, "error", repr(fault))
        return None


@pytest.fixture
def service(live_server):
    """The demo, served: its document says where everything is and who is there."""
    return seed(base_url=live_server.url, rotate_secrets=True)


@pytest.fixture
def sign_in(service):
    def sign_in(name):
        browser = Browser(service["base_url"])
        user = service["users"][name]
        page = browser.get(service["endpoints"]["login"])
        browser.log_in(page, username=user["username"], password=user["password"])
        return browser

    return sign_in


@pytest.fixture
def administrator(sign_in):
    return sign_in("admin")


@pytest.fixture
def register(administrator):
    """Register an application in the admin and return the answer to that POST."""

    def register(**fields):
        page = administrator.get("/admin/fourme_oauth/application/add/")
        form = page.page.form_with_field("redirect_uris")
        for name, value in ({"name": "Journey", "redirect_uris": REDIRECT_URI} | fields).items():
            form.fill(name, value)
        form.choose("scopes", "account:read", "request:read", "request:create", "request:update")
        return administrator.submit(page, form)

    return register


@pytest.fixture(params=[HandWritten, WithLibrary])
def registered(request, service, register, monkeypatch):
    """A third-party application that an administrator has registered."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # the service is on loopback
    answer = register()
    return request.param(service["base_url"], answer.page.text("client-id"), answer.page.text("client-secret"))


def answer_of(visit):
    """What the browser carries to the redirect URI."""
    assert visit.elsewhere is not None, visit.html
    assert visit.elsewhere.startswith(REDIRECT_URI)
    return dict(parse_qsl(urlsplit(visit.elsewhere).query))


@pytest.fixture
def specialist(sign_in):
    return sign_in("specialist")


@pytest.fixture
def connected(registered, specialist):
    """The third-party application with the specialist's tokens."""
    prompt = specialist.get(registered.link())
    allowed = specialist.submit(prompt, prompt.page.form_with_button("Allow"), button="Allow")
    assert registered.exchange(answer_of(allowed)) is None
    return registered
