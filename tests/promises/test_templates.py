"""Every template is used, stands on the one base, and runs under a strict content security policy."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template import engines
from django.template.loader import get_template
from django.test import Client

import fourme_oauth
from fourme_oauth import client_secrets
from tests.factories import PublicApplicationFactory
from tests.third_party import CHALLENGE

FOLDER = Path(fourme_oauth.__file__).parent / "templates"
TEMPLATES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.html"))
BASE = "fourme_oauth/base.html"
PARTS = [name for name in TEMPLATES if name.startswith("fourme_oauth/consent/")]
"""What several pages include."""
MAILS = [name for name in TEMPLATES if name.startswith("fourme_oauth/mail/")]
SHOWN = [name for name in TEMPLATES if name != BASE and name not in MAILS]
PAGES = [name for name in SHOWN if name.startswith("fourme_oauth/") and name not in PARTS]


class Inline(HTMLParser):
    """Whatever a policy without ``unsafe-inline`` would refuse."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        names = [name for name, value in attributes]
        if tag == "style" or (tag == "script" and "src" not in names):
            self.found.append(f"<{tag}>")
        self.found += [name for name in names if name == "style" or name.startswith("on")]
        self.found += [value for name, value in attributes if (value or "").strip().lower().startswith("javascript:")]


@pytest.fixture
def visits(client, admin_client, user, third_party, authorization, database_is_down):
    """For each page of the package: how a browser comes to see it."""
    public = PublicApplicationFactory(scopes=["request:read"])
    client.force_login(user)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    registering = {
        "name": "Acme Dashboard",
        "client_type": "confidential",
        "authorization_grant_type": "authorization-code",
        "redirect_uris": "https://acme.example/callback",
    }
    return {
        "fourme_oauth/access_and_security.html": lambda: client.get("/access-and-security/"),
        "fourme_oauth/activity.html": lambda: client.get(f"/access-and-security/{authorization.pk}/activity/"),
        "fourme_oauth/authorization_error.html": lambda: client.get("/oauth/authorize?client_id=unknown"),
        "fourme_oauth/unavailable.html": lambda: database_is_down(lambda: client.get("/access-and-security/")),
        "fourme_oauth/consent.html": lambda: third_party.authorize(
            client_id=public.client_id,
            redirect_uri=public.redirect_uris,
            code_challenge=CHALLENGE,
            code_challenge_method="S256",
        ),
        "fourme_oauth/account.html": lambda: third_party.authorize(prompt="select_account"),
        "fourme_oauth/out_of_date.html": lambda: strict.post(third_party.authorize_url(), {"allow": "1"}),
        "fourme_oauth/consent/application.html": lambda: third_party.authorize(prompt="consent"),
    } | visits_to_the_administration(admin_client, registering, authorization.application)


def visits_to_the_administration(browser, registering, application):
    listing, here = "admin/fourme_oauth/application", f"/admin/fourme_oauth/application/{application.pk}"
    secret = client_secrets.issue(application=application).secret
    narrower = {
        "name": application.name,
        "authorization_grant_type": "authorization-code",
        "redirect_uris": application.redirect_uris,
    }

    def register():
        return browser.post(f"/{listing}/add/", registering | {"form_key": "5e7ab1ec-0de5-4a0f-9d0e-3d5b1b0f6c11"})

    return {
        f"{listing}/page.html": register,
        f"{listing}/credentials.html": register,
        f"{listing}/already.html": lambda: [register() for _ in range(2)][1],
        f"{listing}/issue.html": lambda: browser.get(f"{here}/secrets/issue/"),
        f"{listing}/retire.html": lambda: browser.get(f"{here}/secrets/{secret.pk}/retire/"),
        f"{listing}/ending.html": lambda: browser.get(f"{here}/disable/"),
        f"{listing}/stake.html": lambda: browser.get(f"{here}/disable/"),
        f"{listing}/confirm.html": lambda: browser.post(f"{here}/change/", narrower),
    } | {
        f"{listing}/{part}.html": lambda: browser.get(f"{here}/change/")
        for part in ("access", "secrets", "scope_matrix", "scope")
    }


@pytest.fixture
def visit(visits):
    def visit(name):
        assert name in visits, f"No page shows {name}: say above how to come to it."
        return visits[name]()

    return visit


def test_there_are_templates():
    assert BASE in TEMPLATES


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_parses(name):
    assert engines["django"].from_string((FOLDER / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_is_found_by_its_name(name):
    assert Path(get_template(name).origin.name) == FOLDER / name


@pytest.mark.parametrize("name", SHOWN)
def test_template_is_what_a_page_shows(visit, name):
    assert name in [template.name for template in visit(name).templates]


@pytest.mark.parametrize("name", PAGES)
def test_page_stands_on_our_base(visit, name):
    assert BASE in [template.name for template in visit(name).templates]


@pytest.mark.parametrize("name", PAGES)
def test_page_extends_our_base_in_its_first_line(name):
    assert (FOLDER / name).read_text(encoding="utf-8").startswith(f'{{% extends "{BASE}" %}}')


@pytest.mark.parametrize("name", SHOWN)
def test_page_tells_its_language(visit, name):
    assert '<html lang="en' in visit(name).content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_page_has_a_title(visit, name):
    title = visit(name).content.decode().partition("<title>")[2].partition("</title>")[0]
    assert title.strip()


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_has_nothing_inline(name):
    assert Inline((FOLDER / name).read_text(encoding="utf-8")).found == []


@pytest.mark.parametrize("name", PAGES)
def test_page_has_nothing_inline(visit, name):
    assert Inline(visit(name).content.decode()).found == []


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<style>p {}</style>",
        '<p style="color: red">',
        '<p onclick="alert(1)">',
        '<a href=" JavaScript:alert(1)">',
    ],
)
def test_something_inline_would_be_found(html):
    assert Inline(html).found


def test_script_from_a_file_would_be_fine():
    assert Inline('<script src="page.js" defer></script><p class="style">').found == []
