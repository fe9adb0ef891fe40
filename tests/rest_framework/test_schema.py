"""Security schemes and requirements in the OpenAPI document."""

import pytest
from django.test import Client
from django.urls import path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings
from drf_spectacular.utils import extend_schema
from drf_spectacular.validation import validate_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.decorators import action, api_view, authentication_classes, permission_classes
from rest_framework.permissions import AllowAny, IsAdminUser
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.throttling import UserRateThrottle
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from fourme_oauth.rest_framework import (
    ApplicationRateThrottle,
    HasEffectiveScope,
    OAuth2Authentication,
    any_of,
    required_scopes,
)
from tests.factories import ScopeFactory
from tests.host_site import SETTINGS, URLS, HostSite

pytestmark = pytest.mark.django_db

NOTHING = {"204": {"description": "No response body"}}


@pytest.fixture(autouse=True)
def no_hooks_of_the_demo():
    with patched_settings({"POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums"]}):
        yield


class Things(APIView):
    """What is the same in each of these."""

    authentication_classes = [OAuth2Authentication]
    permission_classes = [HasEffectiveScope]

    @extend_schema(request=None, responses={204: None})
    def get(self, request):
        return Response(status=204)


class ThingsToWrite(Things):
    @extend_schema(request=None, responses={204: None})
    def post(self, request):
        return Response(status=204)


def document_of(*patterns):
    return SchemaGenerator(patterns=list(patterns)).get_schema(request=None, public=True)


def operations_of(base=Things, **attributes):
    """Return the operations, by method, of a view that is like ``base`` but for ``attributes``."""
    view = type("ThingsLikeThese", (base,), attributes)
    return document_of(path("things/", view.as_view())).get("paths", {}).get("/things/", {})


def operation_of(**attributes):
    return operations_of(**attributes)["get"]


def body(answer):
    return answer["content"]["application/json"]["schema"]


# The scheme


@pytest.fixture
def flow():
    """Make the document and return its one flow."""

    def flow():
        document = document_of(path("things/", type("Any", (Things,), {"required_scopes": []}).as_view()))
        (found,) = document["components"]["securitySchemes"]["oauth2"]["flows"].items()
        assert found[0] == "authorizationCode"
        return found[1]

    return flow


def test_scopes_are_those_of_the_catalogue(flow):
    ScopeFactory(name="request:read", wording="Read requests")
    assert flow()["scopes"] == {"request:read": "Read requests"}


def test_scope_that_is_added_is_in_the_next_document(flow):
    flow()
    ScopeFactory(name="request:read", wording="Read requests")
    assert "request:read" in flow()["scopes"]


def test_retired_scope_is_not_in_the_document(flow):
    ScopeFactory(name="request:read", retired=True)
    assert flow()["scopes"] == {}


def test_catalogue_is_read_once_per_document(django_assert_num_queries):
    views = [
        path(f"{name}/", type(name, (Things,), {"required_scopes": [name]}).as_view()) for name in ("one", "other")
    ]
    with django_assert_num_queries(1):
        assert len(document_of(*views)["paths"]) == 2


def test_addresses_follow_the_prefix(flow, settings):
    settings.ROOT_URLCONF = "tests.rest_framework.views_under_a_prefix"
    assert flow()["authorizationUrl"] == "/sso/oauth/authorize"


def test_addresses_are_paths_where_nobody_asked_over_http(flow):
    assert (flow()["tokenUrl"], flow()["refreshUrl"]) == ("/oauth/token", "/oauth/token")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_addresses_are_where_the_document_was_asked_for(scheme, settings):
    settings.ALLOWED_HOSTS = ["desk.example"]
    answer = Client(headers={"host": "desk.example"}).get("/api/schema/?format=json", secure=scheme == "https")
    flow = answer.json()["components"]["securitySchemes"]["oauth2"]["flows"]["authorizationCode"]
    assert flow["authorizationUrl"] == f"{scheme}://desk.example/oauth/authorize"
    assert flow["tokenUrl"] == flow["refreshUrl"] == f"{scheme}://desk.example/oauth/token"


