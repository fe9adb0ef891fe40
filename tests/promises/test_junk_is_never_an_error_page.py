"""Malformed input: the response is the RFC's error, never a 500 or a redirect to an unregistered URI."""

import base64
import json
from urllib.parse import urlencode

from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.factories import ApplicationFactory, UserFactory, issue_secret

REDIRECT_URI = "https://third-party.example/callback"
NAMES = st.sampled_from(
    [
        "client_id",
        "client_secret",
        "grant_type",
        "code",
        "redirect_uri",
        "code_verifier",
        "refresh_token",
        "scope",
        "token",
        "token_type_hint",
        "state",
        "response_type",
        "code_challenge",
        "code_challenge_method",
        "prompt",
        "resource",
        "nonce",
        "user",
        "client",
        "scopes",
    ]
)
MEANINGFUL = [
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "code",
    "request:read",
    "S256",
    "plain",
    "none",
    "CID",
]
NASTY = ["\x00", "\ud800", REDIRECT_URI, "http://[::1", "javascript:alert(1)", "x" * 5000, "%", "é€"]
PARAMETERS = st.lists(
    st.tuples(NAMES, st.one_of(st.text(max_size=40), st.sampled_from(MEANINGFUL + NASTY))), max_size=8
)
BACK_CHANNEL = st.sampled_from(["/oauth/token", "/oauth/revoke", "/oauth/introspect"])

thorough = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], database=None
)


def encoded(parameters):
    return urlencode([(name, value.encode("utf-8", "surrogatepass")) for name, value in parameters])


def with_fixed(parameters, **fixed):
    return [*fixed.items(), *(pair for pair in parameters if pair[0] not in fixed)]


class TestJunk(TestCase):
    def setup_example(self):
        super().setup_example()
        self.application = ApplicationFactory(scopes=["request:read"], client_id="CID", redirect_uris=REDIRECT_URI)
        self.secret = issue_secret(self.application)
        self.client = Client(raise_request_exception=False)

    @thorough
    @given(PARAMETERS, st.booleans(), BACK_CHANNEL)
    def test_parameters_of_the_back_channel(self, parameters, authenticated, path):
        if authenticated:
            parameters = with_fixed(parameters, client_id="CID", client_secret=self.secret)
        form = self.client.post(path, encoded(parameters), content_type="application/x-www-form-urlencoded")
        as_json = self.client.post(path, json.dumps(dict(parameters)), content_type="application/json")
        assert {form.status_code, as_json.status_code} <= {200, 400, 401}

    @thorough
    @given(st.binary(max_size=80), st.binary(max_size=60), BACK_CHANNEL)
    def test_bytes_at_the_back_channel(self, body, credentials, path):
        header = "Basic " + base64.b64encode(credentials).decode()
        for content_type in ("application/x-www-form-urlencoded", "application/json"):
            response = self.client.post(path, body, content_type=content_type, headers={"Authorization": header})
            assert response.status_code in {400, 401}

    @thorough
    @given(st.binary(max_size=60))
    def test_bytes_as_a_bearer_token(self, token):
        response = self.client.get("/api/me/", HTTP_AUTHORIZATION="Bearer " + token.decode("latin-1"))
        assert response.status_code == 401

    @thorough
    @given(PARAMETERS, st.booleans(), st.booleans())
    def test_parameters_of_an_authorization_request(self, parameters, registered, signed_in):
        if registered:
            parameters = with_fixed(parameters, client_id="CID", redirect_uri=REDIRECT_URI, response_type="code")
        if signed_in:
            self.client.force_login(UserFactory())
        url = "/oauth/authorize?" + encoded(parameters)
        for response in (self.client.get(url), self.client.post(url, {"allow": "1", "signature": "x"})):
            assert response.status_code in {200, 302, 400}
            elsewhere = response.headers.get("Location", REDIRECT_URI + "?")
            assert elsewhere.startswith((f"{REDIRECT_URI}?", "/accounts/login/?"))
