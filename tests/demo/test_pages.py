"""The site's own pages."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from demo_project.seed.document import Document
from demo_project.state_folder import PROJECT_ROOT
from demo_project.walkthrough.pages import Page

pytestmark = pytest.mark.django_db

TEMPLATES = sorted((PROJECT_ROOT / "demo_project").rglob("*.html"))


def test_root_leads_to_the_profile(client: Client) -> None:
    assert client.get("/")["Location"] == "/profile/"


def test_profile_is_for_who_is_signed_in(client: Client) -> None:
    assert client.get("/profile/")["Location"] == "/accounts/login/?next=/profile/"


def test_profile_links_to_access_and_security(client: Client, user: Callable[[str], User]) -> None:
    client.force_login(user("end_user"))
    assert 'href="/access-and-security/"' in client.get("/profile/").content.decode()


def test_profile_of_somebody_without_an_organization_can_be_read(client: Client) -> None:
    client.force_login(User.objects.create_user("newcomer"))
    assert "newcomer" in client.get("/profile/").content.decode()


def test_password_in_the_document_signs_in(client: Client, document: Document) -> None:
    specialist = document["users"]["specialist"]
    answer = client.post(
        "/accounts/login/", {"username": specialist["username"], "password": specialist["password"] or ""}
    )
    assert answer["Location"] == "/profile/"


def test_logging_out_leads_to_the_login_page(client: Client, user: Callable[[str], User]) -> None:
    client.force_login(user("end_user"))
    assert client.post("/accounts/logout/")["Location"] == "/accounts/login/"


@pytest.mark.parametrize("path", ["/static/demo_project/pages.css", "/static/admin/css/base.css"])
def test_static_files_are_served_without_debug(client: Client, path: str) -> None:
    assert client.get(path).status_code == 200


def test_login_page_keeps_where_the_visitor_was_going(client: Client, document: Document) -> None:
    page = Page(client.get("/accounts/login/", {"next": "/access-and-security/"}).content.decode())
    form = page.form_with_field("password")
    form.fill("username", "specialist")
    form.fill("password", str(document["users"]["specialist"]["password"]))
    assert client.post("/accounts/login/", dict(form.data()))["Location"] == "/access-and-security/"


def test_login_page_sends_nobody_to_another_site(client: Client, document: Document) -> None:
    password = document["users"]["specialist"]["password"]
    answer = client.post(
        "/accounts/login/", {"username": "specialist", "password": password, "next": "https://evil.example/"}
    )
    assert answer["Location"] == "/profile/"


def test_fields_of_the_login_page_have_labels(client: Client) -> None:
    form = Page(client.get("/accounts/login/").content.decode()).form_with_field("password")
    labels = {control.name: control.label for control in form.controls if control.kind != "hidden"}
    assert labels == {"username": "Username:", "password": "Password:"}


def test_wrong_password_is_said_so(client: Client, document: Document) -> None:
    answer = client.post("/accounts/login/", {"username": "specialist", "password": "guessed"})
    assert "Please enter a correct username and password" in answer.content.decode()


def test_missing_password_is_said_so(client: Client) -> None:
    assert "This field is required" in client.post("/accounts/login/", {"username": "x"}).content.decode()


def test_section_access_and_security_has_a_heading(client: Client, user: Callable[[str], User]) -> None:
    client.force_login(user("end_user"))
    assert '<h2 id="access-and-security">Access &amp; Security</h2>' in client.get("/profile/").content.decode()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_template_has_no_style_or_script_of_its_own(path: Path) -> None:
    """A strict content security policy would stop it."""
    assert not re.search(r"<style|<script(?! src=)|\sstyle=|\son\w+=|javascript:", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("asked", "told", "heading"),
    [("nl", "nl", "Mijn profiel"), ("de", "de", "Mein Profil"), ("fr", "en", "My Profile")],
)
def test_page_tells_the_language_that_it_is_in(
    client: Client, user: Callable[[str], User], asked: str, told: str, heading: str
) -> None:
    client.force_login(user("end_user"))
    page = client.get("/profile/", headers={"Accept-Language": asked}).content.decode()
    assert f'<html lang="{told}">' in page
    assert f"<h1>{heading}</h1>" in page
