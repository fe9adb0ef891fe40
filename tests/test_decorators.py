"""Plain Django views, sync and async, under WSGI and ASGI."""

import asyncio
import json
import threading

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError, connections
from django.http import JsonResponse
from django.test import AsyncClient, Client
from django.urls import include, path
from django.utils.decorators import method_decorator
from django.views import View

from fourme_oauth.bearer import authentication
from fourme_oauth.decorators import effective_scope_required
from fourme_oauth.models import Authorization
from fourme_oauth.rest_framework import any_of, declared
from tests.factories import mint_access_token


def answer(request):
    return JsonResponse({"username": request.user.get_username(), "scopes": sorted(request.auth.effective_scopes)})


@effective_scope_required("request:read")
def plain(request):
    return answer(request)


@effective_scope_required("request:read")
async def in_the_loop(request):
    user = await request.auser()
    return JsonResponse({"username": user.get_username(), "scopes": sorted(request.auth.effective_scopes)})


@effective_scope_required({"GET": ["request:read"], "POST": any_of("request:close", "request:create")})
def by_method(request):
    return answer(request)


@effective_scope_required([])
def any_token(request):
    return answer(request)


@method_decorator(effective_scope_required(["request:read"]), name="dispatch")
class ClassBased(View):
    def get(self, request):
        return answer(request)

    def post(self, request):
        return answer(request)


urlpatterns = [
    path("", include("fourme_oauth.urls")),
    path("plain/", plain),
    path("in-the-loop/", in_the_loop),
    path("by-method/", by_method),
    path("any-token/", any_token),
    path("class-based/", ClassBased.as_view()),
]

pytestmark = pytest.mark.urls(__name__)
PATHS = pytest.mark.parametrize("path", ["/plain/", "/in-the-loop/", "/class-based/"])


@pytest.fixture
def call():
    """Call as an API client: without cookies and CSRF checks."""

    def call(path, token=None, method="GET", header=None):
        authorization = header if token is None else f"Bearer {token}"
        headers = {} if authorization is None else {"Authorization": authorization}
        return Client(enforce_csrf_checks=True).generic(method, path, headers=headers)

    return call


@pytest.fixture
def creating(authorization):
    """A token that carries the other scope only."""
    return mint_access_token(authorization, scope="request:create")


@PATHS
def test_view_opens_to_its_scope(call, token, user, path):
    assert call(path, token).json() == {
        "username": user.get_username(),
        "scopes": ["request:create", "request:read"],
    }


@PATHS
def test_view_is_closed_without_its_scope_and_says_why(call, creating, path):
    response = call(path, creating)
    assert (response.status_code, response.json()) == (
        403,
        {
            "detail": "The access token does not have the scopes that this needs.",
            "error": "insufficient_scope",
            "required": ["request:read"],
            "missing": {"request:read": "not_granted"},
            "asking_again_can_help": True,
        },
    )
    assert 'error="insufficient_scope", scope="request:read"' in response["WWW-Authenticate"]


@PATHS
def test_view_without_a_token_is_challenged_without_an_error(call, db, path):
    response = call(path)
    assert (response.status_code, response.json()) == (401, {"detail": "This needs an access token."})
    assert "error" not in response["WWW-Authenticate"]


@PATHS
@pytest.mark.parametrize("header", ["Bearer", "Bearer unknown", "Bearer caf\u00e9", "Bearer a b"])
def test_view_refuses_an_invalid_token(call, db, path, header):
    response = call(path, header=header)
    assert (response.status_code, response.json()) == (401, {"detail": "The access token is not valid."})
    assert 'error="invalid_token"' in response["WWW-Authenticate"]


@PATHS
def test_removed_access_takes_effect_at_the_next_request(call, token, authorization, path):
    call(path, token)
    Authorization.objects.filter(pk=authorization.pk).update(scopes="request:create")
    assert call(path, token).status_code == 403


def test_view_responds_503_while_the_database_is_unavailable(call, token, monkeypatch):
    def away(*args, **kwargs):
        raise OperationalError

    monkeypatch.setattr(authentication.effective_access, "of_access_token", away)
    response = call("/plain/", token)
    assert (response.status_code, response["Retry-After"]) == (503, "5")


def test_session_opens_nothing(client, user):
    client.force_login(user)
    assert client.get("/plain/").status_code == 401


def test_token_counts_where_somebody_else_is_signed_in(client, token, user, django_user_model):
    client.force_login(django_user_model.objects.create(username="somebody else"))
    response = client.get("/plain/", headers={"Authorization": f"Bearer {token}"})
    assert response.json()["username"] == user.get_username()


@pytest.mark.parametrize("path", ["/by-method/", "/class-based/", "/any-token/"])
def test_post_with_a_token_needs_no_other(call, token, path):
    assert call(path, token, "POST").status_code == 200


def test_method_without_a_declaration_is_closed(call, token):
    response = call("/by-method/", token, "PUT")
    assert (response.status_code, response.json()) == (
        403,
        {"detail": "This resource is not available to applications."},
    )
    assert "WWW-Authenticate" not in response.headers


def test_alternative_opens_to_its_scope(call, creating):
    assert call("/by-method/", creating, "POST").status_code == 200


def test_empty_list_opens_to_any_valid_token(call, authorization):
    assert call("/any-token/", mint_access_token(authorization, scope="")).status_code == 200


def test_view_takes_one_query(call, token, django_assert_num_queries):
    call("/plain/", token)
    with django_assert_num_queries(1):
        call("/plain/", token)


def test_middleware_that_requires_a_login_lets_tokens_through(call, token, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.contrib.auth.middleware.LoginRequiredMiddleware"]
    assert call("/plain/", token).status_code == 200
    assert login_not_required(plain).login_required is False


@pytest.mark.parametrize("view", [plain, in_the_loop])
def test_declaration_can_be_read_from_the_view(view):
    assert declared(view, "GET").scopes == {"request:read"}


@pytest.mark.parametrize("mistake", [None, 1, {"GET": None}])
def test_mistake_shows_when_the_module_is_imported(mistake):
    with pytest.raises(TypeError, match="any_of"):
        effective_scope_required(mistake)


# Under ASGI


@pytest.mark.django_db(transaction=True)
def test_loop_goes_on_while_the_database_is_asked(token, monkeypatch):
    threads = []
    find = authentication.effective_access.of_access_token

    def watched(*args, **kwargs):
        threads.append(threading.current_thread())
        return find(*args, **kwargs)

    monkeypatch.setattr(authentication.effective_access, "of_access_token", watched)

    async def visit():
        response = await AsyncClient().get("/in-the-loop/", headers={"Authorization": f"Bearer {token}"})
        await sync_to_async(connections.close_all)()
        return threading.current_thread(), response

    # The thread that asyncio.run starts in is the one that the loop runs in.
    loop, response = asyncio.run(visit())
    assert (response.status_code, json.loads(response.content)["scopes"]) == (200, ["request:create", "request:read"])
    assert loop not in threads


@pytest.mark.django_db(transaction=True)
def test_use_in_the_loop_is_noted(token, authorization):
    async def visit():
        await AsyncClient().get("/in-the-loop/", headers={"Authorization": f"Bearer {token}"})
        await sync_to_async(connections.close_all)()

    asyncio.run(visit())
    authorization.refresh_from_db()
    assert authorization.last_used_at is not None