# What an operation requires


def test_scopes_of_a_method_are_required():
    operations = operations_of(ThingsToWrite, required_scopes={"GET": ["request:read"], "POST": ["request:create"]})
    assert operations["get"]["security"] == [{"oauth2": ["request:read"]}]
    assert operations["post"]["security"] == [{"oauth2": ["request:create"]}]


def test_all_of_several_scopes_are_one_requirement():
    operation = operation_of(required_scopes=["request:read", "account:read"])
    assert operation["security"] == [{"oauth2": ["account:read", "request:read"]}]


def test_alternatives_are_several_requirements():
    operation = operation_of(required_scopes=any_of("request:read", ["person:read", "account:read"]))
    assert operation["security"] == [{"oauth2": ["request:read"]}, {"oauth2": ["account:read", "person:read"]}]


def test_any_token_is_a_requirement_without_scopes():
    assert operation_of(required_scopes=[])["security"] == [{"oauth2": []}]


def test_session_is_an_alternative():
    operation = operation_of(
        required_scopes=["request:read"], authentication_classes=[OAuth2Authentication, SessionAuthentication]
    )
    assert operation["security"] == [{"oauth2": ["request:read"]}, {"cookieAuth": []}]


def test_no_token_is_an_alternative_where_anyone_may_come():
    assert operation_of(permission_classes=[AllowAny])["security"] == [{"oauth2": []}, {}]


def test_subclass_of_the_authentication_is_known():
    own = type("OwnAuthentication", (OAuth2Authentication,), {})
    operation = operation_of(required_scopes=["request:read"], authentication_classes=[own])
    assert operation["security"] == [{"oauth2": ["request:read"]}]


def test_scopes_of_an_action_are_required():
    class ThingViewSet(ViewSet):
        authentication_classes = [OAuth2Authentication]
        permission_classes = [HasEffectiveScope]
        required_scopes = {"list": ["request:read"], "close": ["request:update"]}

        @extend_schema(responses={204: None})
        def list(self, request):
            return Response(status=204)

        @extend_schema(request=None, responses={204: None})
        @action(detail=False, methods=["post"])
        def close(self, request):
            return Response(status=204)

        @extend_schema(request=None, responses={204: None})
        @action(detail=False, methods=["post"], required_scopes=["request:archive"])
        def archive(self, request):
            return Response(status=204)

    router = SimpleRouter()
    router.register("things", ThingViewSet, basename="thing")
    paths = document_of(*router.urls)["paths"]
    required = {path: next(iter(operations.values()))["security"] for path, operations in paths.items()}
    assert required == {
        "/things/": [{"oauth2": ["request:read"]}],
        "/things/close/": [{"oauth2": ["request:update"]}],
        "/things/archive/": [{"oauth2": ["request:archive"]}],
    }


def test_scopes_of_a_function_view_are_required():
    @required_scopes(["request:read"])
    @extend_schema(responses={204: None})
    @api_view(["GET"])
    @authentication_classes([OAuth2Authentication])
    @permission_classes([HasEffectiveScope])
    def things(request):
        return Response(status=204)

    operation = document_of(path("things/", things))["paths"]["/things/"]["get"]
    assert operation["security"] == [{"oauth2": ["request:read"]}]


# Views closed to every token


def test_undeclared_view_for_tokens_alone_is_left_out():
    assert operations_of() == {}


def test_method_that_the_declaration_does_not_name_is_left_out():
    assert operations_of(ThingsToWrite, required_scopes={"GET": ["request:read"]}).keys() == {"get"}


def test_undeclared_view_is_there_for_people_with_a_session():
    operation = operation_of(authentication_classes=[OAuth2Authentication, SessionAuthentication])
    assert operation["security"] == [{"cookieAuth": []}]


def test_undeclared_view_that_demands_more_beside_scopes_is_left_out():
    assert operations_of(permission_classes=[HasEffectiveScope & IsAdminUser]) == {}


def test_undeclared_view_is_documented_where_another_permission_may_allow():
    assert operation_of(permission_classes=[HasEffectiveScope | IsAdminUser])["security"] == [{"oauth2": []}]


