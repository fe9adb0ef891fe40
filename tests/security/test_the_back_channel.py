"""Unusual requests at the token, revocation and introspection endpoints: the RFC's response, never a 500."""

import base64
import json
import re
import time
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import authorize, mint_access_token
from tests.third_party import CHALLENGE, VERIFIER

FORM = "application/x-www-form-urlencoded"
PATHS = ["/oauth/token", "/oauth/revoke", "/oauth/introspect"]

# RFC 6749 section 5.2
DESCRIPTION = re.compile(r"\A[\x20-\x21\x23-\x5B\x5D-\x7E]*\Z")


def basic(credentials):
    return "Basic " + base64.b64encode(credentials).decode()


def send(path, body=b"", content_type=FORM, **environ):
    return Client(raise_request_exception=False).generic("POST", path, body, content_type=content_type, **environ)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "content_type",
    [
        f"{FORM}; charset=utf-16",
        f"{FORM}; charset=hex",
        f"{FORM}; charset=",
        f"{FORM}; charset=é",
        f"{FORM}; charset=utf-8; charset=utf-16",
        f"{FORM}; charset*=utf-16''x",
        f'{FORM};;;=;"',
        f"{FORM}; x={'y' * 9000}",
        "application/json; charset=utf-16",
        "application/json, application/json",
        "multipart/form-data",
        "multipart/form-data; charset=hex; boundary=x",
        "text/plain",
        "",
    ],
)
def test_unusual_content_type_is_no_server_error(db, path, content_type):
    assert send(path, b"token=x", content_type).status_code in {400, 401}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "body",
    [
        b'{"a": {"b": {"c": "d"}}}',
        b'{"a": "\\ud800"}',
        b"[" * 64_000,
        b'{"a":' * 12_000,
        b"9" * 64_000,
        b'{"client_id": "' + b"x" * 66_000 + b'"}',
        b"\xef\xbb\xbf{}",
        b"\xff\xfe{\x00}\x00",
    ],
)
def test_unusual_json_is_no_server_error(db, path, body):
    assert send(path, body, "application/json").status_code == 400


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", [b"a=%", b"a=%ff", b"a=%00", b"%00=a", b"\x00", b"a=\xff", b"=&=&=", b"&" * 60_000])
def test_unusual_form_bodies_are_no_server_error(db, path, body):
    assert send(path, body).status_code in {400, 401}


@pytest.mark.parametrize("path", PATHS)
def test_chunked_body_is_no_server_error(db, path):
    chunked = {
        "HTTP_TRANSFER_ENCODING": "chunked",
        "wsgi.input": BytesIO(b"5\r\ntoken\r\n0\r\n\r\n"),
        "CONTENT_LENGTH": "",
    }
    assert send(path, **chunked).status_code in {400, 401}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic =====",
        "Basic \xff",
        "Basic " + "A" * 50_000,
        "Basic YTpi, Basic YTpi",
        basic(b"no colon"),
        basic(b":"),
        basic(b"\xff:\xff"),
        basic(b"a:%zz"),
        basic(b"a%00:b"),
        "Bearer x",
        "Negotiate",
        ",",
    ],
)
def test_a_malformed_authorization_header_is_an_invalid_client(db, path, header):
    response = send(path, b"token=x&grant_type=refresh_token&refresh_token=x", HTTP_AUTHORIZATION=header)
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("path", PATHS)
def test_credentials_in_the_url_are_not_read(third_party, path):
    query = f"client_id={third_party.application.client_id}&client_secret={third_party.secret}"
    response = send(f"{path}?{query}", b"grant_type=refresh_token&refresh_token=x&token=x")
    assert response.json()["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("/oauth/token", {"grant_type": 'é"\\'}),
        ("/oauth/token", {"grant_type": "authorization_code"}),
        ("/oauth/token", {"grant_type": "authorization_code", "code": 'é"\\'}),
        ("/oauth/token", {"grant_type": "refresh_token", "refresh_token": 'é"\\', "scope": 'é"\\'}),
        ("/oauth/token", {"client_id": 'é"\\'}),
        ("/oauth/revoke", {}),
        ("/oauth/introspect", {}),
    ],
)
def test_an_error_is_described_in_the_characters_that_the_rfc_allows(third_party, path, parameters):
    answer = third_party.post(path, **parameters).json()
    assert DESCRIPTION.match(answer["error"] + answer.get("error_description", ""))


def test_one_application_can_not_authenticate_as_another(third_party, other):
    """Authenticated as itself in the header, it names the other application in the body."""
    code = third_party.code()
    header = basic(f"{other.application.client_id}:{other.secret}".encode())
    body = f"grant_type=authorization_code&code={code}&client_id={third_party.application.client_id}"
    response = send("/oauth/token", body.encode(), HTTP_AUTHORIZATION=header)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


def test_application_that_authenticates_as_itself_gets_tokens(third_party):
    header = basic(f"{third_party.application.client_id}:{third_party.secret}".encode())
    body = f"token=x&client_id={third_party.application.client_id}"
    assert send("/oauth/introspect", body.encode(), HTTP_AUTHORIZATION=header).status_code == 200


@pytest.mark.parametrize("scope", ["x" * 60_000, "x " * 30_000, "request:read " * 4_000])
def test_a_very_long_scope_costs_no_time(third_party, scope):
    refresh_token = third_party.tokens()["refresh_token"]
    start = time.perf_counter()
    third_party.refresh(refresh_token, scope=scope)
    assert time.perf_counter() - start < 1


def test_a_token_without_a_scope_opens_nothing(third_party, user):
    token = mint_access_token(authorize(user, third_party.application), scope="")
    assert third_party.call(token, "/api/requests/").status_code == 403


def test_a_token_with_the_scope_opens_what_needs_it(third_party, user):
    token = mint_access_token(authorize(user, third_party.application), scope="request:read")
    assert third_party.call(token, "/api/requests/").status_code == 200


def test_the_text_of_no_credential_is_sent_to_the_database(third_party):
    with CaptureQueriesContext(connection) as queries:
        code = third_party.code(code_challenge=CHALLENGE, code_challenge_method="S256")
        first = third_party.exchange(code, code_verifier=VERIFIER).json()
        second = third_party.refresh(first["refresh_token"]).json()
        third_party.call(second["access_token"])
        third_party.introspect(second["access_token"])
        third_party.revoke(second["refresh_token"])
    statements = json.dumps([query["sql"] for query in queries])
    texts = [
        code,
        VERIFIER,
        third_party.secret,
        *(pair[name] for pair in (first, second) for name in pair if "_token" in name),
    ]
    assert [text for text in texts if text in statements] == []
