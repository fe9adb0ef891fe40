import base64

import pytest
from django.utils import timezone

from fourme_oauth.authorization_server.client_authentication import (
    InvalidClient,
    authenticate,
    find_enabled_application,
    from_request,
)
from fourme_oauth.authorization_server.parameters import MalformedRequest
from tests.factories import ApplicationFactory, PublicApplicationFactory, issue_secret


def basic(pair):
    return "Basic " + base64.b64encode(pair.encode()).decode()


def test_credentials_come_from_the_body():
    found = from_request("", {"client_id": "abc", "client_secret": "s"})
    assert (found.client_id, found.client_secret) == ("abc", "s")


def test_credentials_come_from_the_header():
    found = from_request(basic("abc:s"), {})
    assert (found.client_id, found.client_secret) == ("abc", "s")


def test_credentials_in_the_header_are_form_encoded():
    found = from_request(basic("a%3Ab:s+t%2B"), {})
    assert (found.client_id, found.client_secret) == ("a:b", "s t+")


def test_the_same_client_id_may_stand_in_header_and_body():
    assert from_request(basic("abc:s"), {"client_id": "abc"}).client_id == "abc"


def test_a_public_application_sends_its_client_id_alone():
    assert from_request("", {"client_id": "abc"}).client_secret is None


def test_two_methods_at_once_are_refused():
    with pytest.raises(MalformedRequest, match="use one"):
        from_request(basic("abc:s"), {"client_secret": "s"})


def test_two_identities_are_refused():
    with pytest.raises(MalformedRequest, match="not the one"):
        from_request(basic("abc:s"), {"client_id": "victim"})


@pytest.mark.parametrize(
    "header",
    [
        "Bearer abc",
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"\xff\xff:x").decode(),
        basic("no colon"),
        basic("abc:%zz"),
        basic("abc:%00"),
    ],
)
def test_a_header_that_can_not_be_read_is_an_invalid_client(header):
    with pytest.raises(InvalidClient):
        from_request(header, {})


def test_nothing_at_all_is_an_invalid_client():
    with pytest.raises(InvalidClient, match="missing"):
        from_request("", {})


def test_the_secret_is_not_in_the_repr():
    assert "hunter2" not in repr(from_request(basic("abc:hunter2"), {}))


def test_an_application_is_found_by_its_client_id(application):
    assert find_enabled_application(application.client_id) == application


def test_an_application_is_not_found_by_another_case_of_its_client_id(db):
    ApplicationFactory(client_id="abcDEF")
    assert find_enabled_application("ABCdef") is None


def test_a_disabled_application_is_not_found(application):
    application.disabled = True
    application.save()
    assert find_enabled_application(application.client_id) is None


def test_a_secret_authenticates_its_application(application, secret):
    assert authenticate(application, secret, now=timezone.now())


def test_a_secret_does_not_authenticate_another_application(application, secret):
    assert not authenticate(ApplicationFactory(), secret, now=timezone.now())


def test_no_secret_does_not_authenticate(application, secret):
    assert not authenticate(application, None, now=timezone.now())


def test_a_public_application_never_passes_as_authenticated(db):
    assert not authenticate(PublicApplicationFactory(), None, now=timezone.now())


def test_a_secret_of_an_application_made_public_no_longer_authenticates(application):
    secret = issue_secret(application)
    application.client_type = application.CLIENT_PUBLIC
    assert not authenticate(application, secret, now=timezone.now())


def test_an_unknown_application_does_not_authenticate(db):
    assert not authenticate(None, "fms_x", now=timezone.now())


def test_an_unknown_application_costs_as_many_queries_as_a_wrong_secret(application, secret, django_assert_num_queries):
    with django_assert_num_queries(1):
        authenticate(None, "wrong", now=timezone.now())
    with django_assert_num_queries(1):
        authenticate(application, "wrong", now=timezone.now())
