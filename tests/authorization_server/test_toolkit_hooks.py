"""What the toolkit's own decorators and backends see of us."""

from django.core.management import call_command
from django.http import HttpResponse
from django.test import RequestFactory
from oauth2_provider.contrib.rest_framework import OAuth2Authentication, TokenHasScope
from oauth2_provider.decorators import protected_resource
from oauth2_provider.views.generic import ScopedProtectedResourceView
from rest_framework.response import Response
from rest_framework.views import APIView

from fourme_oauth.authorization_server.scopes_backend import ScopesBackend
from fourme_oauth.models import Scope
from tests.factories import ScopeFactory, mint_access_token


def get(token):
    return RequestFactory().get("/", headers={"Authorization": f"Bearer {token}"})


@protected_resource(scopes=["request:read"])
def toolkit_view(request):
    return HttpResponse(request.resource_owner.get_username())


def test_the_toolkit_s_decorator_lets_an_effective_scope_through(token, user):
    assert toolkit_view(get(token)).content.decode() == user.username


def test_the_toolkit_s_decorator_knows_no_more_access_than_the_law(token, role):
    Scope.objects.get(name="request:read").roles.add(role)
    assert toolkit_view(get(token)).status_code == 403


def test_the_toolkit_s_decorator_refuses_a_dead_token(db):
    assert toolkit_view(get("unknown")).status_code == 403


def test_the_toolkit_s_decorator_without_scopes_takes_any_living_token(token):
    any_token = protected_resource()(lambda request: HttpResponse("in"))
    assert any_token(get(token)).content == b"in"


def test_the_toolkit_s_decorator_takes_no_token_from_the_query_string(token):
    assert toolkit_view(RequestFactory().get("/", {"access_token": token})).status_code == 403


class ToolkitView(APIView):
    authentication_classes = (OAuth2Authentication,)
    permission_classes = (TokenHasScope,)
    required_scopes = ("request:read",)

    def get(self, request):
        return Response(request.user.get_username())


def test_the_toolkit_s_rest_framework_classes_let_an_effective_scope_through(token, user):
    assert ToolkitView.as_view()(get(token)).data == user.username


def test_the_toolkit_s_rest_framework_classes_refuse_a_dead_token(db):
    assert ToolkitView.as_view()(get("unknown")).status_code == 401


class ToolkitPage(ScopedProtectedResourceView):
    required_scopes = ("request:read",)

    def get(self, request):
        return HttpResponse(request.resource_owner.get_username())


def test_the_toolkit_s_generic_views_let_an_effective_scope_through(token, user):
    assert ToolkitPage.as_view()(get(token)).content.decode() == user.username


def test_the_toolkit_s_generic_views_know_no_more_access_than_the_law(token, role):
    Scope.objects.get(name="request:read").roles.add(role)
    assert ToolkitPage.as_view()(get(token)).status_code == 403


def test_a_token_says_its_scopes_in_the_wording_of_the_catalogue(authorization):
    mint_access_token(authorization)
    row = authorization.application.accesstoken_set.get()
    assert row.scopes == {"request:create": "Use request:create", "request:read": "Use request:read"}


def test_the_toolkit_s_clean_up_leaves_living_tokens_alone(third_party):
    tokens = third_party.refresh(third_party.tokens()["refresh_token"]).json()
    call_command("cleartokens")
    assert third_party.introspect(tokens["access_token"])["active"]
    assert third_party.refresh(tokens["refresh_token"]).status_code == 200


def test_without_an_application_the_whole_catalogue_is_available(db):
    ScopeFactory(name="a:read")
    ScopeFactory(name="b:read", retired=True)
    assert ScopesBackend().get_available_scopes() == ["a:read"]


def test_an_application_s_scopes_are_what_it_is_allowed(application):
    ScopeFactory(name="a:read")
    assert ScopesBackend().get_default_scopes(application=application) == ["request:create", "request:read"]
