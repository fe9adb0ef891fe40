"""Run a site in a process of its own, with a persistent database connection."""

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
    """A running driver process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.timings: Timings = defaultdict(list)

    def round(self) -> None:
        """Run a round and record its timings."""
        for name, seconds in self._run_round().items():
            self.timings[name].append(seconds)

    def warm_up(self) -> None:
        """Run a round that is not recorded."""
        self._run_round()

    def _run_round(self) -> dict[str, float]:
        assert self._process.stdin is not None  # noqa: S101 - a pipe
        assert self._process.stdout is not None  # noqa: S101 - a pipe
        self._process.stdin.write("round\n")
        self._process.stdin.flush()
        timings: dict[str, float] = json.loads(self._process.stdout.readline() or "null")
        return timings


@contextmanager
def running(driver: str, name: str, database_url: str) -> Iterator[Site]:
    """Start the module ``driver`` for the site ``name`` on an empty database; its standard error is inherited."""
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
