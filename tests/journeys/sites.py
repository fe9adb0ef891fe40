"""A site and its administrator, all over HTTP, so that it does not matter where the site runs."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from demo_project.walkthrough.browser import Browser
from tests.journeys.third_parties import REDIRECT_URI

APPLICATIONS = "/admin/fourme_oauth/application/"
CATALOGUE = "/admin/fourme_oauth/scope/"
ROLES = "/admin/auth/group/"
USERS = "/admin/auth/user/"
SCOPES = ("account:read", "request:read", "request:create", "request:update")


@dataclass(frozen=True, kw_only=True)
class Site:
    """The URLs and users of a site."""

    base_url: str
    passwords: dict[str, str]
    prefix: str = ""
    """The path that the site put in front of the package's addresses."""

    @property
    def oauth(self):
        return f"{self.base_url}{self.prefix}/oauth"

    @property
    def access_and_security(self):
        return f"{self.prefix}/access-and-security/"

    def sign_in(self, username):
        browser = Browser(self.base_url)
        page = browser.get("/accounts/login/")
        browser.log_in(page, username=username, password=self.passwords[username])
        return browser


def site_of(document):
    """The demo as a site, without what is particular to it."""
    passwords = {name: user["password"] for name, user in document["users"].items()}
    return Site(base_url=document["base_url"], passwords=passwords)


class Administrator:
    """A staff user's browser in the admin."""

    def __init__(self, browser):
        self.browser = browser

    def register(self, *, scopes=SCOPES, **fields):
        """Register an application and return the answer to that POST."""
        page = self.browser.get(f"{APPLICATIONS}add/")
        form = page.page.form_with_field("redirect_uris")
        for name, value in ({"name": "Journey", "redirect_uris": REDIRECT_URI} | fields).items():
            form.fill(name, value)
        form.choose("scopes", *scopes)
        return self.browser.submit(page, form)

    def add_role(self, name):
        page = self.browser.get(f"{ROLES}add/")
        form = page.page.form_with_field("permissions")
        form.fill("name", name)
        self._save(page, form)

    def add_scope(self, name, *roles):
        page = self.browser.get(f"{CATALOGUE}add/")
        form = page.page.form_with_field("wording")
        form.fill("name", name)
        form.fill("wording", f"Use {name}")
        form.choose("roles", *roles)
        form.choose("for_everyone", *([] if roles else ["For everyone"]))
        self._save(page, form)

    def add_user(self, username, password):
        page = self.browser.get(f"{USERS}add/")
        form = page.page.form_with_field("password1")
        for name, value in {"username": username, "password1": password, "password2": password}.items():
            form.fill(name, value)
        self._save(page, form)

    def page_of(self, listing, text):
        """Search a list, and open the one page that is found."""
        links = self.browser.get(f"{listing}?q={text}").page.links
        paths = {urlsplit(link).path for link in links}
        (change,) = [path for path in paths if path.startswith(listing) and path.endswith("/change/")]
        return self.browser.get(change)

    def allow(self, client_id, *scopes):
        """Tick these scopes, and no others, for an application."""
        self._change(self.page_of(APPLICATIONS, client_id), lambda form: form.choose("scopes", *scopes))

    def disable(self, client_id, disabled=True):
        self._change(self.page_of(APPLICATIONS, client_id), lambda form: set_box(form, "disabled", disabled))

    def give_roles(self, username, *roles):
        """Give a user these roles, and no others."""
        self._change(self.page_of(USERS, username), lambda form: form.choose("groups", *roles))

    def deactivate(self, username, active=False):
        self._change(self.page_of(USERS, username), lambda form: set_box(form, "is_active", active))

    def _change(self, page, act):
        form = next(form for form in page.page.forms if form.has("_save") or len(form.controls) > 3)
        act(form)
        self._save(page, form)

    def _save(self, page, form):
        answer = self.browser.submit(page, form, button="Save")
        if "Nothing is saved yet." in answer.html:
            answer = self.browser.submit(answer, answer.page.form_with_button("Yes, save"), button="Yes, save")
        assert answer.status == 200, answer.html
        assert " successfully" in answer.html, answer.html


def set_box(form, name, on):
    (box,) = [control for control in form.controls if control.name == name]
    box.on = on
