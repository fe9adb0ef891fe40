"""Serve a separate demo: another process, a temporary folder, a free port."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from demo_project.seed.document import Document
from demo_project.state_folder import PROJECT_ROOT

NOT_INHERITED = frozenset({"ALLOWED_HOSTS", "DATABASE_URL", "DEBUG", "SECURE_COOKIES", "SECURE_SSL_REDIRECT"})


class DemoDidNotStartError(Exception):
    """The demo exited early. The message is its standard error."""


@contextmanager
def demo_server() -> Iterator[Document]:
    """Serve a freshly seeded demo, and yield its document."""
    with (
        tempfile.TemporaryDirectory(prefix="demo-walkthrough-") as folder,
        tempfile.TemporaryFile("w+", encoding="utf-8") as log,
    ):
        process = _start(folder, log)
        try:
            yield _document(process, log)
        finally:
            process.terminate()
            process.communicate()


def _start(folder: str, log: IO[str]) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    environment |= {"DEMO_STATE_DIR": folder, "DJANGO_SETTINGS_MODULE": "demo_project.settings"}
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, str(PROJECT_ROOT / "manage.py"), "demo", "--json", "--port", "0"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        encoding="utf-8",
    )


def _document(process: subprocess.Popen[str], log: IO[str]) -> Document:
    # `demo` listens before it prints the document, so the server accepts connections from here on.
    lines: list[str] = []
    for line in process.stdout or ():
        lines.append(line)
        if line.rstrip() == "}":
            document: Document = json.loads("".join(lines))
            return document
    log.seek(0)
    raise DemoDidNotStartError(log.read())
