"""A service over real HTTP with responses that a test scripts."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import parse_qs

ME = {
    "username": "sam",
    "roles": ["specialist"],
    "scopes": {"request:read": "in_effect", "request:create": "in_effect"},
}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A status and a body; a text body is sent unchanged."""

    status: int = 200
    body: Any = field(default_factory=dict)


@dataclass(kw_only=True)
class ScriptedService:
    """Records requests and sends scripted responses. Each refresh returns the next pair."""

    base_url: str
    asked: list[str] = field(default_factory=list)
    refresh_tokens: list[str] = field(default_factory=list)
    answers: dict[str, Callable[[], Answer]] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def serving(cls) -> Iterator["ScriptedService"]:
        """Serve on a free port."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        service = cls(base_url=f"http://127.0.0.1:{server.server_port}")
        _Handler.service = service
        thread = Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield service
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def answers_with(self, question: str, *, status: int = 200, body: Any = None) -> None:
        """Send this response to such requests from now on."""
        self.answers[question] = lambda: Answer(status=status, body=body if body is not None else {})

    def answer(self, question: str, form: dict[str, list[str]]) -> Answer:
        """Return the scripted response, or that of a working service."""
        self.asked.append(question)
        self.refresh_tokens += form.get("refresh_token", [])
        if question in self.answers:
            return self.answers[question]()
        return Answer(body=self._well(question))

    def _well(self, question: str) -> dict[str, Any]:
        number = len(self.refresh_tokens)
        pair = {"access_token": f"fma_{number}", "refresh_token": f"fmr_{number}", "token_type": "Bearer"}
        return {
            "GET /api/me/": ME,
            "GET /api/requests/": {"results": [{"id": 1, "subject": "Toner", "status": "in_progress"}]},
            "POST /api/requests/": {"id": 7},
            "POST /oauth/token": pair | {"expires_in": 3600},
        }.get(question, {})


class _Handler(BaseHTTPRequestHandler):
    service: ClassVar[ScriptedService]

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _answer(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
        answer = self.service.answer(f"{self.command} {self.path}", form)
        body = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
        with suppress(ConnectionError):  # the client may have timed out
            self.send_response(answer.status)
            self.end_headers()
            self.wfile.write(body.encode())
