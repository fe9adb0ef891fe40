"""
Take the screenshots in these docs.

    python docs/screenshots.py [folder [page ...]]

Without page arguments, of all pages. Serves a demo of its own. Needs the extras `demo` and `browser`, and Chromium: on
the PATH, or at the path in the environment variable CHROMIUM.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Iterable
from itertools import product
from pathlib import Path
from urllib.parse import urlencode

import django
from playwright.sync_api import Browser, Page, Route, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # this checkout's demo, whatever else is installed
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "demo_project.settings")
django.setup()

from demo_project.seed.document import Document  # noqa: E402 - Django comes first
from demo_project.walkthrough.demo_server import demo_server  # noqa: E402 - Django comes first

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-lcd-text",
]
SCHEMES = ("light", "dark")
WIDTHS = (360, 1280)
LOOKS = tuple(product(SCHEMES, WIDTHS))
HEIGHT = 640
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # RFC 7636 appendix B

STEADY = {
    "time, .field-created": "Jan. 5, 2026",
    "#client-id, .field-client_id .readonly": "ExampleClientIdExampleClientIdExampleCli",
    "[aria-label=Secrets] th code": "…yExa",
    "[aria-label=Secrets] td a": "Retire …yExa",
    "[aria-label=Secrets] td:nth-of-type(2)": "Jan. 5, 2026",
    "#client-secret": "fms_ExampleOnlyExampleOnlyExampleOnlyExampleOnlyExa",
    "#id_redirect_uris": "https://dashboard.example/callback",
}
"""Selectors and the text that replaces what differs from run to run, and the secret: no screenshot shows a real one."""


class Photographer:
    """One demo, and a browser session for each of its users."""

    def __init__(self, browser: Browser, demo: Document) -> None:
        self.browser = browser
        self.demo = demo
        self.base_url = demo["base_url"]

    def person(self, name: str, *, locale: str = "en-US") -> Page:
        """Return a page that is signed in as one of the demo's users, in this language."""
        page = self.browser.new_page(base_url=self.base_url, locale=locale)
        page.context.route(lambda url: not url.startswith(self.base_url), _answer_elsewhere)
        user = self.demo["users"][name]
        page.goto(self.demo["endpoints"]["login"])
        page.fill("input[name=username]", user["username"])
        page.fill("input[name=password]", str(user["password"]))
        page.press("input[name=password]", "Enter")
        page.wait_for_url("**/profile/")
        return page

    def open_consent_page(self, page: Page, application: str, redirect_uri: str) -> None:
        """Send the authorization request of an application."""
        parameters = {
            "response_type": "code",
            "client_id": self.demo["applications"][application]["client_id"],
            "redirect_uri": redirect_uri,
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        page.goto(f"{self.demo['endpoints']['authorize']}?{urlencode(parameters)}")


def _answer_elsewhere(route: Route) -> None:
    route.fulfill(body="The third party's own page.")


def consent(photographer: Photographer) -> Page:
    """Open the consent page as a user whose role does not permit all scopes."""
    page = photographer.person("key_contact")
    photographer.open_consent_page(page, "dashboard", "https://dashboard.example/callback")
    page.get_by_role("button", name="Allow").wait_for()
    return page


def consent_in_dutch(photographer: Photographer) -> Page:
    """Open the consent page in Dutch."""
    page = photographer.person("key_contact", locale="nl-NL")
    photographer.open_consent_page(page, "dashboard", "https://dashboard.example/callback")
    page.get_by_role("button", name="Toestaan").wait_for()
    return page


def access_and_security(photographer: Photographer) -> Page:
    """Open Access & Security with two applications: one that has been used, and one that has not."""
    page = photographer.person("specialist")
    page.goto(f"{photographer.demo['endpoints']['third_party']}connect")
    page.get_by_role("button", name="Allow").click()
    page.get_by_role("table").first.wait_for()
    photographer.open_consent_page(page, "mobile", "http://127.0.0.1/callback")
    page.get_by_role("button", name="Allow").click()
    page.get_by_text("The third party's own page.").wait_for()
    page.goto(photographer.demo["endpoints"]["access_and_security"])
    return page


def secret(photographer: Photographer) -> Page:
    """Register an application, and return the page that shows its secret."""
    page = photographer.person("admin")
    page.goto("/admin/fourme_oauth/application/add/")
    page.locator("#id_name").fill("Example Wallboard")
    page.get_by_label("Redirect URIs").fill("https://wallboard.example/callback")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator("#client-secret").wait_for()
    return page


def admin_applications(photographer: Photographer) -> Page:
    """Open the list of applications."""
    page = photographer.person("admin")
    page.goto("/admin/fourme_oauth/application/")
    return page


def admin_application(photographer: Photographer) -> Page:
    """Open the form of one application."""
    page = admin_applications(photographer)
    page.get_by_role("link", name="Acme Dashboard").click()
    page.get_by_label("Redirect URIs").wait_for()
    return page


PAGES: dict[str, Callable[[Photographer], Page]] = {
    "admin-applications": admin_applications,
    "admin-application": admin_application,
    "consent": consent,
    "consent-in-dutch": consent_in_dutch,
    "access-and-security": access_and_security,
    "secret": secret,  # last: it registers another application
}

FEWER_LOOKS = {"consent-in-dutch": (("light", 360),)}
"""Pages that are not taken in all of ``LOOKS``: translations of another one."""


def photograph(page: Page, name: str, folder: Path) -> None:
    """Write the screenshots of one page."""
    page.wait_for_load_state()
    for selector, text in STEADY.items():
        for element in page.locator(selector).all():
            element.evaluate("(element, text) => { element.textContent = text }", text)
    for scheme, width in FEWER_LOOKS.get(name, LOOKS):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.screenshot(path=folder / f"{name}-{scheme}-{width}.png", full_page=True, animations="disabled")


def main(folder: Path, pages: Iterable[str]) -> None:
    """Take the screenshots of ``pages``."""
    folder.mkdir(parents=True, exist_ok=True)
    executable = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM)))
    with sync_playwright() as playwright, demo_server() as demo:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        photographer = Photographer(browser, demo)
        for name in pages:
            photograph(PAGES[name](photographer), name, folder)
        browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parent / "screenshots")
    parser.add_argument("pages", nargs="*", default=list(PAGES), metavar="page", help=", ".join(PAGES))
    options = parser.parse_args()
    if unknown := set(options.pages) - set(PAGES):
        parser.error(f"there is no page {', '.join(sorted(unknown))}; choose from {', '.join(PAGES)}")
    main(options.folder, options.pages)
