"""A PostgreSQL cluster of one's own, made with Debian's package: it can be stopped and started at will."""

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

# Below those that the system hands out to clients, so that nobody else takes it while the cluster is down.
PORTS = range(20_000, 32_000)
IN_A_HURRY = ("fsync=off",)
"""Survives everything but a power cut."""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A running server and its data."""

    folder: Path
    port: int
    options: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """What `DATABASE_URL` is for the database that every cluster has."""
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = ["listen_addresses=127.0.0.1", f"unix_socket_directories={self.folder}", *self.options]
        line = " ".join([f"-p {self.port}", *(f"-c {option}" for option in options)])
        self._control("start", "-o", line)

    def stop(self, mode: str = "fast") -> None:
        """Stop it: `fast` ends every connection, `immediate` is a crash."""
        self._control("stop", "-m", mode)

    def restart(self, mode: str = "fast") -> None:
        """Stop it and start it again at once."""
        self.stop(mode)
        self.start()

    def make(self) -> None:
        """Write its data to the folder."""
        _as_postgres("initdb", "-D", self._data, "-A", "trust", "-U", "postgres", "--locale=C.UTF-8", "--no-sync")

    def _control(self, *arguments: str) -> None:
        _as_postgres("pg_ctl", "-D", self._data, "-l", str(self.folder / "log"), "-w", *arguments)

    @property
    def _data(self) -> str:
        return str(self.folder / "data")


@contextmanager
def own_cluster(*options: str) -> Iterator[Cluster]:
    """Make a cluster in a temporary folder and start it; nothing is left of it in the end."""
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
    # The server would keep a pipe open.
    subprocess.run(  # noqa: S603 - our own command
        [*switch, str(_programs() / program), *arguments], stdout=subprocess.DEVNULL, timeout=120, check=True, cwd="/"
    )


def _programs() -> Path:
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(found, key=lambda path: int(path.parts[-3]), default=None)
    if newest is None:
        raise FileNotFoundError("There is no /usr/lib/postgresql/*/bin/initdb: install Debian's package postgresql.")
    return newest.parent


def _free_port() -> int:
    for port in random.sample(PORTS, 50):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise OSError("No free port was found.")
