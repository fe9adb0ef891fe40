"""Every template is used, extends the base, and works under a strict Content-Security-Policy."""

import re
from html.parser import HTMLParser
from pathlib import Path
from runpy import run_path

import pytest
from django.contrib.auth.models import Permission
from django.template import engines
from django.template.loader import get_template, render_to_string
from django.test import Client
from django.utils.html import escape
from django.utils.translation import gettext, override

import fourme_oauth
from fourme_oauth import client_secrets, revocation
from fourme_oauth.actor import Actor
from tests.factories import ApplicationFactory, PublicApplicationFactory, UserFactory, authorize
from tests.promises.paper import ROOT
from tests.third_party import CHALLENGE

FOLDER = Path(fourme_oauth.__file__).parent / "templates"
TEMPLATES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.html"))
BASE = "fourme_oauth/base.html"
TEMPLATES_DOC = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
AUTHORIZATIONS = "/admin/fourme_oauth/authorization/"
PARTS = [name for name in TEMPLATES if name.startswith("fourme_oauth/consent/")]
"""What several pages include."""
MAILS = [name for name in TEMPLATES if name.startswith("fourme_oauth/mail/")]
SHOWN = [name for name in TEMPLATES if name != BASE and name not in MAILS]
PAGES = [name for name in SHOWN if name.startswith("fourme_oauth/") and name not in PARTS]


TEXTS = sorted(
    message.id
    for message in run_path(str(ROOT / "docs" / "translations.py"))["texts"]("fourme_oauth")
    if isinstance(message.id, str) and len(message.id) > 10 and "%" not in message.id
)
"""What pages say; not the short ones, which are parts of other words."""


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
def language():
    """The Accept-Language header."""
    return "en"


@pytest.fixture
def visits(client, admin_client, user, third_party, authorization, database_is_down, language):
    """For each page of the package, a function that requests it."""
    public = PublicApplicationFactory(scopes=["request:read"])
    revocation.revoke(authorize(user, ApplicationFactory(scopes=["request:read"])), by=Actor(user))
    client.force_login(user)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    for browser in (client, admin_client, strict):
        browser.defaults["HTTP_ACCEPT_LANGUAGE"] = language
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
        "admin/fourme_oauth/application/change_form_object_tools.html": lambda: admin_client.get(
            f"/admin/fourme_oauth/application/{authorization.application_id}/change/"
        ),
        "admin/fourme_oauth/change_list.html": lambda: admin_client.get(AUTHORIZATIONS),
        "admin/fourme_oauth/filter_by_autocomplete.html": lambda: admin_client.get(AUTHORIZATIONS),
        "admin/fourme_oauth/filter_by_period.html": lambda: admin_client.get("/admin/fourme_oauth/auditevent/"),
        "admin/fourme_oauth/auditevent/change_list_object_tools.html": lambda: admin_client.get(
            "/admin/fourme_oauth/auditevent/"
        ),
        "admin/fourme_oauth/authorization/change_form_object_tools.html": lambda: admin_client.get(
            f"{AUTHORIZATIONS}{authorization.pk}/change/"
        ),
        "admin/fourme_oauth/authorization/verdicts.html": lambda: admin_client.get(
            f"{AUTHORIZATIONS}{authorization.pk}/change/"
        ),
        "admin/fourme_oauth/authorization/revoke_confirmation.html": lambda: admin_client.get(
            f"{AUTHORIZATIONS}{authorization.pk}/revoke/"
        ),
        "admin/fourme_oauth/authorization/explanation.html": lambda: admin_client.get(f"{AUTHORIZATIONS}explain/"),
        "admin/fourme_oauth/authorization/explained.html": lambda: admin_client.get(
            f"{AUTHORIZATIONS}explain/", {"application": authorization.application_id, "user": user.pk}
        ),
        "admin/fourme_oauth/user/access.html": lambda: reader(language).get(f"/admin/auth/user/{user.pk}/change/"),
        "admin/fourme_oauth/scope/applications.html": lambda: admin_client.get(
            f"/admin/fourme_oauth/scope/{authorization.application.scopes.first().pk}/change/"
        ),
    } | visits_to_the_administration(admin_client, registering, authorization.application)


def reader(language):
    """Somebody who may only look at users: to others, Django offers the permissions, whose names are in English."""
    person = UserFactory(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "view_authorization"]))
    browser = Client(headers={"Accept-Language": language})
    browser.force_login(person)
    return browser


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
        f"{listing}/impact.html": lambda: browser.get(f"{here}/disable/"),
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


@pytest.mark.once
@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize("language", ["en", "nl", "de"])
def test_page_has_the_requested_language(visit, name, language):
    assert f'<html lang="{language}' in visit(name).content.decode()


