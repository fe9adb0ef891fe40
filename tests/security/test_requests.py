"""Unusual requests."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from fourme_oauth.models import Grant
from tests.factories import ApplicationFactory, PublicApplicationFactory
from tests.third_party import ThirdParty, answer_parameters


def test_a_long_state_survives_the_sign_in(application, user, client):
    response = ThirdParty(client, application).authorize(state="日本" * 680)
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/?next=/oauth/authorize%3F")


def test_a_login_page_with_a_query_of_its_own_keeps_it(application, client, settings):
    settings.LOGIN_URL = "/sign-in?realm=staff"
    response = ThirdParty(client, application).authorize()
    assert response["Location"].startswith("/sign-in?realm=staff&next=/oauth/authorize%3F")


def test_truncated_body_is_no_server_error(db):
    class Broken(io.RawIOBase):
        def read(self, size=-1):
            raise OSError("gone")

    form = {"CONTENT_LENGTH": "10", "CONTENT_TYPE": "application/x-www-form-urlencoded"}
    browser = Client(raise_request_exception=False)
    assert browser.generic("POST", "/oauth/token", b"", **form, **{"wsgi.input": Broken()}).status_code == 400


def test_a_query_string_that_is_not_ascii_is_a_page(third_party):
    path, _, query = third_party.authorize_url().partition("?")
    response = third_party.browser.get(path, QUERY_STRING=f"{query}&more=é".encode().decode("latin-1"))
    assert response.status_code == 400


def test_a_scope_that_is_named_twice_is_stored_once(third_party):
    third_party.code(scope="request:read  request:read")
    assert Grant.objects.get().scope == "request:read"


def test_scopes_are_separated_by_spaces_only(third_party):
    response = third_party.authorize(scope="request:read\u00a0request:create")
    assert answer_parameters(response)["error"] == "invalid_scope"


def test_a_trusted_application_is_not_public():
    with pytest.raises(ValidationError) as refused:
        PublicApplicationFactory.build(skip_authorization=True).clean()
    assert set(refused.value.error_dict) == {"skip_authorization"}


def test_a_trusted_application_may_be_confidential():
    ApplicationFactory.build(skip_authorization=True).clean()
