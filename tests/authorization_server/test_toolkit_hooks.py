"""The toolkit's own decorators, views and backends with our validator."""

from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone
from oauth2_provider.contrib.rest_framework import OAuth2Authentication, TokenHasScope
from oauth2_provider.decorators import protected_resource, rw_protected_resource
from oauth2_provider.views.generic import ScopedProtectedResourceView
from rest_framework.response import Response
from rest_framework.views import APIView

from fourme_oauth.authorization_server.request_validator import RequestValidator
from fourme_oauth.authorization_server.scopes_backend import ScopesBackend
from fourme_oauth.models import AccessToken, AuditEvent, Authorization
from tests.factories import ScopeFactory, authorize, mint_access_token


def get(token):
    return RequestFactory().get("/", headers={"Authorization": f"Bearer {token}"})


@protected_resource(scopes=["request:read"])
def toolkit_view(request):
    return HttpResponse(request.resource_owner.get_username())


def test_the_toolkit_s_decorator_lets_an_effective_scope_through(token, user):
    assert toolkit_view(get(token)).content.decode() == user.username


def test_toolkit_decorator_refuses_a_scope_that_is_not_effective(token, role):
    ScopeFactory(name="request:read", roles=[role])
    assert toolkit_view(get(token)).status_code == 403


def test_the_toolkit_s_decorator_refuses_an_invalid_token(db):
    assert toolkit_view(get("unknown")).status_code == 403


def test_the_toolkit_s_decorator_without_scopes_takes_any_valid_token(token):
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


def test_the_toolkit_s_rest_framework_classes_refuse_an_invalid_token(db):
    assert ToolkitView.as_view()(get("unknown")).status_code == 401


class ToolkitPage(ScopedProtectedResourceView):
    required_scopes = ("request:read",)

    def get(self, request):
        return HttpResponse(request.resource_owner.get_username())


def test_the_toolkit_s_generic_views_let_an_effective_scope_through(token, user):
    assert ToolkitPage.as_view()(get(token)).content.decode() == user.username


def test_toolkit_generic_views_refuse_a_scope_that_is_not_effective(token, role):
    ScopeFactory(name="request:read", roles=[role])
    assert ToolkitPage.as_view()(get(token)).status_code == 403


# Use is stored and recorded, as by our own views


@rw_protected_resource()
def toolkit_view_by_method(request):
    return HttpResponse("in")


@protected_resource(scopes=["request:read"], validator_cls=RequestValidator)
def toolkit_view_with_our_validator(request):
    return HttpResponse("in")


def middleware_of_the_toolkit(request):
    user = authenticate(request=request)
    return HttpResponse(status=403 if user is None else 200)


BY_ROW = {"decorator": toolkit_view, "decorator by method": toolkit_view_by_method}
"""The toolkit's decorators load the row themselves, and ask it."""

BY_VALIDATOR = {
    "decorator with our validator": toolkit_view_with_our_validator,
    "authentication": ToolkitView.as_view(),
    "generic view": ToolkitPage.as_view(),
    "backend": middleware_of_the_toolkit,
}


def each_of(protections):
    return pytest.mark.parametrize("protected", protections.values(), ids=protections)


PROTECTIONS = each_of(BY_ROW | BY_VALIDATOR)


@pytest.fixture(autouse=True)
def toolkits_backend(settings):
    settings.AUTHENTICATION_BACKENDS = ["oauth2_provider.backends.OAuth2Backend"]


@pytest.fixture
def token_with_every_scope(user, application):
    """A token that all of them accept."""
    for name in ("read", "write"):
        application.scopes.add(ScopeFactory(name=name))
    return mint_access_token(authorize(user, application))


@pytest.fixture
def present(django_capture_on_commit_callbacks):
    """Present a token, and commit."""

    def present(protected, token):
        with django_capture_on_commit_callbacks(execute=True):
            return protected(get(token)).status_code

    return present


def recorded():
    return AuditEvent.objects.filter(kind=AuditEvent.Kind.USED)


@each_of(BY_VALIDATOR)
def test_use_is_stored_and_recorded_with_the_client_ip(protected, token_with_every_scope, present, settings):
    settings.FOURME_OAUTH = {"KEEP_IP_ADDRESSES": True}
    assert present(protected, token_with_every_scope) == 200
    assert Authorization.objects.get().last_used_at is not None
    assert [event.ip_address for event in recorded()] == ["127.0.0.1"]


@each_of(BY_ROW)
def test_use_is_stored_and_recorded_without_a_client_ip(protected, token_with_every_scope, present, settings):
    settings.FOURME_OAUTH = {"KEEP_IP_ADDRESSES": True}
    assert present(protected, token_with_every_scope) == 200
    assert Authorization.objects.get().last_used_at is not None
    assert [event.ip_address for event in recorded()] == [None]


@PROTECTIONS
def test_next_use_is_not_noted_again(protected, token_with_every_scope, present):
    present(protected, token_with_every_scope)
    noted = Authorization.objects.get().last_used_at
    assert present(protected, token_with_every_scope) == 200
    assert (Authorization.objects.get().last_used_at, recorded().count()) == (noted, 1)


@pytest.mark.parametrize(("protected", "number"), [(toolkit_view_with_our_validator, 1), (toolkit_view, 6)])
def test_next_use_takes_so_many_queries(protected, number, token_with_every_scope, present, django_assert_num_queries):
    present(protected, token_with_every_scope)
    with django_assert_num_queries(number):
        assert present(protected, token_with_every_scope) == 200


def test_a_row_without_a_user_as_the_toolkit_stores_it_is_refused(application, present):
    row = AccessToken(token="text", application=application, scope="request:read", expires=timezone.now())
    row.expires += timedelta(hours=1)
    row.save()
    assert present(toolkit_view, "text") == 403


@PROTECTIONS
def test_use_of_an_invalid_token_is_not_noted(protected, token_with_every_scope, present):
    Authorization.objects.update(revoked_at="2026-01-01T00:00Z")
    assert present(protected, token_with_every_scope) in {401, 403}
    assert Authorization.objects.get().last_used_at is None


@PROTECTIONS
@pytest.mark.django_db(transaction=True)
def test_response_is_unchanged_when_use_can_not_be_stored(protected, token_with_every_scope):
    def fail_to_write(execute, sql, parameters, many, context):
        if sql.startswith(("UPDATE", "INSERT")):
            raise OperationalError("the disk is full")
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(fail_to_write):
        assert protected(get(token_with_every_scope)).status_code == 200
    assert Authorization.objects.get().last_used_at is None


def test_use_is_noted_where_the_scope_is_missing_as_our_own_protections_do(authorization, present):
    assert present(toolkit_view, mint_access_token(authorization, scope="request:create")) == 403
    assert Authorization.objects.get().last_used_at is not None


@PROTECTIONS
@pytest.mark.parametrize("for_good", [True, False])
def test_first_refused_use_of_a_deactivated_user_revokes_everything_with_the_setting_on(
    protected, token_with_every_scope, present, user, settings, for_good
):
    settings.FOURME_OAUTH = {"END_ACCESS_OF_DEACTIVATED_USERS": for_good}
    type(user).objects.update(is_active=False)
    assert present(protected, token_with_every_scope) in {401, 403}
    assert Authorization.objects.standing().exists() is not for_good


def test_token_scopes_have_the_wording_of_the_catalogue(authorization):
    mint_access_token(authorization)
    row = authorization.application.accesstoken_set.get()
    assert row.scopes == {"request:create": "Use request:create", "request:read": "Use request:read"}


def test_the_toolkit_s_clean_up_leaves_valid_tokens_alone(third_party):
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
