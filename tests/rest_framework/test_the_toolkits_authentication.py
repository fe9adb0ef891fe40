"""Our permission with the toolkit's authentication, which does not compute effective scopes."""

import pytest
from oauth2_provider.contrib.rest_framework import OAuth2Authentication
from rest_framework.test import APIClient

from tests.factories import mint_access_token
from tests.forgetful_site import Declared, at, site


class ReadByTheToolkit(Declared):
    authentication_classes = [OAuth2Authentication]


@pytest.fixture(autouse=True)
def mixed(settings):
    settings.ROOT_URLCONF = site(at("ours/", Declared), at("mixed/", ReadByTheToolkit))


@pytest.mark.parametrize("scope", ["request:read", "request:create"])
def test_a_token_that_the_toolkit_has_read_opens_nothing(call, authorization, scope):
    assert call("/mixed/", mint_access_token(authorization, scope=scope)).status_code == 403


def test_the_same_token_opens_what_ours_has_read(call, authorization):
    assert call("/ours/", mint_access_token(authorization, scope="request:read")).status_code == 200


@pytest.mark.parametrize("auth", [None, "what another authentication leaves"])
def test_request_without_an_application_is_allowed(user, auth):
    client = APIClient()
    client.force_authenticate(user, auth)
    assert client.get("/mixed/").status_code == 200
