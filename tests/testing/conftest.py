import os
import re
import subprocess
import sys

import pytest

from tests.host_site import IMPORTABLE_FROM
from tests.promises.paper import ROOT

PAGE = ROOT / "docs" / "testing.md"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return tmp_path


@pytest.fixture
def run_pytest(folder):
    """Run pytest in a separate project, and return its output."""

    def run_pytest(*options):
        dropped = ("PYTEST", "COV", "DJANGO")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        paths = os.pathsep.join([str(folder), str(IMPORTABLE_FROM)])
        finished = subprocess.run(
            [sys.executable, "-W", "error::DeprecationWarning", "-m", "pytest", "-p", "no:cacheprovider", *options],
            cwd=folder,
            env=inherited | {"PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return finished.stdout

    return run_pytest


@pytest.fixture(scope="session")
def documented():
    """The examples of the page as one file, and the names of its tests."""
    text = "\n\n".join(re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
    return text, re.findall(r"def (test_\w+)", text)
