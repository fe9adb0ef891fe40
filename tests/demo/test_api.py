"""The API's own rules, for people who are signed in with a session, and for applications that act for them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from demo_project.service_desk.models import Organization, Request
from fourme_oauth.models import Application
from fourme_oauth.testing import BearerClient, ThirdParty

UserNamed = Callable[[str], User]
SignedIn = Callable[[str], APIClient]


@pytest.fixture
def signed_in(user: UserNamed) -> SignedIn:
    def sign_in(username: str) -> APIClient:
        client = APIClient()
        client.force_login(user(username))
        return client

    return sign_in


@pytest.fixture
def acting_for(user: UserNamed, bearer_client: Callable[..., BearerClient]) -> Callable[..., BearerClient]:
    """An application to which one of the demo's users has granted scopes."""
    return lambda username, *scopes: bearer_client(user(username), scopes=scopes)


def listed(client: APIClient, path: str = "/api/requests/") -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = client.get(path).json()["results"]
    return results


@pytest.mark.parametrize("path", ["/api/requests/", "/api/people/", "/api/me/"])
def test_anonymous_request_is_refused(document: object, path: str) -> None:
    assert APIClient().get(path).status_code == 401


@pytest.mark.parametrize("username", ["specialist", "auditor", "admin"])
def test_desk_sees_the_requests_of_all_organizations(signed_in: SignedIn, username: str) -> None:
    assert len(listed(signed_in(username))) == Request.objects.count()


def test_key_contact_sees_the_requests_of_their_own_organization(signed_in: SignedIn, user: UserNamed) -> None:
    own = user("key_contact").person.organization.name
    assert {request["organization"] for request in listed(signed_in("key_contact"))} == {own}


def test_key_contact_who_is_a_specialist_too_sees_all(signed_in: SignedIn, user: UserNamed) -> None:
    user("key_contact").groups.add(user("specialist").groups.get())
    assert len(listed(signed_in("key_contact"))) == Request.objects.count()


def test_person_without_a_role_sees_what_they_requested(signed_in: SignedIn) -> None:
    assert {request["requested_by"] for request in listed(signed_in("end_user"))} == {"end_user"}


def test_request_of_another_organization_is_not_found_by_a_key_contact(signed_in: SignedIn, user: UserNamed) -> None:
    theirs = Request.objects.exclude(organization=user("key_contact").person.organization).first()
    assert theirs is not None
    path = f"/api/requests/{theirs.pk}/"
    assert signed_in("key_contact").get(path).status_code == 404
    assert signed_in("key_contact").patch(path, {"status": "completed"}).status_code == 404


def test_created_request_is_in_the_organization_of_who_asked(signed_in: SignedIn, user: UserNamed) -> None:
    other = Organization.objects.exclude(people__user__username="key_contact").get()
    answer = signed_in("key_contact").post("/api/requests/", {"subject": "New keys", "organization": other.pk})
    assert answer.status_code == 201
    created = Request.objects.get(pk=answer.json()["id"])
    assert created.organization == user("key_contact").person.organization
    assert created.requested_by == user("key_contact")


def test_person_without_an_organization_can_ask_too(signed_in: SignedIn, user: UserNamed) -> None:
    user("specialist").person.delete()
    answer = signed_in("specialist").post("/api/requests/", {"subject": "New keys"})
    assert answer.status_code == 201
    assert answer.json()["organization"] is None


@pytest.mark.parametrize("faulty", [{}, {"subject": ""}, {"subject": "Keys", "status": "lost"}])
def test_faulty_request_is_refused_with_reasons(signed_in: SignedIn, faulty: dict[str, str]) -> None:
    answer = signed_in("specialist").post("/api/requests/", faulty)
    assert answer.status_code == 400
    assert answer.json()


def test_request_is_updated(signed_in: SignedIn) -> None:
    request = Request.objects.earliest("pk")
    answer = signed_in("specialist").patch(f"/api/requests/{request.pk}/", {"status": "completed"})
    assert answer.status_code == 200
    request.refresh_from_db()
    assert request.status == "completed"


