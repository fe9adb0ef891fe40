"""Discovery by metadata (RFC 8414, RFC 9728)."""

import pytest
import requests

TIMEOUT = 10


class TestDiscovery:
    @pytest.fixture
    def metadata(self, site):
        # RFC 8414 section 3.1: the path of the issuer comes after the well-known one.
        address = f"{site.base_url}/.well-known/oauth-authorization-server{site.prefix}"
        return requests.get(address, timeout=TIMEOUT).json()

    def test_the_issuer_is_where_the_site_mounts_the_endpoints(self, site, metadata):
        assert metadata["issuer"] == site.base_url + site.prefix

    @pytest.mark.parametrize(
        ("member", "endpoint"),
        [
            ("authorization_endpoint", "authorize"),
            ("token_endpoint", "token"),
            ("revocation_endpoint", "revoke"),
            ("introspection_endpoint", "introspect"),
        ],
    )
    def test_the_metadata_says_where_the_endpoint_is(self, site, metadata, member, endpoint):
        assert metadata[member] == f"{site.oauth}/{endpoint}"

    def test_the_scopes_are_those_that_an_administrator_defined(self, metadata):
        assert {"account:read", "person:read", "request:read"} <= set(metadata["scopes_supported"])

    def test_the_api_names_the_server_that_gives_tokens_for_it(self, site):
        address = f"{site.base_url}/.well-known/oauth-protected-resource"
        document = requests.get(address, timeout=TIMEOUT).json()
        assert document["resource"] == site.base_url
        assert document["authorization_servers"] == [site.base_url + site.prefix]
