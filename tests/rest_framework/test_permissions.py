import pytest

from fourme_oauth.models import Authorization, Scope
from tests.factories import ApplicationFactory, ScopeFactory, UserFactory, authorize, mint_access_token

pytestmark = pytest.mark.urls("tests.rest_framework.views")


@pytest.fixture
def reading(authorization):
    """A token that carries one scope of the two."""
    return mint_access_token(authorization, scope="request:read")


# Declared as a list


def test_list_opens_to_all_of_its_scopes(call, token):
    assert call("/by-list/", token).status_code == 200


def test_list_is_closed_to_some_of_its_scopes(call, reading):
    assert call("/by-list/", reading).status_code == 403


# Declared by method


def test_method_opens_to_its_scope(call, reading):
    assert call("/by-method/", reading).status_code == 200


def test_method_is_closed_to_the_scope_of_another(call, reading):
    assert call("/by-method/", reading, method="POST").status_code == 403


def test_method_with_an_empty_list_opens_to_any_token(call, reading):
    assert call("/by-method/", reading, method="DELETE").status_code == 200


def test_method_without_a_declaration_is_closed(call, token):
    assert call("/by-method/", token, method="PUT").status_code == 403


def test_method_that_the_view_does_not_have_is_closed(call, token):
    assert call("/by-method/", token, method="PATCH").status_code == 403


def test_head_opens_to_the_scope_of_get(call, reading):
    assert call("/by-method/", reading, method="HEAD").status_code == 200


def test_head_is_closed_without_the_scope_of_get(call, authorization):
    creating = mint_access_token(authorization, scope="request:create")
    assert call("/by-method/", creating, method="HEAD").status_code == 403


@pytest.mark.parametrize("path", ["/by-method/", "/by-list/", "/by-action/", "/undeclared/"])
def test_options_opens_to_any_token(call, authorization, path):
    carrying_nothing = mint_access_token(authorization, scope="")
    assert call(path, carrying_nothing, method="OPTIONS").status_code == 200


def test_options_is_closed_to_an_invalid_token(call, invalid_token):
    assert call("/by-method/", invalid_token, method="OPTIONS").status_code == 401


# Declared by action


@pytest.fixture
def of_the_desk(user):
    """A token for the actions of a viewset."""
    names = ["request:read", "request:close", "request:export"]
    return mint_access_token(authorize(user, ApplicationFactory(scopes=names)))


def test_action_opens_to_its_scope(call, of_the_desk):
    assert call("/by-action/close/", of_the_desk, method="POST").status_code == 200


def test_action_is_closed_without_its_scope(call, token):
    assert call("/by-action/close/", token, method="POST").status_code == 403


def test_action_comes_before_the_method(call, token):
    assert call("/by-action/export/", token).json()["required"] == ["request:export"]


def test_action_that_comes_before_the_method_opens_to_its_scope(call, of_the_desk):
    assert call("/by-action/export/", of_the_desk).status_code == 200


def test_action_without_a_declaration_is_that_of_its_method(call, token):
    assert call("/by-action/", token).status_code == 200


def test_action_without_a_declaration_is_closed_without_the_scope_of_its_method(call, authorization):
    creating = mint_access_token(authorization, scope="request:create")
    assert call("/by-action/", creating).json()["required"] == ["request:read"]


def test_head_of_an_action_opens_to_its_scope(call, of_the_desk):
    assert call("/by-action/export/", of_the_desk, method="HEAD").status_code == 200


def test_head_of_an_action_is_closed_without_its_scope(call, token):
    assert call("/by-action/export/", token, method="HEAD").status_code == 403


def test_action_and_method_without_a_declaration_are_closed(call, token):
    assert call("/by-action/", token, method="POST").status_code == 403


# Not declared


def test_view_without_a_declaration_is_closed_to_tokens(call, token):
    assert call("/undeclared/", token).status_code == 403


def test_view_without_a_declaration_says_so(call, token):
    assert call("/undeclared/", token).json() == {"detail": "This resource is not available to applications."}


def test_view_without_a_declaration_is_open_to_a_session(client, user):
    client.force_login(user)
    assert client.get("/undeclared/").status_code == 200


def test_view_without_a_declaration_is_closed_to_anonymous_requests(call, db):
    assert call("/undeclared/").status_code == 401


# The 403 response


def test_refusal_names_the_error_in_the_challenge(call, challenge_of, reading):
    assert challenge_of(call("/by-list/", reading))["error"] == "insufficient_scope"


def test_refusal_names_all_required_scopes_in_the_challenge(call, challenge_of, reading):
    assert challenge_of(call("/by-list/", reading))["scope"] == "request:create request:read"


