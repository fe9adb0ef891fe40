"""The third-party application's sessions: one file for each visitor, named after the hash of a random cookie."""

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
STORED = ("username", "state", "code_verifier", "token")


@dataclass(kw_only=True, slots=True)
class Visitor:
    """A visitor's session, which the background command uses too, without a browser."""

    name: str
    """Name of the file: the SHA-256 of the cookie, so that the file does not reveal the cookie."""
    key: str = field(default="", repr=False)
    """Value of the cookie; empty where there is no browser."""
    username: str = ""
    """At the service; empty until the API has returned it."""
    state: str = field(default="", repr=False)
    code_verifier: str = field(default="", repr=False)
    token: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """Return the visitor of the cookie, or a new one. A cookie that was not issued here is never adopted."""
        key = request.COOKIES.get(COOKIE, "")
        if not _file(_name(key)).exists():
            key = secrets.token_urlsafe()
        visitor = cls(name=_name(key), key=key)
        visitor.reload()
        return visitor

    @classmethod
    def all(cls) -> list[Self]:
        """Return every stored visitor."""
        visitors = [cls(name=file.stem) for file in sorted(_file("").parent.glob("*.json"))]
        for visitor in visitors:
            visitor.reload()
        return visitors

    @contextmanager
    def locked(self) -> Iterator[None]:
        """
        Hold an exclusive lock on this visitor across threads and processes, and reload it first.

        `save` outside of it can overwrite tokens that another process has just received. Not reentrant.
        """
        folder = state_folder.path() / _file(self.name).parent.name
        folder.mkdir(mode=0o700, exist_ok=True)
        with (folder / f"{self.name}.lock").open("a") as stream:
            locks.lock(stream, locks.LOCK_EX)  # released when the file is closed or the process exits
            self.reload()
            yield

    def reload(self) -> None:
        """Reload from the file; empty where there is none."""
        try:
            stored = json.loads(_file(self.name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            stored = {}
        empty = type(self)(name=self.name)
        for name in STORED:
            setattr(self, name, stored.get(name, getattr(empty, name)))

    def save(self) -> None:
        """Write the file. Only within `locked`."""
        stored = {name: getattr(self, name) for name in STORED}
        state_folder.write_privately(_file(self.name), json.dumps(stored))

    def forget(self) -> None:
        """Delete the file. Only within `locked`. The lock file stays, because another process may be waiting for it."""
        _file(self.name).unlink(missing_ok=True)

    def mark(self, response: HttpResponseBase, *, secure: bool) -> None:
        """Set the cookie."""
        response.set_cookie(COOKIE, self.key, path="/third-party/", secure=secure, httponly=True, samesite="Lax")


def _name(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def _file(name: str) -> Path:
    return state_folder.location() / "third_party_visitors" / f"{name}.json"
