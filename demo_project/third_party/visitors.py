"""What the third-party application remembers of each visitor: a file each, named after a hash of a random cookie."""

import json
import secrets
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from django.http import HttpRequest, HttpResponseBase

from demo_project import state_folder

COOKIE = "acme_dashboard"


@dataclass(kw_only=True, slots=True)
class Visitor:
    """Somebody's browser."""

    key: str = field(default_factory=secrets.token_urlsafe, repr=False)
    state: str = field(default="", repr=False)
    code_verifier: str = field(default="", repr=False)
    token: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """Return who is known by the cookie, or somebody new."""
        key = request.COOKIES.get(COOKIE)
        if key is None:
            return cls()
        try:
            return cls(key=key, **json.loads(_file(key).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return cls()

    def save(self) -> None:
        """Remember."""
        folder = state_folder.path() / "third_party_visitors"
        folder.mkdir(mode=0o700, exist_ok=True)
        remembered = {name: value for name, value in asdict(self).items() if name != "key"}
        state_folder.write_privately(_file(self.key), json.dumps(remembered))

    def forget(self) -> None:
        """Keep nothing."""
        _file(self.key).unlink(missing_ok=True)

    def mark(self, response: HttpResponseBase, *, secure: bool) -> None:
        """Give the browser its cookie."""
        response.set_cookie(COOKIE, self.key, path="/third-party/", secure=secure, httponly=True, samesite="Lax")


def _file(key: str) -> Path:
    return state_folder.location() / "third_party_visitors" / f"{sha256(key.encode()).hexdigest()}.json"
