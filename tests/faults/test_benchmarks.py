"""The benchmarks run as documented. Their timings, which depend on the machine, are not tested."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def run(script, *options, **environment):
    return subprocess.run(
        [sys.executable, str(BENCHMARKS / script), *options],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_no_benchmark_hides_a_module_of_python():
    assert not {path.stem for path in BENCHMARKS.iterdir()} & sys.stdlib_module_names


@pytest.fixture(scope="module")
def token():
    return run("token_endpoint.py", "--rounds", "1", DATABASE_URL="")


@pytest.mark.endurance
def test_the_comparison_with_the_toolkit_succeeds(token):
    assert (token.returncode, token.stderr) == (0, "")


@pytest.mark.endurance
@pytest.mark.parametrize("step", ["exchange", "refresh"])
def test_the_comparison_has_a_line_for_each_step(token, step):
    line = next(line for line in token.stdout.splitlines() if line.startswith("SQLite") and step in line)
    assert len(line.split()) == 7


@pytest.fixture(scope="module")
def bearer():
    return run("bearer.py", "--rounds", "1", DATABASE_URL="")


@pytest.mark.endurance
def test_the_comparison_of_requests_succeeds(bearer):
    assert (bearer.returncode, bearer.stderr) == (0, "")


@pytest.mark.endurance
def test_the_comparison_of_requests_has_a_ratio_to_each_of_three(bearer):
    line = next(line for line in bearer.stdout.splitlines() if line.startswith("SQLite"))
    assert len(line.split()) == 8


@pytest.mark.once
@pytest.mark.server
@pytest.mark.parametrize(
    ("clients", "seconds"), [("50", "5"), pytest.param("50", "60", marks=pytest.mark.endurance)], ids=["short", "long"]
)
def test_under_load_there_is_no_error_and_every_invariant_holds(clients, seconds):
    load = run("load.py", "--clients", clients, "--seconds", seconds)
    assert load.returncode == 0, load.stdout + load.stderr


@pytest.mark.once
@pytest.mark.server
def test_every_page_of_the_administration_opens_on_full_tables():
    sizes = ["--applications", "50", "--authorizations", "2000", "--tokens", "4000", "--codes", "500"]
    admin = run("admin.py", *sizes, "--events", "500", "--rounds", "1")
    assert (admin.returncode, admin.stderr) == (0, "")
    assert "Access & Security" in admin.stdout


@pytest.mark.endurance
@pytest.mark.server
def test_every_page_of_the_administration_opens_on_tables_with_a_row_each():
    tables = ("applications", "authorizations", "tokens", "codes", "events")
    sizes = [text for each in tables for text in (f"--{each}", "1")]
    admin = run("admin.py", *sizes, "--rounds", "1")
    assert (admin.returncode, admin.stderr) == (0, "")
