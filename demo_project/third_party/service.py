"""Client of the service desk's OAuth endpoints and API, built on requests-oauthlib."""

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
class AuthorizationRequest:
    """The authorization URL, and what to keep until the callback."""

    url: str
    state: str
    code_verifier: str


class Service:
    """A client for one user's tokens. Raises a `RefusalError` for whatever the service does not do."""

    def __init__(self, credentials: Credentials, token: Token | None = None) -> None:
        self._credentials = credentials
        self._client = WebApplicationClient(credentials.client_id)
        redirect_uri = self._url("/third-party/callback")
        self._session = OAuth2Session(client=self._client, redirect_uri=redirect_uri, token=token or {})
        for hook in ("access_token_response", "refresh_token_response"):
            self._session.register_compliance_hook(hook, _check_token_response)
        if urlsplit(credentials.base_url).hostname in LOOPBACK:
            # Plain HTTP is safe on loopback, and a proxy from the environment can't reach it.
            os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
            self._session.trust_env = False

    def authorization_request(self) -> AuthorizationRequest:
        """Return a new authorization request, with `state` and PKCE (RFC 7636; not required by the service here)."""
        verifier = self._client.create_code_verifier(64)
        challenge = self._client.create_code_challenge(verifier, "S256")
        url, state = self._session.authorization_url(
            self._url("/oauth/authorize"), code_challenge=challenge, code_challenge_method="S256"
        )
        return AuthorizationRequest(url=url, state=state, code_verifier=verifier)

    def exchange(self, code: str, *, code_verifier: str) -> Token:
        """Exchange `code` for tokens."""
        secret = self._credentials.client_secret
        return self._tokens(self._session.fetch_token, code=code, code_verifier=code_verifier, client_secret=secret)

    def refresh(self) -> Token:
        """Exchange the refresh token for new tokens. It is single use: call this through `errands.refresh` only."""
        return self._tokens(self._session.refresh_token, auth=self._authentication)

    def revoke(self) -> None:
        """Revoke the refresh token, or the access token where there is none (RFC 7009)."""
        token = self._session.token
        data = {"token": token.get("refresh_token") or token["access_token"]}
        self._call("POST", "/oauth/revoke", data=data, auth=self._authentication, withhold_token=True)

    def me(self) -> dict[str, Any]:
        """Return the user's name and roles, and the verdict on each scope."""
        return self._json("GET", "/api/me/", "username", "roles", "scopes")

    def visible_requests(self) -> list[dict[str, Any]]:
        """Return the first page of the requests that the user may see."""
        return list(self._json("GET", "/api/requests/", "results")["results"])

    def create_request(self, subject: str) -> int:
        """Submit a request and return its ID."""
        return int(self._json("POST", "/api/requests/", "id", json={"subject": subject})["id"])

    def is_issuer(self, issuer: str) -> bool:
        """Return whether `iss` in the authorization response is this service (RFC 9207)."""
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

    def _json(self, method: str, path: str, *required: str, **parameters: Any) -> dict[str, Any]:
        return _json_object(self._call(method, path, **parameters), *required)

    def _call(self, method: str, path: str, **parameters: Any) -> requests.Response:
        try:
            response: requests.Response = self._session.request(method, self._url(path), timeout=TIMEOUT, **parameters)
        except TokenExpiredError as refusal:
            raise TokenRefusedError from refusal
        except requests.RequestException as failure:
            raise UnavailableError from failure
        return _check_api_response(response)

    def _url(self, path: str) -> str:
        return f"{self._credentials.base_url}{path}"


def _check_token_response(response: requests.Response) -> requests.Response:
    # Checked before oauthlib parses it: 429 and 5xx are no OAuth error responses, and must not cost the tokens.
    busy = response.status_code == requests.codes.too_many_requests
    if busy or response.status_code >= requests.codes.internal_server_error:
        raise UnavailableError
    _json_object(response)
    return response


def _check_api_response(response: requests.Response) -> requests.Response:
    if response.status_code == requests.codes.unauthorized:
        raise TokenRefusedError
    if response.status_code == requests.codes.forbidden:
        raise NotInEffectError(_missing(response))
    if not response.ok:
        raise UnavailableError
    return response


def _missing(response: requests.Response) -> dict[str, str]:
    missing = _json_object(response).get("missing")
    return missing if isinstance(missing, dict) else {}  # a 403 may have another reason than scopes


def _json_object(response: requests.Response, *required: str) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError as failure:
        raise UnavailableError from failure
    if not isinstance(body, dict) or not set(required) <= set(body):
        raise UnavailableError
    return body
