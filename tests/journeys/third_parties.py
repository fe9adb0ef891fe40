"""Two third-party applications that know only a site's URLs."""

from urllib.parse import urlencode

import requests
from requests_oauthlib import OAuth2Session

REDIRECT_URI = "https://third-party.example/callback"


class HandWritten:
    """A third-party application with an HTTP library only."""

    def __init__(self, site, name, client_id, client_secret):
        self.site = site
        self.name = name
        self.credentials = {"client_id": client_id, "client_secret": client_secret}
        self.token = {}

    def link(self, **demanded):
        parameters = {
            "response_type": "code",
            "client_id": self.credentials["client_id"],
            "redirect_uri": REDIRECT_URI,
            "state": "opaque",
            **demanded,
        }
        return f"{self.site.oauth}/authorize?{urlencode(parameters)}"

    def exchange(self, answer):
        assert answer["state"] == "opaque"
        return self._token_request(grant_type="authorization_code", code=answer["code"], redirect_uri=REDIRECT_URI)

    def refresh(self):
        return self._token_request(grant_type="refresh_token", refresh_token=self.token["refresh_token"])

    def call(self, path, method="GET", **body):
        return requests.request(
            method,
            self.site.base_url + path,
            json=body or None,
            headers={"Authorization": f"Bearer {self.token['access_token']}"},
            timeout=10,
        )

    def _token_request(self, **parameters):
        response = requests.post(f"{self.site.oauth}/token", data=parameters | self.credentials, timeout=10)
        if response.status_code != 200:
            return response.json()["error"]
        self.token = response.json()
        return None


class WithLibrary(HandWritten):
    """The same with requests-oauthlib."""

    def __init__(self, site, name, client_id, client_secret):
        super().__init__(site, name, client_id, client_secret)
        self.session = OAuth2Session(client_id, redirect_uri=REDIRECT_URI)

    def link(self, **demanded):
        url, self.state = self.session.authorization_url(f"{self.site.oauth}/authorize", **demanded)
        return url

    def exchange(self, answer):
        assert answer["state"] == self.state
        return self._fetch(
            self.session.fetch_token, code=answer["code"], client_secret=self.credentials["client_secret"]
        )

    def refresh(self):
        return self._fetch(self.session.refresh_token, **self.credentials)

    def call(self, path, method="GET", **body):
        return self.session.request(method, self.site.base_url + path, json=body or None, timeout=10)

    def _fetch(self, fetch, **parameters):
        try:
            self.token = fetch(f"{self.site.oauth}/token", timeout=10, **parameters)
        except Exception as fault:
            return getattr(fault, "error", repr(fault))
        return None
