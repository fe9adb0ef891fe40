import pytest
from django.urls import path
from rest_framework.views import APIView

from fourme_oauth.rest_framework import OAuth2Authentication, any_of
from fourme_oauth.scope_coverage.endpoints import endpoints
from tests import forgetful_site as site_of
from tests.forgetful_site import at, by_expression, cached, nested, routed, site


@pytest.fixture
def found(settings):
    """Return the endpoints of a site with these URLs."""

    def found(*addresses):
        settings.ROOT_URLCONF = site(*addresses)
        return endpoints()

    return found


@pytest.fixture
def only(found):
    """Return the one endpoint of a site that has this view."""

    def only(view):
        (endpoint,) = found(at("it/", view))
        return endpoint

    return only


def where(found):
    return [(each.method, each.path) for each in found]


# ── finding endpoints ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_view_is_found_by_its_dotted_path(only):
    endpoint = only(site_of.Declared)
    assert (endpoint.method, endpoint.path) == ("GET", "/it/")
    assert endpoint.view == "tests.forgetful_site.Declared"


def test_our_own_addresses_are_not_the_site_s_api(found):
    assert found() == []


def test_a_site_without_addresses_has_no_endpoints(settings):
    settings.ROOT_URLCONF = None
    assert endpoints() == []


def test_a_nested_include_is_seen(found):
    assert where(found(nested(at("it/", site_of.Declared)))) == [("GET", "/api/v1/it/")]


def test_an_address_by_expression_is_written_as_people_write_it(found):
    # The parameter is called format, and is none of DRF's suffixes.
    assert where(found(by_expression(site_of.Declared))) == [("GET", "/by/{pk}/{format}/")]


def test_a_converter_is_left_out(found):
    assert where(found(at("<int:pk>/", site_of.Declared))) == [("GET", "/{pk}/")]


def test_a_decorated_view_is_seen(found):
    assert where(found(path("it/", cached(site_of.Declared)))) == [("GET", "/it/")]


def test_a_function_view_has_its_own_name(only, found):
    assert where(found(at("it/", site_of.declared_function))) == [("GET", "/it/"), ("POST", "/it/")]
    assert only(site_of.undeclared_function).view == "tests.forgetful_site.undeclared_function"


def test_a_viewset_is_seen_by_method_without_the_router_s_own_addresses(found):
    assert where(found(routed(site_of.Requests))) == [
        ("GET", "/things/"),
        ("POST", "/things/"),
        ("DELETE", "/things/{pk}/"),
        ("GET", "/things/{pk}/"),
        ("PATCH", "/things/{pk}/"),
        ("PUT", "/things/{pk}/"),
    ]


def test_a_viewset_that_has_answered_is_the_same(found, client):
    before = found(routed(site_of.Requests))
    client.get("/things/")  # DRF adds HEAD to the actions
    assert endpoints() == before


def test_actions_are_seen(found):
    assert [(each.method, each.action) for each in found(routed(site_of.Actions))] == [
        ("GET", "overdue"),
        ("DELETE", "reopen"),
        ("POST", "close"),
    ]


@pytest.mark.parametrize(
    "view", [site_of.ForSessions, site_of.ForAnybody, site_of.ByHookForAnybody, site_of.unprotected]
)
def test_what_asks_for_no_token_is_left_out(found, view):
    assert found(at("it/", view)) == []


def test_what_is_for_anybody_by_default_only_is_seen(only, monkeypatch):
    class Forgotten(APIView):
        authentication_classes = [OAuth2Authentication]

        def get(self, request): ...

    monkeypatch.setattr(APIView, "permission_classes", site_of.ForAnybody.permission_classes)
    assert not only(Forgotten).asks_for_scopes


def test_what_is_for_anybody_and_declares_scopes_is_seen(only):
    class Contradictory(site_of.ForAnybody):
        required_scopes = ["request:read"]

    assert not only(Contradictory).asks_for_scopes


# ── declarations ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_declaration_is_read(only):
    assert only(site_of.Declared).scopes == {"request:read"}


def test_alternatives_are_read(only):
    assert only(site_of.Alternatives).declaration == any_of("request:close", ["request:read", "request:create"])


def test_what_is_not_declared_is_said(only):
    endpoint = only(site_of.Undeclared)
    assert (endpoint.declares, endpoint.declaration, endpoint.scopes) == (False, None, frozenset())


@pytest.mark.parametrize("nothing", [None, {}, {"GET": None}])
def test_nothing_is_no_declaration(only, nothing):
    assert not only(type("View", (site_of.Protected,), {"required_scopes": nothing})).declares


def test_a_method_that_is_left_out_is_closed_on_purpose(found):
    closed = [each for each in found(routed(site_of.Requests)) if each.declaration is None]
    assert [each.method for each in closed] == ["DELETE", "PATCH", "PUT"]
    assert all(each.declares for each in closed)


def test_an_action_declares_for_itself(found):
    declares = {each.action: each.declares for each in found(routed(site_of.Actions))}
    assert declares == {"overdue": True, "close": False, "reopen": False}


def test_what_is_no_declaration_is_a_mistake(only):
    endpoint = only(site_of.Mistaken)
    assert endpoint.declaration is None
    assert "[None] declares no scopes" in endpoint.mistake


# ── permissions that check scopes ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("view", "asks"),
    [
        (site_of.Declared, True),
        (site_of.Composed, True),
        (site_of.HookThatWantsMore, True),
        (site_of.Unasked, False),
        (site_of.Negated, False),
    ],
)
def test_a_view_asks_for_scopes_by_its_permissions(only, view, asks):
    assert only(view).asks_for_scopes is asks


def test_a_hook_may_look_at_the_request(found):
    asks = {each.method: each.asks_for_scopes for each in found(at("it/", site_of.ByHook))}
    assert asks == {"GET": True, "POST": False}


# ── plain views ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("view", [site_of.plain, site_of.Plain])
def test_a_plain_view_is_seen(only, view):
    endpoint = only(view)
    assert (endpoint.method, endpoint.scopes) == ("ANY", {"request:export"})
    assert endpoint.view == f"tests.forgetful_site.{view.__name__}"


def test_a_plain_view_is_seen_by_method(found):
    assert [(each.method, sorted(each.scopes)) for each in found(at("it/", site_of.plain_by_method))] == [
        ("GET", ["request:read"]),
        ("POST", ["request:create"]),
    ]
