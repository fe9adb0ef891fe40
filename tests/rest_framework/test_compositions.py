import pytest
from django.contrib.auth.models import Permission
from rest_framework.test import APIClient

from tests.factories import ScopeFactory, UserFactory, authorize, mint_access_token

pytestmark = pytest.mark.urls("tests.rest_framework.compositions")

EXPLANATION = {
    "detail": "The access token does not have the scopes that this needs.",
    "error": "insufficient_scope",
    "required": ["request:create", "request:read"],
    "missing": {"request:create": "not_granted"},
    "asking_again_can_help": True,
}


@pytest.fixture
def reading(authorization):
    """A token that carries one scope of the two."""
    return mint_access_token(authorization, scope="request:read")


@pytest.fixture
def staff(user):
    user.is_staff = True
    user.save()


@pytest.mark.parametrize("path", ["/and/", "/and-reversed/"])
def test_both_sides_of_and_open(call, token, staff, path):
    assert call(path, token).status_code == 200


@pytest.mark.parametrize("path", ["/and/", "/or/", "/or-reversed/", "/nested/"])
def test_refusal_explains_itself_in_a_composition(call, challenge_of, reading, path):
    response = call(path, reading)
    assert (response.status_code, response.json()) == (403, EXPLANATION)
    assert challenge_of(response)["error"] == "insufficient_scope"


def test_refusal_explains_itself_where_it_is_the_other_side_of_and(call, reading, staff):
    assert call("/and-reversed/", reading).json() == EXPLANATION


def test_refusal_of_the_other_side_of_and_is_that_sides(call, token):
    response = call("/and/", token)
    assert (response.status_code, "error" in response.json()) == (403, False)
    assert "WWW-Authenticate" not in response.headers


@pytest.mark.parametrize("path", ["/or/", "/or-reversed/", "/nested/"])
def test_either_side_of_or_opens(call, token, path):
    assert call(path, token).status_code == 200


@pytest.mark.parametrize("path", ["/or/", "/or-reversed/", "/nested/", "/undeclared-or/"])
def test_answer_that_the_other_side_allowed_has_no_challenge(call, reading, staff, path):
    response = call(path, reading)
    assert response.status_code == 200
    assert "WWW-Authenticate" not in response.headers


def test_what_not_allows_has_no_challenge(call, reading):
    response = call("/not/", reading)
    assert response.status_code == 200
    assert "WWW-Authenticate" not in response.headers


def test_not_is_closed_to_a_sufficient_token(call, token):
    assert call("/not/", token).status_code == 403


def test_refusal_by_another_permission_names_no_scopes(call, reading, staff):
    response = call("/or-then-nobody/", reading)
    assert response.json() == {"detail": "Nobody may."}
    assert "WWW-Authenticate" not in response.headers


def test_missing_declaration_explains_itself_in_a_composition(call, token):
    assert call("/undeclared-or/", token).json() == {"detail": "This resource is not available to applications."}


# DRF's own permissions go on limiting the user


def test_object_permission_opens_to_its_user(call, token, user):
    assert call(f"/own-object/{user.pk}/", token).status_code == 200


def test_object_permission_limits_the_token_as_it_limits_its_user(call, token):
    assert call(f"/own-object/{UserFactory().pk}/", token).status_code == 403


def test_model_permission_opens_to_who_has_it(call, token, user):
    user.user_permissions.add(Permission.objects.get(codename="add_user"))
    form = {"data": '{"username": "new"}', "content_type": "application/json"}
    assert call("/model-permissions/", token, method="POST", **form).status_code == 201


def test_model_permission_limits_the_token_as_it_limits_its_user(call, token):
    form = {"data": '{"username": "new"}', "content_type": "application/json"}
    assert call("/model-permissions/", token, method="POST", **form).status_code == 403


def test_model_permissions_of_a_superuser_are_no_scope(call, application, role):
    ScopeFactory(name="request:read", roles=[role])
    token = mint_access_token(authorize(UserFactory(is_superuser=True), application))
    assert call("/model-permissions/", token).json()["missing"] == {"request:read": "not_permitted"}


# Alternatives


def test_alternative_opens_to_its_scopes(call, token):
    assert call("/alternatives/", token).status_code == 200


def test_alternatives_are_closed_to_part_of_one(call, challenge_of, reading):
    response = call("/alternatives/", reading)
    assert response.json() == EXPLANATION | {
        "missing": {"request:close": "not_allowed", "request:create": "not_granted"},
        "alternatives": [["request:close"], ["request:create", "request:read"]],
    }
    assert challenge_of(response)["scope"] == "request:create request:read"


def test_asking_again_can_not_help_where_no_alternative_is_allowed(call, reading, application):
    application.scopes.clear()
    response = call("/alternatives/", reading).json()
    assert (response["required"], response["asking_again_can_help"]) == (["request:close"], False)


# Function views and extra actions


def test_function_view_opens_to_its_scope(call, reading):
    assert call("/function/", reading).status_code == 200


def test_function_view_is_closed_without_its_scope(call, reading):
    assert call("/function/", reading, method="POST").json()["required"] == ["request:create"]


def test_extra_action_opens_to_its_scope(call, reading):
    assert call("/extra-action/overdue/", reading).status_code == 200


def test_extra_action_is_closed_without_its_scope(call, authorization):
    creating = mint_access_token(authorization, scope="request:create")
    assert call("/extra-action/overdue/", creating).json()["required"] == ["request:read"]


def test_extra_action_without_a_declaration_is_closed(call, token):
    assert call("/extra-action/other/", token).status_code == 403


# The browsable API and sessions


def test_browsable_api_shows_itself_to_a_session(client, user):
    client.force_login(user)
    response = client.get("/or/", headers={"Accept": "text/html"})
    assert (response.status_code, response["Content-Type"]) == (200, "text/html; charset=utf-8")


def test_session_is_limited_by_model_permissions_as_ever(user):
    client = APIClient()
    client.force_authenticate(user)
    assert client.post("/model-permissions/", {"username": "new"}).status_code == 403
