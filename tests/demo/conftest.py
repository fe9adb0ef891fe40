"""A demo of its own for each test."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from pytest_django.live_server_helper import LiveServer

from demo_project.seed.document import Document, seed
from demo_project.state_folder import PROJECT_ROOT
from demo_project.third_party import credentials
from demo_project.third_party.visitors import Visitor
from demo_project.walkthrough.browser import Browser, Visit

from .scripted_service import ScriptedService

BASE_URL = "http://127.0.0.1:8000"

RunDemo = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(autouse=True)
def state_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use a state folder of the test's own, not that of the developer's demo."""
    folder = tmp_path / "state"
    monkeypatch.setenv("DEMO_STATE_DIR", str(folder))
    return folder


def demo(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `manage.py demo` in a process of its own, on a database of its own."""
    inherited = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DEBUG"}}
    inherited["DJANGO_SETTINGS_MODULE"] = "demo_project.settings"
    return subprocess.run(
        [sys.executable, str(PROJECT_ROOT / "manage.py"), "demo", *options],
        env=inherited | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@dataclass(frozen=True, kw_only=True)
class FirstRun:
    """The state folder and the output of the first run."""

    folder: Path
    document: Document
    stdout: str
    stderr: str


@pytest.fixture(scope="session")
def first_run_ever(tmp_path_factory: pytest.TempPathFactory) -> FirstRun:
    """A first run; it takes its time, so there is one for all tests."""
    folder = tmp_path_factory.mktemp("first_run")
    finished = demo("--no-serve", "--json", DEMO_STATE_DIR=str(folder))
    assert finished.returncode == 0, finished.stderr
    return FirstRun(folder=folder, document=json.loads(finished.stdout), stdout=finished.stdout, stderr=finished.stderr)


@pytest.fixture
def first_run(first_run_ever: FirstRun, state_folder_of_its_own: Path) -> FirstRun:
    """A demo that has been run once, in this test's own folder."""
    shutil.copytree(first_run_ever.folder, state_folder_of_its_own)
    return replace(first_run_ever, folder=state_folder_of_its_own)


@pytest.fixture
def run_demo(state_folder_of_its_own: Path) -> RunDemo:
    """Run `manage.py demo` in this test's own folder."""
    return demo


@pytest.fixture
def run_json(run_demo: RunDemo) -> Callable[..., Document]:
    """Run `manage.py demo --no-serve --json` and read its document."""

    def run(*options: str) -> Document:
        finished = run_demo("--no-serve", "--json", *options)
        assert finished.returncode == 0, finished.stderr
        document: Document = json.loads(finished.stdout)
        return document

    return run


@pytest.fixture
def document(db: None) -> Document:
    """The demo's data, fresh."""
    return seed(base_url=BASE_URL, rotate_secrets=False)


@pytest.fixture
def user(document: Document) -> Callable[[str], User]:
    """One of the demo's users."""
    return lambda username: User.objects.get(username=username)


@pytest.fixture
def introduced(live_server: LiveServer) -> Document:
    """A live service, and a third-party application that has been given its credentials."""
    document = seed(base_url=live_server.url, rotate_secrets=False)
    dashboard = document["applications"]["dashboard"]
    credentials.save(
        base_url=live_server.url, client_id=dashboard["client_id"], client_secret=dashboard["client_secret"]
    )
    return document


@pytest.fixture
def browser_of(introduced: Document) -> Callable[[str], Browser]:
    """The browser of somebody who has logged in to the service."""

    def log_in(username: str) -> Browser:
        browser = Browser(introduced["base_url"])
        password = str(introduced["users"][username]["password"])
        browser.log_in(browser.get("/accounts/login/"), username=username, password=password)
        return browser

    return log_in


@pytest.fixture
def browser(browser_of: Callable[[str], Browser]) -> Browser:
    """The browser of the specialist."""
    return browser_of("specialist")


def answer_the_prompt(browser: Browser, choice: str) -> Visit:
    """Connect, up to where the service asks, and answer."""
    prompt = browser.get("/third-party/connect")
    return browser.submit(prompt, prompt.page.form_with_button(choice), button=choice)


@pytest.fixture
def connected(browser: Browser) -> Visitor:
    """The specialist, connected, as the third-party application remembers them."""
    answer_the_prompt(browser, "Allow")
    (visitor,) = Visitor.all()
    return visitor


@pytest.fixture
def scripted_service() -> Iterator[ScriptedService]:
    """A service with scripted responses, without a database."""
    with ScriptedService.serving() as service:
        credentials.save(base_url=service.base_url, client_id="acme", client_secret="fms_of_acme")
        yield service


def remember(**remembered: object) -> Visitor:
    """Store a visitor as the third-party application does."""
    visitor = Visitor(name="somebody")
    with visitor.locked():
        for name, value in remembered.items():
            setattr(visitor, name, value)
        visitor.save()
    return visitor
