"""`manage.py demo`, as a script or a person runs it."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from demo_project.seed.document import Document
from demo_project.state_folder import PROJECT_ROOT

from .conftest import FirstRun, RunDemo

pytestmark = pytest.mark.once

RunJson = Callable[..., Document]


def test_standard_output_is_one_json_document(first_run: FirstRun) -> None:
    assert json.loads(first_run.stdout)["base_url"] == "http://127.0.0.1:8000"


def test_progress_is_on_standard_error(first_run: FirstRun) -> None:
    assert "Applying fourme_oauth.0001_initial... OK" in first_run.stderr


def test_first_run_shows_passwords_and_secrets(first_run: FirstRun) -> None:
    assert first_run.document["users"]["admin"]["password"]
    assert first_run.document["applications"]["dashboard"]["client_secret"]


def test_second_run_shows_nothing_again(first_run: FirstRun, run_json: RunJson) -> None:
    second = run_json()
    assert second["users"]["admin"]["password"] is None
    assert second["applications"]["dashboard"]["client_secret"] is None


def test_rotation_shows_fresh_ones(first_run: FirstRun, run_json: RunJson) -> None:
    rotated = run_json("--rotate-secrets")
    assert rotated["users"]["admin"]["password"]
    assert rotated["applications"]["dashboard"]["client_secret"]


def test_port_changes_every_local_url(first_run: FirstRun, run_json: RunJson) -> None:
    document = run_json("--port", "9123")
    assert document["base_url"] == "http://127.0.0.1:9123"
    assert document["applications"]["dashboard"]["redirect_uris"][0] == "http://127.0.0.1:9123/third-party/callback"


def test_third_party_keeps_its_credentials_in_its_own_file(first_run: FirstRun, run_json: RunJson) -> None:
    run_json("--port", "9123")
    dashboard = first_run.document["applications"]["dashboard"]
    assert json.loads((first_run.folder / "third_party.json").read_text()) == {
        "base_url": "http://127.0.0.1:9123",
        "client_id": dashboard["client_id"],
        "client_secret": dashboard["client_secret"],
    }


@pytest.mark.parametrize("name", ["secret_key", "third_party.json"])
def test_what_is_secret_is_readable_by_its_owner_only(first_run: FirstRun, name: str) -> None:
    assert stat.S_IMODE((first_run.folder / name).stat().st_mode) == 0o600


def test_git_ignores_the_state_folder(first_run: FirstRun) -> None:
    assert (first_run.folder / ".gitignore").read_text() == "*\n"


def test_missing_third_party_credentials_are_announced(first_run: FirstRun, run_demo: RunDemo) -> None:
    (first_run.folder / "third_party.json").unlink()
    assert "--rotate-secrets" in run_demo("--no-serve", "--json").stderr


def test_secret_key_persists(first_run: FirstRun, run_demo: RunDemo) -> None:
    made = (first_run.folder / "secret_key").read_text()
    run_demo("--no-serve")
    assert (first_run.folder / "secret_key").read_text() == made


def test_output_names_urls_and_users(first_run: FirstRun, run_demo: RunDemo) -> None:
    finished = run_demo("--no-serve")
    assert "http://127.0.0.1:8000/third-party/" in finished.stdout
    assert "key_contact" in finished.stdout
    assert "shown once" in finished.stdout


def test_demo_is_refused_where_the_environment_says_debug_off(run_demo: RunDemo) -> None:
    finished = run_demo("--no-serve", DEBUG="off")
    assert finished.returncode == 1
    assert "DEBUG" in finished.stderr


def test_demo_is_not_refused_where_the_environment_says_debug_on(first_run: FirstRun, run_demo: RunDemo) -> None:
    assert run_demo("--no-serve", DEBUG="on").returncode == 0


def test_taken_port_is_refused_before_anything_is_changed(run_demo: RunDemo, state_folder_of_its_own: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        finished = run_demo("--port", str(taken.getsockname()[1]))
    assert finished.returncode == 1
    assert "--port" in finished.stderr
    assert not (state_folder_of_its_own / "third_party.json").exists()


@pytest.mark.parametrize("port", ["http", "70000", "-1"])
def test_what_is_no_port_is_refused(run_demo: RunDemo, port: str) -> None:
    assert run_demo("--no-serve", f"--port={port}").returncode == 2


def heed_ctrl_c() -> None:
    """A shell that starts something in the background has it ignore Ctrl-C, and its children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_demo_serves_once_it_has_printed_its_url(first_run: FirstRun) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DEBUG"}}
    environment["DJANGO_SETTINGS_MODULE"] = "demo_project.settings"
    command = [sys.executable, str(PROJECT_ROOT / "manage.py"), "demo", "--json", "--port", "0"]
    with subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=heed_ctrl_c,
    ) as process:
        assert process.stdout is not None
        document = json.loads("".join(iter(process.stdout.readline, "}\n")) + "}")
        answer = requests.get(f"{document['base_url']}{document['endpoints']['third_party']}", timeout=10)
        process.send_signal(signal.SIGINT)
        assert answer.status_code == 200
    assert process.returncode == 0


def test_walkthrough_holds_and_leaves_the_demo_alone(run_demo: RunDemo, state_folder_of_its_own: Path) -> None:
    finished = run_demo("--walkthrough")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    beginnings = [line[:16].rstrip() for line in finished.stdout.splitlines()]
    steps = [f"step {number}" for number in range(1, 12)]
    assert beginnings == [*steps, "role taken away", "role given back", "All steps passed"]
    assert not (state_folder_of_its_own / "third_party.json").exists()
