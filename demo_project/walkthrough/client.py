"""The third-party application of the walkthrough, on requests-oauthlib, used as its documentation says."""

import os
from time import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from oauthlib.oauth2 import InvalidGrantError
from requests_oauthlib import OAuth2Session

TIMEOUT = 10
REDIRECT_URI = "https://client.example/callback"


class Client:
    """A confidential application that uses no PKCE and sends no `scope`."""

    def __init__(self, base_url: str, *, client_id: str, client_secret: str) -> None:
        # The service is on loopback, where plain HTTP is safe.
        os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
        self._base_url = base_url
        self._credentials = {"client_id": client_id, "client_secret": client_secret}
        self._session = self._new_session()
        self._state = ""

    def link(self) -> str:
        """Return a new authorization URL."""
        self._session = self._new_session()
        url, self._state = self._session.authorization_url(f"{self._base_url}/oauth/authorize")
        return str(url)

    def authorization_response(self, url: str | None) -> dict[str, str]:
        """Return the parameters of the redirect to `url`. Raises `ValueError` for another redirect URI or `state`."""
        answer = {name: values[0] for name, values in parse_qs(urlsplit(url or "").query).items()}
        if not (url or "").startswith(REDIRECT_URI) or answer.get("state") != self._state:
            raise ValueError(f"Sent to {url!r} instead of back to the application.")
        return answer

    def exchange(self, code: str) -> dict[str, Any]:
        """Exchange the code for tokens."""
        return dict(
            self._session.fetch_token(
                self._token_url,
                code=code,
                client_secret=self._credentials["client_secret"],
                include_client_id=True,
                timeout=TIMEOUT,
            )
        )

    def refresh(self) -> dict[str, Any]:
        """Exchange the refresh token for new tokens."""
        return dict(self._session.refresh_token(self._token_url, timeout=TIMEOUT, **self._credentials))

    def refresh_is_refused(self) -> bool:
        """Try to refresh. Return whether the service answers `invalid_grant`."""
        try:
            self.refresh()
        except InvalidGrantError:
            return True
        return False

    def seconds_left(self, token: str) -> int:
        """Introspect a token, and return the seconds until it expires (RFC 7662)."""
        parameters = {"token": token, **self._credentials}
        answer = self._session.post(
            f"{self._base_url}/oauth/introspect", data=parameters, withhold_token=True, timeout=TIMEOUT
        )
        answer.raise_for_status()
        expires_at: int = answer.json()["exp"]
        return round(expires_at - time())

    def call(self, method: str, path: str, **body: str) -> requests.Response:
        """Call the API with the access token."""
        response: requests.Response = self._session.request(
            method, f"{self._base_url}{path}", json=body or None, timeout=TIMEOUT
        )
        return response

    @property
    def _token_url(self) -> str:
        return f"{self._base_url}/oauth/token"

    def _new_session(self) -> OAuth2Session:
        session = OAuth2Session(self._credentials["client_id"], redirect_uri=REDIRECT_URI)
        session.trust_env = False
        return session
