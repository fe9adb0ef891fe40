"""A site in a process of its own, with a connection to its database that stays open."""

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from demo_project.state_folder import PROJECT_ROOT

Timings = dict[str, list[float]]


class Site:
    """A process that does a round when it is told to."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.timings: Timings = defaultdict(list)

    def round(self) -> None:
        """Let it do one and note how long it took."""
        for name, seconds in self._ask().items():
            self.timings[name].append(seconds)

    def warm_up(self) -> None:
        """Let it do one that does not count."""
        self._ask()

    def _ask(self) -> dict[str, float]:
        assert self._process.stdin is not None  # noqa: S101 - a pipe
        assert self._process.stdout is not None  # noqa: S101 - a pipe
        self._process.stdin.write("round\n")
        self._process.stdin.flush()
        answer: dict[str, float] = json.loads(self._process.stdout.readline() or "null")
        return answer


@contextmanager
def running(driver: str, name: str, database_url: str) -> Iterator[Site]:
    """Start a site on an empty database, with the ``driver`` that does its rounds; it speaks on standard error."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        url = database_url or f"sqlite:///{folder}/site.sqlite3"
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", driver, name],
            cwd=PROJECT_ROOT,
            env=os.environ | {"DATABASE_URL": url, "DEMO_STATE_DIR": folder},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                yield Site(process)
            finally:
                process.terminate()
