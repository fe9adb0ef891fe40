import pytest

from fourme_oauth.models import Scope
from tests.factories import ScopeFactory

pytestmark = pytest.mark.django_db

SERVER = "/.well-known/oauth-authorization-server"
RESOURCE = "/.well-known/oauth-protected-resource"


def test_the_issuer_is_the_site(client):
    assert client.get(SERVER).json()["issuer"] == "http://testserver"


@pytest.mark.parametrize(
    ("member", "path"),
    [
        ("authorization_endpoint", "/oauth/authorize"),
        ("token_endpoint", "/oauth/token"),
        ("revocation_endpoint", "/oauth/revoke"),
        ("introspection_endpoint", "/oauth/introspect"),
    ],
)
def test_the_endpoints_are_where_the_document_says(client, member, path):
    assert client.get(SERVER).json()[member] == "http://testserver" + path
    assert client.post(path).status_code in {400, 401}


def test_only_the_grants_that_are_on_are_advertised(client):
    assert client.get(SERVER).json()["grant_types_supported"] == [
        "authorization_code",
        "refresh_token",
        "client_credentials",
    ]


def test_only_s256_is_advertised(client):
    assert client.get(SERVER).json()["code_challenge_methods_supported"] == ["S256"]


def test_the_scopes_are_the_catalogue_without_what_is_retired(client):
    ScopeFactory(name="request:read")
    ScopeFactory(name="old:read", retired=True)
    assert client.get(SERVER).json()["scopes_supported"] == list(Scope.objects.in_catalogue().names())


def test_the_documents_can_be_read_from_any_origin(client):
    assert client.get(SERVER)["Access-Control-Allow-Origin"] == "*"
    assert client.get(RESOURCE)["Access-Control-Allow-Origin"] == "*"


def test_another_issuer_is_not_found(client):
    assert client.get(SERVER + "/tenant").status_code == 404


def test_the_resource_names_its_authorization_server(client):
    document = client.get(RESOURCE).json()
    assert document["resource"] == "http://testserver"
    assert document["authorization_servers"] == ["http://testserver"]
    assert document["bearer_methods_supported"] == ["header"]


@pytest.mark.urls("tests.authorization_server.under_a_prefix")
def test_under_a_prefix_the_issuer_has_the_prefix_as_its_path(client):
    document = client.get(SERVER + "/sso").json()
    assert document["issuer"] == "http://testserver/sso"
    assert document["token_endpoint"] == "http://testserver/sso/oauth/token"


@pytest.mark.urls("tests.authorization_server.under_a_prefix")
def test_under_a_prefix_the_resource_is_the_site(client):
    document = client.get(RESOURCE).json()
    assert document["resource"] == "http://testserver"
    assert document["authorization_servers"] == ["http://testserver/sso"]
