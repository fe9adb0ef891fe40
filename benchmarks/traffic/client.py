"""One user and one third-party application, at it without a pause."""

import random
import time
from collections.abc import Callable

import requests

from benchmarks.served.people import Application, Visitor, code_of
from benchmarks.traffic.record import Record, UnexpectedAnswer
from demo_project.walkthrough.browser import Visit

Call = Callable[[], requests.Response]

API_CALLS = 3
REFRESHES = 2


class Client:
    """It lets the application in, uses its tokens, refreshes them, and now and then ends it all."""

    def __init__(self, visitor: Visitor, application: Application, *, seed: int) -> None:
        self.visitor = visitor
        self.application = application
        self.record = Record()
        self._chance = random.Random(seed)  # noqa: S311 - chance, not a secret

    def warm_up(self) -> None:
        """Ask for something, so that no worker is new when the time begins."""
        self.visitor.open("/access-and-security/")

    def go_on(self, *, until: float, requests_at_most: int) -> None:
        """Begin again and again, until the time or the number of requests is up."""
        while time.monotonic() < until and self.record.requests < requests_at_most:
            try:
                self._visit()
            except UnexpectedAnswer:
                continue  # it is in the record

    def _visit(self) -> None:
        tokens = self._token("token", self.application.exchange, self._code())
        self._use(tokens)
        for _ in range(REFRESHES):
            tokens = self._token("refresh", self.application.refresh, tokens["refresh_token"])
            self._use(tokens)
        end = self._chance.choice([self._revoke, self._take_back, None, None])
        if end is not None:
            end(tokens)
            self._answer("API, revoked", lambda: self.application.call(tokens["access_token"]), status=401)

    def _code(self) -> str:
        visit = self._visited("authorize", lambda: self.visitor.get(self.application.link))
        if visit.elsewhere is None:
            prompt = visit
            visit = self._visited("allow", lambda: self.visitor.allow(prompt))
        return code_of(visit)

    def _token(self, kind: str, act: Callable[[str], requests.Response], credential: str) -> dict[str, str]:
        tokens: dict[str, str] = self._answer(kind, lambda: act(credential)).json()
        return tokens

    def _use(self, tokens: dict[str, str]) -> None:
        for _ in range(API_CALLS):
            self._answer("API", lambda: self.application.call(tokens["access_token"]))

    def _revoke(self, tokens: dict[str, str]) -> None:
        self._answer("revoke", lambda: self.application.revoke(tokens["refresh_token"]))

    def _take_back(self, tokens: dict[str, str]) -> None:
        self._visited("Access & Security", self.visitor.take_back)

    def _answer(self, kind: str, act: Call, *, status: int = 200) -> requests.Response:
        return self.record.measure(kind, act, lambda answer: answer.status_code == status)

    def _visited(self, kind: str, act: Callable[[], Visit]) -> Visit:
        return self.record.measure(kind, act, lambda visit: visit.status in {200, 302})
