"""The site's own pages."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from demo_project.seed.document import Document

pytestmark = pytest.mark.django_db


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


def test_password_in_the_document_opens_the_door(client: Client, document: Document) -> None:
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
