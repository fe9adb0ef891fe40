"""What the seed puts in place, and what a second run leaves alone."""

import pytest
from django.contrib.auth.models import User
from django.db.models import Model
from django.utils import timezone

from demo_project.seed.contents import ENDPOINTS
from demo_project.seed.document import Document, seed
from demo_project.service_desk.models import Organization, Person, Request
from fourme_oauth import client_secrets
from fourme_oauth.models import Application, ClientSecret, Scope

BASE_URL = "http://127.0.0.1:8000"
COUNTED: tuple[type[Model], ...] = (User, Organization, Person, Request, Scope, Application, ClientSecret)


def seed_again(*, base_url: str = BASE_URL, rotate_secrets: bool = False) -> Document:
    return seed(base_url=base_url, rotate_secrets=rotate_secrets)


def counts() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in COUNTED}


def secret_works(document: Document, key: str) -> bool:
    entry = document["applications"][key]
    application = Application.objects.get(client_id=entry["client_id"])
    return client_secrets.verify(application, entry["client_secret"] or "", now=timezone.now())


def test_document_has_the_documented_keys(document: Document) -> None:
    assert list(document) == ["base_url", "endpoints", "users", "applications", "scopes"]


def test_document_names_the_endpoints(document: Document) -> None:
    assert document["endpoints"] == ENDPOINTS


def test_document_describes_the_superuser(document: Document) -> None:
    password = document["users"]["admin"]["password"]
    assert document["users"]["admin"] == {
        "username": "admin",
        "password": password,
        "roles": ["account administrator"],
        "is_superuser": True,
    }


def test_document_describes_a_user_without_roles(document: Document) -> None:
    password = document["users"]["end_user"]["password"]
    assert document["users"]["end_user"] == {"username": "end_user", "password": password, "roles": []}


def test_document_describes_the_dashboard(document: Document) -> None:
    dashboard = dict(document["applications"]["dashboard"])
    assert dashboard.pop("client_id")
    assert str(dashboard.pop("client_secret")).startswith("fms_")
    assert dashboard == {
        "name": "Acme Dashboard",
        "client_type": "confidential",
        "redirect_uris": [f"{BASE_URL}/third-party/callback", "https://dashboard.example/callback"],
        "scopes": ["account:read", "request:read", "request:create", "request:update", "person:read"],
    }


def test_document_describes_the_public_application(document: Document) -> None:
    mobile = dict(document["applications"]["mobile"])
    assert mobile.pop("client_id")
    assert mobile == {
        "name": "Acme Mobile",
        "client_type": "public",
        "client_secret": None,
        "redirect_uris": ["com.example.acme:/callback", "http://127.0.0.1/callback"],
        "scopes": ["account:read", "request:read"],
    }


def test_document_describes_the_application_with_a_linked_user(document: Document) -> None:
    nightly = dict(document["applications"]["nightly"])
    assert nightly.pop("client_id")
    assert str(nightly.pop("client_secret")).startswith("fms_")
    assert nightly == {
        "name": "Acme Nightly Export",
        "client_type": "confidential",
        "grant": "client-credentials",
        "linked_user": "auditor",
        "scopes": ["account:read", "request:read", "person:read"],
    }


def test_document_says_which_roles_permit_a_scope(document: Document) -> None:
    assert document["scopes"] == {
        "request:read": ["key contact", "specialist", "auditor", "account administrator"],
        "request:create": ["key contact", "specialist"],
        "request:update": ["specialist"],
        "person:read": ["specialist", "auditor", "account administrator"],
        "person:update": ["account administrator"],
        "account:read": [],
    }


def test_database_agrees_with_the_document_on_scopes(document: Document) -> None:
    stored = {scope.name: set(scope.roles.values_list("name", flat=True)) for scope in Scope.objects.all()}
    assert stored == {name: set(roles) for name, roles in document["scopes"].items()}


def test_database_agrees_with_the_document_on_applications(document: Document) -> None:
    for entry in document["applications"].values():
        application = Application.objects.get(client_id=entry["client_id"])
        assert set(application.scopes.values_list("name", flat=True)) == set(entry["scopes"])
        assert application.redirect_uris.split() == entry.get("redirect_uris", [])
        application.full_clean()


@pytest.mark.parametrize("username", ["admin", "specialist", "key_contact", "auditor", "end_user"])
def test_password_in_the_document_is_the_users(document: Document, username: str) -> None:
    password = document["users"][username]["password"]
    assert password is not None
    assert User.objects.get(username=username).check_password(password)


def test_second_seed_adds_nothing(document: Document) -> None:
    before = counts()
    seed_again()
    assert counts() == before


def test_second_seed_shows_no_password_and_no_secret(document: Document) -> None:
    again = seed_again()
    assert {user["password"] for user in again["users"].values()} == {None}
    assert {application["client_secret"] for application in again["applications"].values()} == {None}


def test_second_seed_keeps_client_ids_and_secrets(document: Document) -> None:
    again = seed_again()
    for key, entry in document["applications"].items():
        assert again["applications"][key]["client_id"] == entry["client_id"]
    assert secret_works(document, "dashboard")


def test_second_seed_puts_roles_back(document: Document) -> None:
    User.objects.get(username="specialist").groups.clear()
    seed_again()
    assert User.objects.get(username="specialist").groups.get().name == "specialist"


def test_second_seed_leaves_the_users_requests_alone(document: Document) -> None:
    Request.objects.update(subject="Edited")
    seed_again()
    assert set(Request.objects.values_list("subject", flat=True)) == {"Edited"}


def test_rotation_ends_the_earlier_secrets(document: Document) -> None:
    rotated = seed_again(rotate_secrets=True)
    assert secret_works(rotated, "dashboard")
    assert not secret_works(document, "dashboard")


def test_rotation_makes_new_passwords(document: Document) -> None:
    rotated = seed_again(rotate_secrets=True)
    password = rotated["users"]["auditor"]["password"]
    assert password != document["users"]["auditor"]["password"]
    assert User.objects.get(username="auditor").check_password(str(password))


def test_rotation_gives_a_public_application_no_secret(document: Document) -> None:
    assert seed_again(rotate_secrets=True)["applications"]["mobile"]["client_secret"] is None


def test_rotation_can_be_repeated(document: Document) -> None:
    for _ in range(3):
        rotated = seed_again(rotate_secrets=True)
    assert secret_works(rotated, "nightly")


def test_another_port_changes_the_registered_redirect_uri(document: Document) -> None:
    seed_again(base_url="http://127.0.0.1:9000")
    dashboard = Application.objects.get(client_id=document["applications"]["dashboard"]["client_id"])
    assert dashboard.redirect_uris.split()[0] == "http://127.0.0.1:9000/third-party/callback"
