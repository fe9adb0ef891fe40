"""The third-party application's credentials and the service's base URL, in a file of its own."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from demo_project import state_folder


class NotRegisteredError(Exception):
    """The application has no credentials yet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """What an administrator of the service has given to the application."""

    base_url: str
    client_id: str
    client_secret: str = field(repr=False)


def file() -> Path:
    """Return the path of the credentials file."""
    return state_folder.location() / "third_party.json"


def load() -> Credentials:
    """Return the credentials, or raise `NotRegisteredError`."""
    try:
        return Credentials(**json.loads(file().read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise NotRegisteredError from None


def save(*, base_url: str, client_id: str, client_secret: str | None) -> bool:
    """
    Save the credentials; without a new secret, keep the one that is stored for this client ID.

    Return False where there is no secret at all: one that was issued elsewhere can't be shown again.
    """
    if client_secret is None:
        client_secret = _stored_secret(client_id)
    if client_secret is None:
        return False
    credentials = Credentials(base_url=base_url, client_id=client_id, client_secret=client_secret)
    state_folder.write_privately(state_folder.path() / file().name, json.dumps(asdict(credentials), indent=2))
    return True


def _stored_secret(client_id: str) -> str | None:
    try:
        stored = load()
    except NotRegisteredError:
        return None
    return stored.client_secret if stored.client_id == client_id else None
