"""What the third-party application knows about itself and the service: a file of its own."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from demo_project import state_folder


class NotRegisteredError(Exception):
    """Nobody has given this application its credentials yet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """What an administrator of the service handed over."""

    base_url: str
    client_id: str
    client_secret: str = field(repr=False)


def file() -> Path:
    """Say where the credentials are."""
    return state_folder.location() / "third_party.json"


def load() -> Credentials:
    """Return the credentials, or raise `NotRegisteredError`."""
    try:
        return Credentials(**json.loads(file().read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise NotRegisteredError from None


def save(*, base_url: str, client_id: str, client_secret: str | None) -> bool:
    """
    Keep the credentials, with the secret that is already known where there is no new one.

    Return whether the application is complete: a secret that was shown to somebody else can't be shown again.
    """
    if client_secret is None:
        client_secret = _known_secret(client_id)
    if client_secret is None:
        return False
    credentials = Credentials(base_url=base_url, client_id=client_id, client_secret=client_secret)
    state_folder.write_privately(state_folder.path() / file().name, json.dumps(asdict(credentials), indent=2))
    return True


def _known_secret(client_id: str) -> str | None:
    try:
        known = load()
    except NotRegisteredError:
        return None
    return known.client_secret if known.client_id == client_id else None
