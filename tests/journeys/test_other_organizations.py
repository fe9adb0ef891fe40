"""A token sees what its user sees: a key contact's, the requests of one organization."""

import pytest

from demo_project.service_desk.models import Person, Request
from tests.journeys.conftest import allow


@pytest.fixture
def of_key_contact(registered, sign_in):
    """The third-party application with the key contact's tokens."""
    assert registered.exchange(allow(sign_in("key_contact"), registered)) is None
    return registered


@pytest.fixture
def organization():
    return Person.objects.get(user__username="key_contact").organization


def test_key_contacts_token_lists_the_requests_of_their_organization(of_key_contact, organization):
    listed = {each["id"] for each in of_key_contact.call("/api/requests/").json()["results"]}
    assert listed == set(Request.objects.filter(organization=organization).values_list("pk", flat=True)) != set()


def test_key_contacts_token_opens_a_request_of_their_organization(of_key_contact, organization):
    own = Request.objects.filter(organization=organization).first()
    assert of_key_contact.call(f"/api/requests/{own.pk}/").status_code == 200


def test_key_contacts_token_never_sees_the_request_of_another_organization(of_key_contact, organization):
    others = Request.objects.exclude(organization=organization)
    assert others
    assert {of_key_contact.call(f"/api/requests/{each.pk}/").status_code for each in others} == {404}


def test_key_contacts_token_requests_for_their_organization_only(of_key_contact, organization):
    answer = of_key_contact.call("/api/requests/", "POST", subject="A printer", organization=organization.pk + 1)
    assert answer.status_code == 201
    assert Request.objects.get(pk=answer.json()["id"]).organization == organization
