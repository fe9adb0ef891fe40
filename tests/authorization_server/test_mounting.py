"""Nothing of the toolkit is reachable but what is meant to be."""

import pytest
from django.urls import NoReverseMatch, get_resolver, reverse

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path",
    [
        "/oauth/applications/",
        "/oauth/authorized_tokens/",
        "/oauth/device-authorization/",
        "/oauth/device/",
        "/oauth/register/",
        "/oauth/userinfo/",
        "/oauth/logout/",
        "/oauth/revoke_token/",
        "/.well-known/openid-configuration",
        "/.well-known/jwks.json",
    ],
)
def test_the_toolkit_s_other_pages_are_not_there(client, path):
    assert client.get(path).status_code == 404


def test_the_toolkit_s_namespace_has_the_four_endpoints_and_no_more():
    _, resolver = get_resolver().namespace_dict["oauth2_provider"]
    names = {name for name in resolver.reverse_dict if isinstance(name, str)}
    assert names == {"authorize", "token", "revoke-token", "introspect"}


def test_the_toolkit_s_registration_has_no_address():
    with pytest.raises(NoReverseMatch):
        reverse("oauth2_provider:register")


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke", "/oauth/introspect"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_an_endpoint_answers_with_and_without_a_trailing_slash(client, path, slash):
    assert client.post(path + slash).status_code == 400
