"""The service as the third-party application sees it: addresses, HTTP, tokens, through requests-oauthlib."""

import os
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from oauthlib.oauth2 import WebApplicationClient
from requests_oauthlib import OAuth2Session

from demo_project.third_party.credentials import Credentials

TIMEOUT = 10
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

Token = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Departure:
    """Where to send the browser, and what to remember until it is back."""

    url: str
    state: str
    code_verifier: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Overview:
    """What the dashboard shows."""

    me: dict[str, Any]
    requests: list[dict[str, Any]] | None
    """Nothing where the service refuses them to this user or this application."""


class Service:
    """One conversation with the service."""

    def __init__(self, credentials: Credentials, token: Token | None = None) -> None:
        self._credentials = credentials
        self._client = WebApplicationClient(credentials.client_id)
        redirect_uri = self._url("/third-party/callback")
        self._session = OAuth2Session(client=self._client, redirect_uri=redirect_uri, token=token or {})
        if urlsplit(credentials.base_url).hostname in LOOPBACK:
            # Neither oauthlib nor a proxy has business between two ends on one machine.
            os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
            self._session.trust_env = False

    def departure(self) -> Departure:
        """Return what starts the flow. PKCE (RFC 7636) is this application's own choice."""
        verifier = self._client.create_code_verifier(64)
        challenge = self._client.create_code_challenge(verifier, "S256")
        url, state = self._session.authorization_url(
            self._url("/oauth/authorize"), code_challenge=challenge, code_challenge_method="S256"
        )
        return Departure(url=url, state=state, code_verifier=verifier)

    def exchange(self, code: str, *, code_verifier: str) -> Token:
        """Return the tokens for `code`."""
        return dict(
            self._session.fetch_token(
                self._url("/oauth/token"),
                code=code,
                code_verifier=code_verifier,
                client_secret=self._credentials.client_secret,
                timeout=TIMEOUT,
            )
        )

    def refresh(self) -> Token:
        """Return new tokens for the refresh token."""
        authentication = (self._credentials.client_id, self._credentials.client_secret)
        return dict(self._session.refresh_token(self._url("/oauth/token"), auth=authentication, timeout=TIMEOUT))

    def revoke(self) -> None:
        """Give the access back (RFC 7009)."""
        token = self._session.token
        requests.post(
            self._url("/oauth/revoke"),
            data={"token": token.get("refresh_token") or token["access_token"]},
            auth=(self._credentials.client_id, self._credentials.client_secret),
            timeout=TIMEOUT,
        ).raise_for_status()

    def overview(self) -> Overview:
        """Call the API. Raises `requests.HTTPError` where the service no longer accepts the token."""
        me = self._get("/api/me/")
        me.raise_for_status()
        listing = self._get("/api/requests/")
        if listing.status_code == requests.codes.forbidden:
            return Overview(me=me.json(), requests=None)
        listing.raise_for_status()
        return Overview(me=me.json(), requests=listing.json()["results"])

    def is_issuer(self, issuer: str) -> bool:
        """Say whether the answer is from the service that was asked (RFC 9207)."""
        return issuer.rstrip("/") == self._credentials.base_url.rstrip("/")

    def _get(self, path: str) -> requests.Response:
        response: requests.Response = self._session.get(self._url(path), timeout=TIMEOUT)
        return response

    def _url(self, path: str) -> str:
        return f"{self._credentials.base_url}{path}"