def test_request_can_not_be_replaced_or_deleted(signed_in: SignedIn) -> None:
    client, path = signed_in("specialist"), f"/api/requests/{Request.objects.earliest('pk').pk}/"
    assert client.put(path, {"subject": "Keys"}).status_code == 405
    assert client.delete(path).status_code == 405


def test_people_are_listed(signed_in: SignedIn) -> None:
    assert len(listed(signed_in("auditor"), "/api/people/")) == 5


def test_person_is_updated(signed_in: SignedIn, user: UserNamed) -> None:
    person = user("end_user").person
    answer = signed_in("admin").patch(f"/api/people/{person.pk}/", {"job_title": "Night watch"})
    assert answer.status_code == 200
    person.refresh_from_db()
    assert person.job_title == "Night watch"


def test_me_has_no_scopes_to_explain_without_a_token(signed_in: SignedIn) -> None:
    assert signed_in("key_contact").get("/api/me/").json() == {
        "username": "key_contact",
        "roles": ["key contact"],
        "scopes": {},
    }


def test_next_page_is_linked(signed_in: SignedIn) -> None:
    answer = signed_in("specialist").get("/api/requests/", {"page_size": 2})
    assert answer["Link"] == '<http://testserver/api/requests/?page=2&page_size=2>; rel="next"'


def test_only_page_has_no_link(signed_in: SignedIn) -> None:
    assert "Link" not in signed_in("specialist").get("/api/requests/")


# ── through an application ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/api/requests/", "request:read"),
        ("GET", "/api/requests/1/", "request:read"),
        ("POST", "/api/requests/", "request:create"),
        ("PATCH", "/api/requests/1/", "request:update"),
        ("GET", "/api/people/", "person:read"),
        ("GET", "/api/people/1/", "person:read"),
        ("PATCH", "/api/people/1/", "person:update"),
        ("GET", "/api/me/", "account:read"),
    ],
)
def test_each_endpoint_requires_a_scope(
    document: object, assert_requires_scope: Callable[..., None], method: str, path: str, scope: str
) -> None:
    assert_requires_scope(path, method, scope)


@pytest.mark.parametrize(("username", "status"), [("specialist", 201), ("key_contact", 201), ("auditor", 403)])
def test_application_creates_a_request_for_whose_role_permits_it(
    acting_for: Callable[..., BearerClient], username: str, status: int
) -> None:
    client = acting_for(username, "request:create")
    assert client.post("/api/requests/", {"subject": "New keys"}).status_code == status


def test_application_of_a_key_contact_sees_the_requests_of_their_own_organization(
    acting_for: Callable[..., BearerClient], user: UserNamed
) -> None:
    own = user("key_contact").person.organization.name
    found = listed(acting_for("key_contact", "request:read"))
    assert {request["organization"] for request in found} == {own}


def test_application_of_a_key_contact_does_not_find_the_request_of_another_organization(
    acting_for: Callable[..., BearerClient], user: UserNamed
) -> None:
    theirs = Request.objects.exclude(organization=user("key_contact").person.organization).first()
    assert theirs is not None
    assert acting_for("key_contact", "request:read").get(f"/api/requests/{theirs.pk}/").status_code == 404


def test_being_a_superuser_permits_an_application_nothing(acting_for: Callable[..., BearerClient]) -> None:
    answer = acting_for("admin", "request:create").post("/api/requests/", {"subject": "New keys"})
    assert answer.json()["missing"] == {"request:create": "not_permitted"}


def test_me_explains_every_scope_to_an_application(acting_for: Callable[..., BearerClient]) -> None:
    answer = acting_for("key_contact", "account:read", "request:read", "request:update").get("/api/me/")
    assert answer.json()["scopes"] == {
        "account:read": "in_effect",
        "person:read": "not_allowed",
        "person:update": "not_allowed",
        "request:create": "not_allowed",
        "request:read": "in_effect",
        "request:update": "not_permitted",
    }


def test_dashboard_completes_the_whole_flow(user: UserNamed, third_party_for: Callable[..., ThirdParty]) -> None:
    dashboard = third_party_for(user("specialist"), application=Application.objects.get(name="Acme Dashboard"))
    tokens = dashboard.refresh(dashboard.tokens()["refresh_token"]).json()
    assert len(dashboard.call(tokens["access_token"], "/api/requests/").json()["results"]) == Request.objects.count()