def test_refusal_names_the_realm_in_the_challenge(call, challenge_of, reading):
    assert challenge_of(call("/by-list/", reading))["realm"] == "api"


def test_refusal_has_the_resource_metadata_url_in_the_challenge(call, challenge_of, reading):
    address = challenge_of(call("/by-list/", reading))["resource_metadata"]
    assert call(address.removeprefix("http://testserver")).status_code == 200


def test_answer_to_a_sufficient_token_has_no_challenge(call, token):
    assert "WWW-Authenticate" not in call("/by-list/", token).headers


def test_refusal_explains_each_scope_in_the_body(call, reading):
    assert call("/by-list/", reading).json() == {
        "detail": "The access token does not have the scopes that this needs.",
        "error": "insufficient_scope",
        "required": ["request:create", "request:read"],
        "missing": {"request:create": "not_granted"},
        "asking_again_can_help": True,
    }


def test_scope_that_the_user_did_not_grant_is_missing_as_not_granted(call, user, application):
    token = mint_access_token(authorize(user, application, "request:read"))
    assert call("/by-list/", token).json()["missing"] == {"request:create": "not_granted"}


def test_scope_that_the_user_withdrew_is_missing_as_not_granted(call, token, authorization):
    Authorization.objects.filter(pk=authorization.pk).update(scopes="request:read")
    assert call("/by-list/", token).json()["missing"] == {"request:create": "not_granted"}


def test_scope_that_no_admin_allows_is_missing_as_not_allowed(call, token, application):
    application.scopes.remove(Scope.objects.get(name="request:create"))
    assert call("/by-list/", token).json()["missing"] == {"request:create": "not_allowed"}


def test_scope_that_is_retired_is_missing_as_not_allowed(call, token):
    Scope.objects.filter(name="request:create").update(retired=True)
    assert call("/by-list/", token).json()["missing"] == {"request:create": "not_allowed"}


def test_scope_that_no_role_permits_is_missing_as_not_permitted(call, token, role):
    ScopeFactory(name="request:create", roles=[role])
    assert call("/by-list/", token).json()["missing"] == {"request:create": "not_permitted"}


def test_scope_that_a_role_permits_is_not_missing(call, token, user, role):
    ScopeFactory(name="request:create", roles=[role])
    user.groups.add(role)
    assert call("/by-list/", token).status_code == 200


def test_scope_that_is_permitted_to_nobody_is_missing_as_not_permitted(call, token, user, role):
    Scope.objects.filter(name="request:create").update(for_everyone=False)
    user.groups.add(role)
    assert call("/by-list/", token).json()["missing"] == {"request:create": "not_permitted"}


def test_scope_that_is_for_everyone_again_is_not_missing(call, token):
    Scope.objects.filter(name="request:create").update(for_everyone=False)
    Scope.objects.filter(name="request:create").update(for_everyone=True)
    assert call("/by-list/", token).status_code == 200


def test_scope_for_everyone_with_a_role_that_the_user_lacks_is_not_missing(call, token, role):
    ScopeFactory(name="request:create", roles=[role], for_everyone=True)
    assert call("/by-list/", token).status_code == 200


def test_scope_whose_last_role_was_deleted_is_missing_as_not_permitted(call, token, user, role):
    ScopeFactory(name="request:create", roles=[role])
    user.groups.add(role)
    role.delete()
    assert call("/by-list/", token).json()["missing"] == {"request:create": "not_permitted"}


def test_each_missing_scope_has_its_own_verdict(call, token, application, role):
    ScopeFactory(name="request:create", roles=[role])
    application.scopes.remove(Scope.objects.get(name="request:read"))
    assert call("/by-list/", token).json()["missing"] == {
        "request:create": "not_permitted",
        "request:read": "not_allowed",
    }


# Being a superuser permits nothing by itself


@pytest.fixture
def token_of_superuser(application, role):
    ScopeFactory(name="request:create", roles=[role])
    superuser = UserFactory(username="root", is_superuser=True)
    return mint_access_token(authorize(superuser, application))


def test_superusers_token_without_the_role_is_refused(call, token_of_superuser):
    assert call("/by-list/", token_of_superuser).json()["missing"] == {"request:create": "not_permitted"}


def test_superusers_token_with_the_role_is_accepted(call, token_of_superuser, role, django_user_model):
    django_user_model.objects.get(username="root").groups.add(role)
    assert call("/by-list/", token_of_superuser).status_code == 200


# Effect at the next request


def test_scope_given_back_works_at_the_next_request(call, token, application):
    scope = Scope.objects.get(name="request:create")
    application.scopes.remove(scope)
    call("/by-list/", token)
    application.scopes.add(scope)
    assert call("/by-list/", token).status_code == 200
