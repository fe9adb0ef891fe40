"""What the third-party application remembers of each visitor: a file each, named after a hash of a random cookie."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from django.core.files import locks
from django.http import HttpRequest, HttpResponseBase

from demo_project import state_folder

COOKIE = "acme_dashboard"
REMEMBERED = ("username", "state", "code_verifier", "token")


@dataclass(kw_only=True, slots=True)
class Visitor:
    """Somebody's browser, also while it is away."""

    name: str
    """Of the file: the cookie leads to it, and it does not lead back to the cookie."""
    key: str = field(default="", repr=False)
    """The cookie, where there is a browser."""
    username: str = ""
    """At the service, as far as it has told."""
    state: str = field(default="", repr=False)
    code_verifier: str = field(default="", repr=False)
    token: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """Return who is known by the cookie, or somebody new. A cookie that we did not give makes nobody known."""
        key = request.COOKIES.get(COOKIE, "")
        if not _file(_name(key)).exists():
            key = secrets.token_urlsafe()
        visitor = cls(name=_name(key), key=key)
        visitor.recall()
        return visitor

    @classmethod
    def everybody(cls) -> list[Self]:
        """Return who is remembered, wherever their browsers are."""
        visitors = [cls(name=file.stem) for file in sorted(_file("").parent.glob("*.json"))]
        for visitor in visitors:
            visitor.recall()
        return visitors

    @contextmanager
    def alone(self) -> Iterator[None]:
        """
        Keep every other page and process from this visitor for a while, and learn what they have changed.

        Whoever saves outside of it may overwrite tokens that another process has just received. Not to be nested.
        """
        folder = state_folder.path() / _file(self.name).parent.name
        folder.mkdir(mode=0o700, exist_ok=True)
        with (folder / f"{self.name}.lock").open("a") as stream:
            locks.lock(stream, locks.LOCK_EX)  # until the file is closed, or the process has gone
            self.recall()
            yield

    def recall(self) -> None:
        """Read again."""
        try:
            remembered = json.loads(_file(self.name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            remembered = {}
        nobody = type(self)(name=self.name)
        for name in REMEMBERED:
            setattr(self, name, remembered.get(name, getattr(nobody, name)))

    def save(self) -> None:
        """Remember. Only when `alone`."""
        remembered = {name: getattr(self, name) for name in REMEMBERED}
        state_folder.write_privately(_file(self.name), json.dumps(remembered))

    def forget(self) -> None:
        """Keep nothing. Only when `alone`. The empty lock stays, because somebody may be waiting for it."""
        _file(self.name).unlink(missing_ok=True)

    def mark(self, response: HttpResponseBase, *, secure: bool) -> None:
        """Give the browser its cookie."""
        response.set_cookie(COOKIE, self.key, path="/third-party/", secure=secure, httponly=True, samesite="Lax")


def _name(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def _file(name: str) -> Path:
    return state_folder.location() / "third_party_visitors" / f"{name}.json"
