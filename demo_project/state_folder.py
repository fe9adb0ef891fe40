"""What the demo keeps between its processes: one folder, private to the person who runs it, ignored by git."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent


def location() -> Path:
    """Say where the folder is, or will be. `DEMO_STATE_DIR` moves it."""
    return Path(os.environ.get("DEMO_STATE_DIR") or PROJECT_ROOT / ".demo").absolute()


def path() -> Path:
    """Return the folder, made when it is missing."""
    folder = location()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ignored = folder / ".gitignore"
    if not ignored.exists():
        ignored.write_text("*\n", encoding="utf-8")
    return folder


def write_privately(file: Path, text: str) -> None:
    """Replace the file in one step, so that a reader never sees half of it. Mode 600."""
    temporary = _write_beside(file, text)
    temporary.replace(file)


def secret_key() -> str:
    """
    Return the site's `SECRET_KEY`, made once.

    Of two processes that start together, the first to link its file wins.
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