def test_view_for_nobody_in_particular_is_there():
    assert "security" not in operation_of(authentication_classes=[], permission_classes=[IsAdminUser])


def test_view_that_is_excluded_stays_so():
    operations = operations_of(required_scopes=[], get=extend_schema(exclude=True)(lambda view, request: Response()))
    assert operations == {}


# Responses of an operation


def test_refusals_are_documented():
    assert operation_of(required_scopes=["request:read"])["responses"].keys() == {"204", "401", "403", "503"}


def test_refusal_for_a_scope_explains_itself_and_any_other_has_a_detail():
    scope, other = body(operation_of(required_scopes=["request:read"])["responses"]["403"])["anyOf"]
    assert scope == {"$ref": "#/components/schemas/InsufficientScope"}
    assert other["required"] == ["detail"]


def test_refusal_where_any_token_will_do_has_a_detail_alone():
    assert body(operation_of(required_scopes=[])["responses"]["403"])["required"] == ["detail"]


def test_challenges_are_documented():
    responses = operation_of(required_scopes=["request:read"])["responses"]
    assert "WWW-Authenticate" in responses["401"]["headers"]
    assert "WWW-Authenticate" in responses["403"]["headers"]


def test_what_the_view_documents_stays():
    documented = extend_schema(responses={204: None, 403: str})(lambda view, request: Response())
    assert body(operation_of(required_scopes=["request:read"], get=documented)["responses"]["403"]) == {
        "type": "string"
    }


def test_view_without_tokens_is_left_alone():
    assert operation_of(authentication_classes=[SessionAuthentication])["responses"] == NOTHING


class SlowDown(ApplicationRateThrottle):
    rate = "10/hour"


class DjangosOwn(UserRateThrottle):
    rate = "10/hour"


@pytest.mark.parametrize("throttle", [SlowDown, DjangosOwn])
def test_too_many_requests_are_documented_where_a_throttle_is_on(throttle):
    responses = operation_of(required_scopes=[], throttle_classes=[throttle])["responses"]
    assert responses["429"]["headers"].keys() >= {"Retry-After"}


@pytest.mark.parametrize("throttles", [[], [UserRateThrottle]], ids=["none", "without a rate"])
def test_too_many_requests_are_not_documented_where_no_throttle_is_on(throttles):
    responses = operation_of(required_scopes=[], throttle_classes=throttles)["responses"]
    assert "429" not in responses


def test_rates_are_announced_with_every_answer_once_a_request_is_counted():
    responses = operation_of(required_scopes=[], throttle_classes=[SlowDown])["responses"]
    telling = {status for status, answer in responses.items() if "X-RateLimit-Limit" in answer.get("headers", {})}
    assert telling == {"204", "403", "429"}


def test_rates_are_not_announced_by_other_throttles():
    responses = operation_of(required_scopes=[], throttle_classes=[DjangosOwn])["responses"]
    assert [answer for answer in responses.values() if "X-RateLimit-Limit" in answer.get("headers", {})] == []


def test_document_is_valid_and_the_same_each_time():
    view = type("Limited", (Things,), {"required_scopes": ["request:read"], "throttle_classes": [SlowDown]}).as_view()
    first, second = document_of(path("things/", view)), document_of(path("things/", view))
    validate_schema(first)
    assert first == second


# Without drf-spectacular


LOADED = "import sys; print('fourme_oauth.rest_framework.schema' in sys.modules)"


@pytest.mark.once
def test_package_does_without_it(tmp_path):
    site = HostSite(tmp_path)
    site.use("import sys\n\nsys.modules['drf_spectacular'] = None\n" + SETTINGS, URLS)
    assert site.python(f"import fourme_oauth.rest_framework\n{LOADED}") == "False\n"


@pytest.mark.once
def test_site_that_has_it_has_our_scheme_too(tmp_path):
    site = HostSite(tmp_path)
    site.use(SETTINGS + 'INSTALLED_APPS += ["drf_spectacular"]\n', URLS)
    assert site.python(LOADED) == "True\n"
