"""CORS: only the origins that an administrator registered may call the endpoints from scripts."""

import pytest
from django.test import Client

from tests.factories import ApplicationFactory, PublicApplicationFactory, issue_secret
from tests.third_party import CHALLENGE, VERIFIER, ThirdParty

ORIGIN = "https://app.example"


@pytest.fixture
def in_browser(client, user):
    """A public application whose scripts run at its own origin."""
    application = PublicApplicationFactory(scopes=["request:read"], allowed_origins=f"https://other.example {ORIGIN}")
    client.force_login(user)
    return ThirdParty(client, application, None)


def preflight(path="/oauth/token", origin=ORIGIN):
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    return Client().options(path, headers=headers)


def allowed_origin(response):
    return response.headers.get("Access-Control-Allow-Origin")


def post(in_browser, path="/oauth/token", origin=ORIGIN, **parameters):
    values = {"client_id": in_browser.application.client_id} | parameters
    return Client().post(path, values, headers={"Origin": origin}, content_type="application/json")


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke"])
def test_a_registered_origin_may_ask(in_browser, path):
    response = preflight(path)
    assert (response.status_code, allowed_origin(response)) == (204, ORIGIN)
    assert response.headers["Access-Control-Allow-Methods"] == "POST"


UNREGISTERED = [
    "https://evil.example",
    "http://app.example",
    "https://app.example:444",
    "https://app.example.evil.example",
    "https://app.exampl",
    "https://APP.example",
    "null",
    "",
    "https://app.example https://evil.example",
    "https://app.example\x00",
    "%",
]


@pytest.mark.parametrize("origin", UNREGISTERED)
def test_another_origin_may_not_ask(in_browser, origin):
    response = preflight(origin=origin)
    assert (response.status_code, allowed_origin(response)) == (204, None)
    assert "Access-Control-Allow-Methods" not in response.headers


@pytest.mark.parametrize("origin", UNREGISTERED)
def test_another_origin_may_not_read_the_answer(in_browser, origin):
    assert allowed_origin(post(in_browser, origin=origin)) is None


def test_the_scripts_of_a_registered_origin_get_tokens(in_browser):
    code = in_browser.code(code_challenge=CHALLENGE, code_challenge_method="S256")
    response = post(
        in_browser,
        grant_type="authorization_code",
        code=code,
        code_verifier=VERIFIER,
        redirect_uri=in_browser.redirect_uri,
    )
    assert (response.status_code, allowed_origin(response)) == (200, ORIGIN)


def test_the_scripts_of_a_registered_origin_can_read_errors(in_browser):
    response = post(in_browser, grant_type="authorization_code", code="wrong")
    assert (response.status_code, allowed_origin(response)) == (400, ORIGIN)


def test_the_scripts_of_a_registered_origin_can_read_that_they_sent_junk(in_browser):
    response = Client().post("/oauth/token", "%", headers={"Origin": ORIGIN}, content_type="application/json")
    assert (response.status_code, allowed_origin(response)) == (400, ORIGIN)


def test_the_origin_of_one_application_is_not_another_s(in_browser, client):
    other = ThirdParty(client, PublicApplicationFactory(), None)
    assert allowed_origin(post(other, grant_type="authorization_code", code="wrong")) is None


def test_a_disabled_application_s_origin_may_not_ask(in_browser):
    in_browser.application.disabled = True
    in_browser.application.save()
    assert allowed_origin(preflight()) is None


def test_a_confidential_application_s_origin_may_not_ask(db):
    issue_secret(ApplicationFactory(allowed_origins=ORIGIN))
    assert allowed_origin(preflight()) is None


def test_cookies_are_never_let_through(in_browser):
    assert "Access-Control-Allow-Credentials" not in preflight().headers


@pytest.mark.parametrize("origin", [ORIGIN, "https://evil.example"])
def test_caches_keep_the_answers_to_origins_apart(in_browser, origin):
    assert "Origin" in preflight(origin=origin).headers["Vary"]


def test_the_authorization_endpoint_can_not_be_read_by_scripts(in_browser):
    response = in_browser.browser.get(in_browser.authorize_url(), headers={"Origin": ORIGIN})
    assert allowed_origin(response) is None


def test_without_an_origin_nothing_is_looked_up(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert Client().options("/oauth/token").headers["Allow"] == "POST, OPTIONS"
