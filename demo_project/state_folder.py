"""The folder for what the demo persists across processes: private to the user who runs it, ignored by git."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent


def location() -> Path:
    """Return the folder's path, whether it exists or not. `DEMO_STATE_DIR` overrides it."""
    return Path(os.environ.get("DEMO_STATE_DIR") or PROJECT_ROOT / ".demo").absolute()


def path() -> Path:
    """Return the folder; create it if it is missing."""
    folder = location()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ignored = folder / ".gitignore"
    if not ignored.exists():
        ignored.write_text("*\n", encoding="utf-8")
    return folder


def write_privately(file: Path, text: str) -> None:
    """Write the file atomically, with mode 600."""
    temporary = _write_beside(file, text)
    temporary.replace(file)


def secret_key() -> str:
    """
    Return the site's `SECRET_KEY`, generated once.

    Of two processes that start at the same time, the first to link its file wins, and both return its key.
    """
    file = path() / "secret_key"
    if not file.exists():
        temporary = _write_beside(file, secrets.token_urlsafe(50))
        with suppress(FileExistsError):
            os.link(temporary, file)
        temporary.unlink()
    return file.read_text(encoding="utf-8")


def _write_beside(file: Path, text: str) -> Path:
    # mkstemp creates with mode 600.
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    return Path(name)
