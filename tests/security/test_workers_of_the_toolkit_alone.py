"""Tokens that a worker running the toolkit alone writes are invalid here, also for the linked user."""

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone
from oauth2_provider.contrib.rest_framework import OAuth2Authentication, TokenHasScope
from oauth2_provider.decorators import protected_resource
from rest_framework.response import Response
from rest_framework.views import APIView

from fourme_oauth import client_secrets, revocation
from fourme_oauth.decorators import effective_scope_required
from fourme_oauth.models import AccessToken, Application
from fourme_oauth.models.credentials import digest
from tests import toolkit_alone
from tests.factories import ApplicationFactory, authorize, mint_code, mint_own_access_token, mint_refresh_token

TEXT = "what-the-toolkit-made-up"


@pytest.fixture
def application(user):
    """It acts for users, and as its linked user by its own credentials."""
    return ApplicationFactory(scopes=["account:read"], client_credentials=True, linked_user=user)


@pytest.fixture
def held(user, application):
    return {"user": user, "application": application, "scope": "account:read"}


@pytest.fixture
def expires():
    return timezone.now() + timedelta(hours=1)


@pytest.fixture
def token_of_the_toolkit(held, expires):
    toolkit_alone.rows("AccessToken").create(token=TEXT, expires=expires, **held)
    return TEXT


def get(token):
    return RequestFactory().get("/", headers={"Authorization": f"Bearer {token}"})


@effective_scope_required("account:read")
def our_view(request):
    return HttpResponse("in")


@protected_resource(scopes=["account:read"])
def toolkit_view(request):
    return HttpResponse("in")


class ToolkitView(APIView):
    authentication_classes = (OAuth2Authentication,)
    permission_classes = (TokenHasScope,)
    required_scopes = ("account:read",)

    def get(self, request):
        return Response("in")


def at_the_api(third_party, token):
    return third_party.call(token).status_code == 200


def at_a_plain_view(third_party, token):
    return our_view(get(token)).status_code == 200


def at_introspection(third_party, token):
    return third_party.introspect(token)["active"]


def at_the_toolkits_decorator(third_party, token):
    return toolkit_view(get(token)).status_code == 200


def at_the_toolkits_rest_framework_classes(third_party, token):
    return ToolkitView.as_view()(get(token)).status_code == 200


def by_the_row(third_party, token):
    return AccessToken.objects.by_text(token).get().is_valid(["account:read"])


DOORS = pytest.mark.parametrize(
    "opens",
    [
        at_the_api,
        at_a_plain_view,
        at_introspection,
        at_the_toolkits_decorator,
        at_the_toolkits_rest_framework_classes,
        by_the_row,
    ],
)


@DOORS
def test_toolkit_token_of_the_linked_user_is_no_client_credentials_token(third_party, token_of_the_toolkit, opens):
    assert not opens(third_party, token_of_the_toolkit)


@DOORS
def test_client_credentials_token_is_valid(third_party, application, opens):
    assert opens(third_party, mint_own_access_token(application))


@DOORS
def test_toolkit_token_of_the_linked_user_is_invalid_beside_an_authorization(
    third_party, user, application, token_of_the_toolkit, opens
):
    authorize(user, application)
    assert not opens(third_party, token_of_the_toolkit)


def test_toolkit_token_is_refused_like_any_invalid_token(third_party, token_of_the_toolkit):
    assert third_party.call(token_of_the_toolkit).status_code == 401
    assert our_view(get(token_of_the_toolkit)).status_code == 401


def test_toolkit_token_written_after_a_revocation_is_invalid(third_party, user, application, held, expires):
    authorize(user, application)
    revocation.revoke_all(user)
    toolkit_alone.rows("AccessToken").create(token=TEXT, expires=expires, **held)
    assert third_party.call(TEXT).status_code == 401


def test_a_refresh_token_is_refused(third_party, held):
    toolkit_alone.rows("RefreshToken").create(token=TEXT, user=held["user"], application=held["application"])
    assert third_party.refresh(TEXT).json()["error"] == "invalid_grant"


def test_a_refresh_token_of_ours_is_taken(third_party, user, application):
    assert third_party.refresh(mint_refresh_token(authorize(user, application))).status_code == 200


@pytest.mark.parametrize("stored", [TEXT, digest(TEXT)], ids=["readable", "hashed"])
def test_a_code_is_refused(third_party, held, expires, stored):
    uri = third_party.redirect_uri
    toolkit_alone.rows("Grant").create(code=stored, expires=expires, redirect_uri=uri, **held)
    assert third_party.exchange(TEXT).json()["error"] == "invalid_grant"


def test_a_code_of_ours_is_taken(third_party, user, application):
    assert third_party.exchange(mint_code(authorize(user, application))).status_code == 200


def test_application_authenticates_with_the_secret_that_the_toolkit_hashed(db):
    secret = "s" * 128
    toolkit_alone.rows("Application").create(client_type="confidential", client_secret=secret)
    assert client_secrets.verify(Application.objects.get(), secret, now=timezone.now())
