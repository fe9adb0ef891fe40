"""A site may mount the endpoints under a prefix."""

import pytest
from django.urls import reverse

from tests.factories import ApplicationFactory, authorize, issue_secret
from tests.third_party import ThirdParty, answer_parameters

pytestmark = pytest.mark.urls("tests.authorization_server.under_a_prefix")


@pytest.fixture
def third_party(client, user):
    client.force_login(user)
    application = ApplicationFactory(scopes=["request:read"])
    return ThirdParty(client, application, issue_secret(application))


def test_the_whole_flow_works(third_party):
    tokens = third_party.refresh(third_party.tokens()["refresh_token"]).json()
    assert third_party.introspect(tokens["access_token"])["iss"] == "http://testserver/sso"


def test_the_issuer_in_the_redirect_has_the_prefix(third_party):
    assert answer_parameters(third_party.answer("allow"))["iss"] == "http://testserver/sso"


def test_access_and_security_is_there(third_party, user):
    authorization = authorize(user, third_party.application)
    assert reverse("fourme_oauth:access_and_security") == "/sso/access-and-security/"
    third_party.browser.post(reverse("fourme_oauth:revoke_authorization", args=[authorization.pk]))
    authorization.refresh_from_db()
    assert authorization.revoked_at is not None


def test_nothing_is_left_at_the_root(client, db):
    assert client.post("/oauth/token").status_code == 404