@pytest.mark.once
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", ["fr"])
def test_page_falls_back_to_english(visit, name, language):
    assert '<html lang="en' in visit(name).content.decode()


@pytest.mark.once
@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize("language", ["nl", "de"])
def test_page_has_nothing_in_english_that_is_translated(visit, name, language):
    page = visit(name).content.decode()
    with override(language):
        texts = {text: escape(gettext(text)) for text in TEXTS}
    nodes = {node.strip() for node in re.findall(r">([^<]+)<", page)}
    assert [
        text
        for text, translation in texts.items()
        # A single word may well be in a name or an address.
        if escape(text) in (page if " " in text else nodes) and translation not in page
    ] == []


@pytest.mark.parametrize("name", PAGES)
def test_page_has_a_title(visit, name):
    title = visit(name).content.decode().partition("<title>")[2].partition("</title>")[0]
    assert title.strip()


MAIL_BASE = "fourme_oauth/mail/base.html"
MAIL_PAGES = [name for name in MAILS if name != MAIL_BASE]


def test_there_are_mails():
    assert MAIL_BASE in MAILS
    assert len(MAIL_PAGES) == 4


@pytest.mark.parametrize("name", MAIL_PAGES)
def test_mail_extends_the_base_of_mails_in_its_first_line(name):
    assert (FOLDER / name).read_text(encoding="utf-8").startswith(f'{{% extends "{MAIL_BASE}" %}}')


@pytest.mark.parametrize("name", MAIL_PAGES)
def test_mail_has_a_text_and_a_subject_beside_its_html(name):
    for beside in (".txt", "_subject.txt"):
        assert get_template(name.removesuffix(".html") + beside).render({"application": "Acme"}).strip()


@pytest.mark.parametrize("name", MAIL_PAGES)
def test_site_that_overrides_the_base_of_mails_gives_all_of_them_its_look(name, tmp_path, settings):
    own = tmp_path / MAIL_BASE
    own.parent.mkdir(parents=True)
    own.write_text(
        "<header>Our Site</header>{% block title %}{% endblock %}<main>{% block content %}{% endblock %}</main>"
    )
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}]
    html = get_template(name).render({"application": "Acme", "user": None})
    assert html.count("<header>Our Site</header>") == 1
    title, _, content = html.partition("<main>")
    assert "Acme" in title
    assert "Acme" in content
    assert "<!DOCTYPE" not in html


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


# Template overrides of a site


def blocks_of(template):
    return set(re.findall(r"{% block (\w+) %}", (FOLDER / template).read_text(encoding="utf-8")))


DOCUMENTED = re.findall(r"^\| `(\S+\.html)` \|[^|]*\|([^|]*)\|", TEMPLATES_DOC, re.MULTILINE)
BLOCKS = {template: set(re.findall(r"`(\w+)`", blocks)) for template, blocks in DOCUMENTED}


@pytest.fixture
def override_template(tmp_path, settings):
    """Write a template into the site's own folder, which has precedence."""
    (engine,) = settings.TEMPLATES
    settings.TEMPLATES = [engine | {"DIRS": [tmp_path, *engine["DIRS"]]}]

    def override_template(name, text):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")

    return override_template


@pytest.mark.parametrize("name", [BASE, *PAGES])
def test_blocks_are_documented(name):
    of_the_base = set() if name == BASE else blocks_of(BASE)
    assert BLOCKS[name] == blocks_of(name) - of_the_base


@pytest.mark.parametrize(
    ("name", "block"),
    [(name, block) for name in PAGES for block in sorted(BLOCKS[name])],
    ids=lambda value: value.rpartition("/")[2],
)
def test_a_block_can_be_filled_by_the_site(visit, override_template, name, block):
    override_template(name, f'{{% extends "{name}" %}}{{% block {block} %}}Of our site{{% endblock %}}')
    assert visit(name).content.decode().count("Of our site") == 1


@pytest.mark.parametrize("name", PAGES)
def test_a_base_of_the_site_is_around_every_page(visit, override_template, name):
    override_template(BASE, "{% block title %}{% endblock %} | our site {% block content %}{% endblock %} Our footer")
    page = visit(name).content.decode()
    assert re.match(r"\w.* \| our site", page)
    assert page.endswith("Our footer")
    assert "<h1>" in page


@pytest.mark.parametrize("name", [name for name in MAILS if not name.endswith("/base.html")])
def test_a_base_of_the_site_is_around_every_mail(override_template, name):
    override_template(
        "fourme_oauth/mail/base.html", "{% block title %}{% endblock %}: {% block content %}{% endblock %}Us"
    )
    mail = render_to_string(name, {"application": "Acme", "user": UserFactory.build(), "scopes": []})
    assert mail.startswith("Acme ")
    assert mail.endswith("Us")
