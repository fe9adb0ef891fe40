"""A simulated client: one user and one third-party application."""

import random
import time
from collections.abc import Callable

import requests

from benchmarks.served.people import Application, Visitor, code_of
from benchmarks.traffic.record import Record, UnexpectedResponse
from demo_project.walkthrough.browser import Visit

Call = Callable[[], requests.Response]

API_CALLS = 3
REFRESHES = 2


class Client:
    """Authorizes the application, uses and refreshes its tokens, and sometimes revokes them."""

    def __init__(self, visitor: Visitor, application: Application, *, seed: int) -> None:
        self.visitor = visitor
        self.application = application
        self.record = Record()
        self._random = random.Random(seed)  # noqa: S311 - not for security

    def warm_up(self) -> None:
        """Send a request that is not recorded, so that the workers are initialized."""
        self.visitor.open("/access-and-security/")

    def run(self, *, until: float, requests_at_most: int) -> None:
        """Repeat the flow until the time or the number of requests is reached."""
        while time.monotonic() < until and self.record.requests < requests_at_most:
            try:
                self._run_flow()
            except UnexpectedResponse:
                continue  # recorded in `errors`

    def _run_flow(self) -> None:
        tokens = self._token("token", self.application.exchange, self._code())
        self._use(tokens)
        for _ in range(REFRESHES):
            tokens = self._token("refresh", self.application.refresh, tokens["refresh_token"])
            self._use(tokens)
        revoke = self._random.choice([self._revoke_as_application, self._revoke_as_user, None, None])
        if revoke is not None:
            revoke(tokens)
            self._request("API, revoked", lambda: self.application.call(tokens["access_token"]), status=401)

    def _code(self) -> str:
        visit = self._browse("authorize", lambda: self.visitor.get(self.application.link))
        if visit.elsewhere is None:
            consent_page = visit
            visit = self._browse("allow", lambda: self.visitor.allow(consent_page))
        return code_of(visit)

    def _token(self, kind: str, act: Callable[[str], requests.Response], credential: str) -> dict[str, str]:
        tokens: dict[str, str] = self._request(kind, lambda: act(credential)).json()
        return tokens

    def _use(self, tokens: dict[str, str]) -> None:
        for _ in range(API_CALLS):
            self._request("API", lambda: self.application.call(tokens["access_token"]))

    def _revoke_as_application(self, tokens: dict[str, str]) -> None:
        self._request("revoke", lambda: self.application.revoke(tokens["refresh_token"]))

    def _revoke_as_user(self, tokens: dict[str, str]) -> None:
        self._browse("Access & Security", self.visitor.revoke_access)

    def _request(self, kind: str, act: Call, *, status: int = 200) -> requests.Response:
        return self.record.measure(kind, act, lambda response: response.status_code == status)

    def _browse(self, kind: str, act: Callable[[], Visit]) -> Visit:
        return self.record.measure(kind, act, lambda visit: visit.status in {200, 302})
