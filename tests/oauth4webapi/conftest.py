"""A third-party application with a client library that is strict about the RFCs; Python is its browser."""

import json
import shutil
import subprocess
import sysconfig
from contextlib import contextmanager
from os import environ, pathsep
from pathlib import Path
from threading import Timer

import pytest

from demo_project.seed.document import seed
from tests.journeys.sites import site_of

HERE = Path(__file__).parent
PLAY, INSTALL = 60, 300
"""Seconds."""


def program(name):
    """The path of Node.js: of the extra `node`, or of the system."""
    path = shutil.which(name, path=pathsep.join([sysconfig.get_path("scripts"), environ.get("PATH", "")]))
    assert path, f"There is no {name}: install Node.js 20 or newer, or this package's extra `node`."
    return path


@pytest.fixture(scope="session")
def third_party_folder(tmp_path_factory):
    """The application with its library, installed: exactly what the lock file says, outside of the checkout."""
    folder = shutil.copytree(
        HERE,
        tmp_path_factory.mktemp("oauth4webapi") / "application",
        ignore=shutil.ignore_patterns("*.py", "__pycache__", "node_modules"),
    )
    search = pathsep.join([str(Path(program("node")).parent), environ.get("PATH", "")])
    subprocess.run(
        [program("npm"), "ci", "--ignore-scripts"],
        cwd=folder,
        env=environ | {"PATH": search},
        check=True,
        timeout=INSTALL,
    )
    return folder


@contextmanager
def node(script):
    """Run a script and exchange lines of JSON with it."""
    arguments = [program("node"), str(script)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        too_long = Timer(PLAY, process.kill)
        too_long.start()
        try:
            yield process
        finally:
            too_long.cancel()
            process.kill()


def tell(process, message):
    process.stdin.write(json.dumps(message) + "\n")
    process.stdin.flush()


@pytest.fixture
def service(live_server):
    """The served demo: its document has its URLs and users."""
    return seed(base_url=live_server.url, rotate_secrets=True)


@pytest.fixture
def press(service):
    """Follow the authorization URL, press a button, and return the redirect to the application."""

    def press(user, url, button):
        browser = site_of(service).sign_in(user)
        visit = browser.get(url)
        if visit.elsewhere is None and button is not None:
            visit = browser.submit(visit, visit.page.form_with_button(button), button=button)
        return visit.elsewhere or visit.url

    return press


@pytest.fixture
def play(service, third_party_folder, press):
    """Run a scenario and return its result. Other output of Node.js is on standard error."""

    def asked_of_the_browser(user, authorize=None, revoke=None, button=None):
        if revoke is not None:
            return {"arrived": press(user, service["endpoints"]["access_and_security"], f"Revoke {revoke}")}
        return {"arrived": press(user, authorize, button)}

    def play(scenario):
        with node(third_party_folder / "play.js") as process:
            tell(process, {"scenario": scenario, "service": service})
            for line in process.stdout:
                message = json.loads(line)
                if "result" in message:
                    return message["result"]
                tell(process, asked_of_the_browser(**message["browser"]))
        return pytest.fail(f"{scenario} ended early; standard error says why.")

    return play
