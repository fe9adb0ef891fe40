"""HTTP clients of the demo: a signed-in user's browser, and a third-party application."""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests

from demo_project.walkthrough.browser import Browser, Visit

REDIRECT_URI = "https://dashboard.example/callback"
TIMEOUT = 60


class Visitor(Browser):
    """The browser of a signed-in user."""

    def __init__(self, base_url: str, username: str, session_key: str) -> None:
        super().__init__(base_url)
        self.username = username
        self._session.cookies.set("sessionid", session_key)

    def open(self, path: str) -> requests.Response:
        """Request a path without following redirects."""
        return self._session.get(self._absolute(path), allow_redirects=False, timeout=TIMEOUT)

    def code(self, application: "Application") -> str:
        """Authorize the application, on the consent page if there is one, and return the code."""
        visit = self.get(application.link)
        return code_of(self.allow(visit) if visit.elsewhere is None else visit)

    def allow(self, consent_page: Visit) -> Visit:
        """Submit the consent page with Allow."""
        return self.submit(consent_page, consent_page.page.form_with_button("Allow"), button="Allow")

    def revoke_access(self) -> Visit:
        """Revoke the first application on Access & Security."""
        page = self.get("/access-and-security/")
        return self.submit(page, page.page.form_with_button("Revoke"), button="Revoke")


def code_of(visit: Visit) -> str:
    """Return the code in the redirect URI."""
    return dict(parse_qsl(urlsplit(visit.elsewhere or "").query))["code"]


class Application:
    """The demo's confidential application, as an HTTP client."""

    def __init__(self, base_url: str, client_id: str, client_secret: str) -> None:
        self._base_url = base_url
        self._credentials = {"client_id": client_id, "client_secret": client_secret}

    @property
    def link(self) -> str:
        """Return the path of the authorization request."""
        parameters = {"response_type": "code", "client_id": self._credentials["client_id"]}
        return f"/oauth/authorize?{urlencode(parameters | {'redirect_uri': REDIRECT_URI})}"

    def exchange(self, code: str) -> requests.Response:
        """Exchange a code for tokens."""
        return self._post("/oauth/token", grant_type="authorization_code", code=code, redirect_uri=REDIRECT_URI)

    def refresh(self, refresh_token: str) -> requests.Response:
        """Exchange a refresh token for new tokens."""
        return self._post("/oauth/token", grant_type="refresh_token", refresh_token=refresh_token)

    def revoke(self, token: str) -> requests.Response:
        """Revoke a token (RFC 7009)."""
        return self._post("/oauth/revoke", token=token)

    def introspect(self, token: str) -> requests.Response:
        """Introspect a token (RFC 7662)."""
        return self._post("/oauth/introspect", token=token)

    def call(self, access_token: str) -> requests.Response:
        """Call the API with an access token."""
        return self._send("GET", "/api/me/", headers={"Authorization": f"Bearer {access_token}"})

    def _post(self, path: str, **parameters: str) -> requests.Response:
        return self._send("POST", path, data=parameters | self._credentials)

    def _send(self, method: str, path: str, **parts: Any) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            return session.request(method, self._base_url + path, timeout=TIMEOUT, allow_redirects=False, **parts)
