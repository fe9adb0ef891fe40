"""The service as the third-party application sees it: addresses, HTTP, tokens, through requests-oauthlib."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from oauthlib.oauth2 import (
    InvalidClientError,
    InvalidGrantError,
    OAuth2Error,
    TokenExpiredError,
    UnauthorizedClientError,
    WebApplicationClient,
)
from requests_oauthlib import OAuth2Session

from demo_project.third_party.credentials import Credentials
from demo_project.third_party.refusals import (
    ApplicationRefusedError,
    GrantRefusedError,
    NotInEffectError,
    TokenRefusedError,
    UnavailableError,
)

TIMEOUT = 10
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

Token = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Departure:
    """Where to send the browser, and what to remember until it is back."""

    url: str
    state: str
    code_verifier: str


class Service:
    """One conversation with the service. What it does not do is raised as a `RefusalError`."""

    def __init__(self, credentials: Credentials, token: Token | None = None) -> None:
        self._credentials = credentials
        self._client = WebApplicationClient(credentials.client_id)
        redirect_uri = self._url("/third-party/callback")
        self._session = OAuth2Session(client=self._client, redirect_uri=redirect_uri, token=token or {})
        for answer in ("access_token_response", "refresh_token_response"):
            self._session.register_compliance_hook(answer, _hold_that_it_answers)
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
        secret = self._credentials.client_secret
        return self._tokens(self._session.fetch_token, code=code, code_verifier=code_verifier, client_secret=secret)

    def refresh(self) -> Token:
        """Return new tokens for the refresh token, which is good for one use: see `errands.refresh`."""
        return self._tokens(self._session.refresh_token, auth=self._authentication)

    def revoke(self) -> None:
        """Give the access back (RFC 7009)."""
        token = self._session.token
        data = {"token": token.get("refresh_token") or token["access_token"]}
        self._call("POST", "/oauth/revoke", data=data, auth=self._authentication, withhold_token=True)

    def me(self) -> dict[str, Any]:
        """Return who the user is, and what is in effect."""
        return self._ask("GET", "/api/me/", "username", "roles", "scopes")

    def visible_requests(self) -> list[dict[str, Any]]:
        """Return the first page of the requests that the user sees."""
        return list(self._ask("GET", "/api/requests/", "results")["results"])

    def create_request(self, subject: str) -> int:
        """Submit a request, and return its number."""
        return int(self._ask("POST", "/api/requests/", "id", json={"subject": subject})["id"])

    def is_issuer(self, issuer: str) -> bool:
        """Say whether the answer is from the service that was asked (RFC 9207)."""
        return issuer.rstrip("/") == self._credentials.base_url.rstrip("/")

    @property
    def _authentication(self) -> tuple[str, str]:
        return self._credentials.client_id, self._credentials.client_secret

    def _tokens(self, fetch: Callable[..., Token], **parameters: Any) -> Token:
        try:
            return dict(fetch(self._url("/oauth/token"), timeout=TIMEOUT, **parameters))
        except InvalidGrantError as refusal:
            raise GrantRefusedError from refusal
        except (InvalidClientError, UnauthorizedClientError) as refusal:
            raise ApplicationRefusedError from refusal
        except (OAuth2Error, requests.RequestException) as failure:
            raise UnavailableError from failure

    def _ask(self, method: str, path: str, *needed: str, **parameters: Any) -> dict[str, Any]:
        return _json_object(self._call(method, path, **parameters), *needed)

    def _call(self, method: str, path: str, **parameters: Any) -> requests.Response:
        try:
            response: requests.Response = self._session.request(method, self._url(path), timeout=TIMEOUT, **parameters)
        except TokenExpiredError as refusal:
            raise TokenRefusedError from refusal
        except requests.RequestException as failure:
            raise UnavailableError from failure
        return _hold_that_it_is_done(response)

    def _url(self, path: str) -> str:
        return f"{self._credentials.base_url}{path}"


def _hold_that_it_answers(response: requests.Response) -> requests.Response:
    # A service that is too busy, or broken, does not speak OAuth: its answer must not be taken for one.
    busy = response.status_code == requests.codes.too_many_requests
    if busy or response.status_code >= requests.codes.internal_server_error:
        raise UnavailableError
    _json_object(response)
    return response


def _hold_that_it_is_done(response: requests.Response) -> requests.Response:
    if response.status_code == requests.codes.unauthorized:
        raise TokenRefusedError
    if response.status_code == requests.codes.forbidden:
        raise NotInEffectError(_missing(response))
    if not response.ok:
        raise UnavailableError
    return response


def _missing(response: requests.Response) -> dict[str, str]:
    missing = _json_object(response).get("missing")
    return missing if isinstance(missing, dict) else {}  # a refusal may be about no scope


def _json_object(response: requests.Response, *needed: str) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError as failure:
        raise UnavailableError from failure
    if not isinstance(answer, dict) or not set(needed) <= set(answer):
        raise UnavailableError
    return answer
