"""A scripted browser: cookies, redirects within the site, forms."""

from dataclasses import dataclass
from urllib.parse import urljoin

import requests

from demo_project.walkthrough.pages import Form, Page

TIMEOUT = 10
MAX_REDIRECTS = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """The response at the end of the redirects."""

    status: int
    url: str
    html: str
    elsewhere: str | None
    """The URL of a redirect that leaves the site; it is not followed."""

    @property
    def page(self) -> Page:
        """Return the parsed page."""
        return Page(self.html)


class Browser:
    """A browser that follows redirects within one site only."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._session = requests.Session()
        self._session.trust_env = False

    def get(self, url: str) -> Visit:
        """Request a URL, and follow redirects within the site."""
        return self._follow(self._session.get(self._absolute(url), allow_redirects=False, timeout=TIMEOUT))

    def submit(self, visit: Visit, form: Form, *, button: str = "") -> Visit:
        """Submit a form, with the button that has this label."""
        pressed = form.button(button) if button else None
        url = urljoin(visit.url, form.action)
        return self._follow(
            self._session.post(
                url, data=form.data(pressed), headers={"Referer": visit.url}, allow_redirects=False, timeout=TIMEOUT
            )
        )

    def log_in(self, visit: Visit, *, username: str, password: str) -> Visit:
        """Fill in and submit the login form on the page of `visit`."""
        form = visit.page.form_with_field("password")
        form.fill("username", username)
        form.fill("password", password)
        return self.submit(visit, form)

    def _follow(self, response: requests.Response) -> Visit:
        for _ in range(MAX_REDIRECTS):
            if not response.is_redirect:
                break
            target = urljoin(response.url, response.headers["Location"])
            if not target.startswith(f"{self._base_url}/"):
                return Visit(status=response.status_code, url=response.url, html="", elsewhere=target)
            response = self._session.get(target, allow_redirects=False, timeout=TIMEOUT)
        return Visit(status=response.status_code, url=response.url, html=response.text, elsewhere=None)

    def _absolute(self, url: str) -> str:
        return urljoin(self._base_url, url)
