"""Serve the demo under gunicorn, with several workers and threads."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.served.people import Application, Visitor
from demo_project.state_folder import PROJECT_ROOT

# Not inherited: these may be set for a developer's own demo.
NOT_INHERITED = frozenset({"ALLOWED_HOSTS", "DATABASE_URL", "DEBUG", "SECURE_COOKIES", "SECURE_SSL_REDIRECT"})
IN_THE_SITE = "import django, runpy, sys; django.setup(); runpy.run_module(sys.argv.pop(1), run_name='__main__')"


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """Result of `benchmarks.served.inspection`."""

    broken: list[str]
    """A sentence for each row that violates an invariant."""
    active_pairs: dict[str, int]
    """Number of pairs of access and refresh token, by username."""


@dataclass(frozen=True, kw_only=True)
class ServedDemo:
    """A running demo: its document, sessions and processes."""

    document: dict[str, Any]
    sessions: dict[str, str] = field(repr=False)
    environment: dict[str, str] = field(repr=False)
    master: subprocess.Popen[bytes]
    log_file: Path

    def visitors(self) -> Iterator[Visitor]:
        """Yield a browser for each session."""
        for username, session_key in self.sessions.items():
            yield Visitor(self.document["base_url"], username, session_key)

    @property
    def application(self) -> Application:
        """Return the confidential application."""
        dashboard = self.document["applications"]["dashboard"]
        return Application(self.document["base_url"], dashboard["client_id"], dashboard["client_secret"] or "")

    def workers(self) -> list[int]:
        """Return the process IDs of the current workers."""
        master = self.master.pid
        return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]

    def inspect(self) -> Inspection:
        """Check the invariants of the rows."""
        return Inspection(**_run_in_site(self.environment, "benchmarks.served.inspection"))

    def log(self) -> str:
        """Return the log of all processes."""
        return self.log_file.read_text(encoding="utf-8")


@contextmanager
def served_demo(
    database_url: str = "", *, workers: int = 3, threads: int = 6, visitors: int = 1
) -> Iterator[ServedDemo]:
    """Prepare the database of ``database_url``, or a temporary SQLite file, and serve the demo on it."""
    # Listening from here on: the port stays reserved, and early connections wait for a worker.
    with tempfile.TemporaryDirectory(prefix="demo-") as folder, socket.create_server(("127.0.0.1", 0)) as listening:
        environment = _environment(folder, database_url)
        base_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        arguments = "--base-url", base_url, "--visitors", str(visitors)
        prepared = _run_in_site(environment, "benchmarks.served.preparation", *arguments)
        log_file = Path(folder) / "log"
        master = _start(environment, listening, log_file, "-w", str(workers), "--threads", str(threads))
        listening.close()
        try:
            yield ServedDemo(**prepared, environment=environment, master=master, log_file=log_file)
        finally:
            _stop(master)


def _environment(folder: str, database_url: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    own = {"DEMO_STATE_DIR": folder, "DJANGO_SETTINGS_MODULE": "demo_project.settings", "XDG_RUNTIME_DIR": folder}
    return inherited | own | ({"DATABASE_URL": database_url} if database_url else {})


def _run_in_site(environment: dict[str, str], module: str, *arguments: str) -> Any:
    process = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", IN_THE_SITE, module, *arguments],
        cwd=PROJECT_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if process.returncode:
        raise RuntimeError(process.stderr)
    return json.loads(process.stdout)


def _start(
    environment: dict[str, str], listening: socket.socket, log_file: Path, *options: str
) -> subprocess.Popen[bytes]:
    # No keep-alive: a connection that a worker closes at the wrong moment would count as an error.
    fixed = ["--bind", f"fd://{listening.fileno()}", "--preload", "--keep-alive", "0", "--graceful-timeout", "5"]
    with log_file.open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "gunicorn", *fixed, *options, "demo_project.wsgi:application"],
            cwd=PROJECT_ROOT,
            env=environment,
            stdout=log,
            stderr=log,
            pass_fds=[listening.fileno()],
            start_new_session=True,
        )


def _stop(master: subprocess.Popen[bytes]) -> None:
    master.terminate()
    with suppress(subprocess.TimeoutExpired):
        master.wait(20)
    # The workers too, in case the master exited without them.
    with suppress(ProcessLookupError):
        os.killpg(master.pid, signal.SIGKILL)
    master.wait()
