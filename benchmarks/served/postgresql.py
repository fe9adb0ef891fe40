"""A temporary PostgreSQL cluster, from Debian's package, that can be stopped and started."""

import os
import random
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# Below the ephemeral ports, so that no other process is given the port while the cluster is stopped.
PORTS = range(20_000, 32_000)
NO_FSYNC = ("fsync=off",)
"""Faster; data is only lost when the machine crashes."""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A PostgreSQL server and its data directory."""

    folder: Path
    port: int
    options: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """Return the `DATABASE_URL` of the database `postgres`."""
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start the server, and wait until it accepts connections."""
        options = ["listen_addresses=127.0.0.1", f"unix_socket_directories={self.folder}", *self.options]
        line = " ".join([f"-p {self.port}", *(f"-c {option}" for option in options)])
        self._control("start", "-o", line)

    def stop(self, mode: str = "fast") -> None:
        """Stop the server: `fast` closes all connections, `immediate` is like a crash."""
        self._control("stop", "-m", mode)

    def restart(self, mode: str = "fast") -> None:
        """Stop the server and start it again."""
        self.stop(mode)
        self.start()

    def make(self) -> None:
        """Initialize the data directory."""
        _as_postgres("initdb", "-D", self._data, "-A", "trust", "-U", "postgres", "--locale=C.UTF-8", "--no-sync")

    def _control(self, *arguments: str) -> None:
        _as_postgres("pg_ctl", "-D", self._data, "-l", str(self.folder / "log"), "-w", *arguments)

    @property
    def _data(self) -> str:
        return str(self.folder / "data")


@contextmanager
def own_cluster(*options: str) -> Iterator[Cluster]:
    """Create and start a cluster in a temporary folder; stop and delete it at exit."""
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    cluster = Cluster(folder=folder, port=_free_port(), options=options)
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        cluster.make()
        cluster.start()
        yield cluster
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            cluster.stop("immediate")
        shutil.rmtree(folder)


def _as_postgres(program: str, *arguments: str) -> None:
    # The server refuses to run as root.
    switch = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    # Output to a pipe would block: the server inherits it and keeps it open.
    subprocess.run(  # noqa: S603 - our own command
        [*switch, str(_programs() / program), *arguments], stdout=subprocess.DEVNULL, timeout=120, check=True, cwd="/"
    )


def _programs() -> Path:
    candidates = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(candidates, key=lambda path: int(path.parts[-3]), default=None)
    if newest is None:
        raise FileNotFoundError("There is no /usr/lib/postgresql/*/bin/initdb: install Debian's package postgresql.")
    return newest.parent


def _free_port() -> int:
    for port in random.sample(PORTS, 50):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise OSError("No free port was found.")
