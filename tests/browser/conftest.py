"""A served demo, and Chromium."""

import os
import shutil
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

from demo_project.seed.document import seed
from demo_project.third_party import credentials
from tests.browser.pages import Site

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
HEADLESS_SHELL = "chromium-headless-shell"
"""Chromium's engine without the program around it, which takes twice as long to open a page."""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 30_000
"""Milliseconds: a machine may be busy."""


@pytest.fixture(scope="package")
def sync_api():
    """Playwright, which only these tests need."""
    return pytest.importorskip("playwright.sync_api", reason='Install the extra "browser".')


@pytest.fixture(scope="package")
def launch(sync_api):
    """Start the first of these browsers that is there."""
    with (
        pytest.MonkeyPatch.context() as environment,
        sync_api.sync_playwright() as playwright,
        ExitStack() as launched,
    ):
        # Playwright runs an event loop in this thread, where Django then refuses to touch the database. Nothing of
        # ours is asynchronous, and both end with the last of these tests.
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

        def launch(*names):
            executable = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
            if executable is None:
                pytest.skip("There is no Chromium on the PATH, and CHROMIUM does not say where it is.")
            browser = playwright.chromium.launch(
                executable_path=executable,
                args=ARGUMENTS,
                # Playwright switches off what lets the Back button bring a page back as it was left.
                ignore_default_args=["--disable-back-forward-cache"],
            )
            launched.callback(browser.close)
            return browser

        yield launch


@pytest.fixture(scope="package")
def chromium(launch):
    return launch(HEADLESS_SHELL, *CHROMIUM)


@pytest.fixture(scope="package")
def whole_chromium(launch):
    """The full Chromium, not its headless shell."""
    return launch(*CHROMIUM)


@pytest.fixture
def axe():
    """axe-core, which comes with its JavaScript."""
    module = pytest.importorskip("axe_playwright_python.sync_playwright", reason='Install the extra "browser".')
    return module.Axe()


@pytest.fixture
def expect(sync_api):
    sync_api.expect.set_options(timeout=PATIENCE)
    return sync_api.expect


@pytest.fixture(autouse=True)
def state_folder_of_its_own(tmp_path, monkeypatch):
    """What the third-party application remembers."""
    monkeypatch.setenv("DEMO_STATE_DIR", str(tmp_path / "state"))


@pytest.fixture
def introduce(live_server):
    """Give the third-party application its credentials."""
    return lambda **known: credentials.save(base_url=live_server.url, **known)


@pytest.fixture
def service(live_server, introduce):
    """The demo, served."""
    document = seed(base_url=live_server.url, rotate_secrets=True)
    dashboard = document["applications"]["dashboard"]
    introduce(client_id=dashboard["client_id"], client_secret=dashboard["client_secret"])
    return document


@dataclass
class Witness:
    """Records browser events: console messages, requests and errors."""

    complaints: list = field(default_factory=list)
    """Warnings and errors on the console, and failed requests."""
    requests: list = field(default_factory=list)
    """The requested URLs."""

    def watch(self, context):
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("response", self._see)

    def _hear(self, message):
        # Not "Failed to load resource": pages may well be answers of 400, and `_see` sees what else fails. Nor that a
        # field has the focus already before the page gives it to the first: a robot types before a page is all there.
        if not message.text.startswith(("Failed to load resource", "Autofocus processing was blocked")):
            self.complaints.append(f"{message.type}: {message.text}")

    def _see(self, response):
        if response.status >= 400 and response.request.resource_type != "document":
            self.complaints.append(f"{response.status}: {response.url}")


@pytest.fixture
def witness():
    return Witness()


@pytest.fixture
def open_browser(chromium, service, witness):
    """Open a new browser context, without cookies."""
    opened = []

    def open_browser(**options):
        context = chromium.new_context(**{"base_url": service["base_url"], "locale": "en-US"} | options)
        context.set_default_timeout(PATIENCE)
        witness.watch(context)
        opened.append(context)
        return context.new_page()

    yield open_browser
    for context in opened:
        context.close()


@pytest.fixture
def user_by_name(service):
    return lambda name: get_user_model().objects.get(username=service["users"][name]["username"])


@pytest.fixture
def signed_in(open_browser, service, user_by_name):
    """The browser of one of the demo's users, who has signed in already."""

    def signed_in(name, **options):
        page = open_browser(**options)
        session = Client()
        session.force_login(user_by_name(name))
        value = session.cookies[settings.SESSION_COOKIE_NAME].value
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": value, "url": service["base_url"]}
        page.context.add_cookies([cookie])
        return page

    return signed_in


@pytest.fixture
def sign_in(service):
    """Sign in on the login page that is open."""

    def sign_in(page, name):
        user = service["users"][name]
        page.get_by_label("Username").fill(user["username"])
        page.get_by_label("Password").fill(user["password"])
        page.get_by_label("Password").press("Enter")

    return sign_in


@pytest.fixture
def site(service, signed_in, user_by_name):
    return Site(service=service, signed_in=signed_in, user_by_name=user_by_name)
