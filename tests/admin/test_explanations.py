"""The page that says what one application may do for one user, and why not more."""

import re

import pytest

from fourme_oauth import revocation
from fourme_oauth.models import Scope
from tests.factories import LinkedApplicationFactory, ScopeFactory, UserFactory

PAGE = "/admin/fourme_oauth/authorization/explain/"


def explained(response):
    """Map each scope to granted, allowed, permitted, and the resulting verdict."""
    rows = re.findall(
        r'<th scope="row"><code[^>]*>([^<]*)</code>[^<]*</th>\s*<td>(\w+)</td>\s*<td>(\w+)</td>\s*<td>(\w+)</td>\s*'
        r"<td[^>]*>([^<]*)</td>",
        response.content.decode(),
    )
    return {row[0]: row[1:] for row in rows}


@pytest.fixture
def page(admin_client, application, user):
    return lambda: admin_client.get(PAGE, {"application": application.pk, "user": user.pk})


def test_scope_that_is_granted_allowed_and_permitted_is_in_effect(page, authorization):
    assert explained(page())["request:read"] == ("yes", "yes", "yes", "In effect.")


def test_scope_that_is_not_permitted_names_the_roles_that_would_permit_it(page, authorization, role):
    ScopeFactory(name="request:read", roles=[role])
    reason = f"None of the user&#x27;s roles permits it. These would: {role.name}."
    assert explained(page())["request:read"] == ("yes", "yes", "no", reason)


def test_scope_that_no_role_permits_says_so(page, authorization):
    Scope.objects.filter(name="request:read").update(for_everyone=False)
    reason = "No role permits it yet, and it is not for everyone."
    assert explained(page())["request:read"] == ("yes", "yes", "no", reason)


def test_scope_that_was_never_granted_says_so(page):
    assert explained(page())["request:read"] == ("no", "yes", "yes", "The user has not granted it.")


def test_granted_scope_that_left_the_catalogue_is_explained_too(page, authorization):
    Scope.objects.filter(name="request:read").update(retired=True)
    assert explained(page())["request:read"][3] == "No administrator allows it to the application, or it is retired."


def test_explanation_says_since_when_it_is_authorized(page, authorization):
    assert "Not authorized by the user, or revoked." not in page().content.decode()


def test_explanation_says_that_there_is_no_authorization(page, authorization):
    revocation.revoke(authorization)
    assert "Not authorized by the user, or revoked." in page().content.decode()


def test_explanation_includes_client_credentials(admin_client):
    nightly = LinkedApplicationFactory(scopes=["request:read"])
    response = admin_client.get(PAGE, {"application": nightly.pk, "user": nightly.linked_user_id})
    assert "With its own credentials (client credentials), acting as this user" in response.content.decode()


def test_explanation_leaves_out_client_credentials_where_there_are_none(page, authorization):
    assert "With its own credentials (client credentials)" not in page().content.decode()


def test_user_and_application_can_be_given_in_the_query_string(admin_client, authorization, application, user):
    response = admin_client.get(PAGE, {"client_id": application.client_id, "username": user.username})
    assert "request:read" in explained(response)


def faults(response):
    return {name: list(found) for name, found in response.context["form"].errors.items()}


def test_unknown_user_is_a_field_error(admin_client, db):
    response = admin_client.get(PAGE, {"client_id": "unknown", "username": "unknown"})
    assert faults(response) == {
        "client_id": ["Not found."],
        "username": ["Not found."],
    }


def test_client_id_is_case_sensitive(admin_client, application, user):
    response = admin_client.get(PAGE, {"client_id": application.client_id.swapcase(), "username": user.username})
    assert faults(response) == {"client_id": ["Not found."]}


def test_missing_value_is_a_field_error(admin_client, application):
    assert list(faults(admin_client.get(PAGE, {"application": application.pk}))) == ["username"]


def test_empty_form_shows_no_errors(admin_client, db):
    assert faults(admin_client.get(PAGE)) == {}


@pytest.mark.parametrize("junk", ["x", "9" * 30, "\x00"], ids=["x", "long", "nul"])
def test_malformed_value_is_a_field_error(admin_client, user, junk):
    response = admin_client.get(PAGE, {"application": junk, "user": user.pk})
    assert (response.status_code, list(faults(response))) == (200, ["client_id"])


def test_page_opens_with_permission_to_view_authorizations(staff, db):
    assert staff("view_authorization").get(PAGE).status_code == 200


def test_page_is_refused_without_permission_to_view_authorizations(staff, db):
    assert staff("view_application").get(PAGE).status_code == 403


def test_who_can_not_search_users_types_a_username(staff, authorization):
    page = staff("view_authorization").get(PAGE).content.decode()
    assert "admin-autocomplete" not in page


def test_who_can_search_users_gets_autocomplete(admin_client, db):
    assert admin_client.get(PAGE).content.decode().count('class="admin-autocomplete"') == 2


def test_page_of_an_authorization_links_to_the_explanation(admin_client, authorization):
    page = admin_client.get(f"/admin/fourme_oauth/authorization/{authorization.pk}/change/").content.decode()
    pair = f"?application={authorization.application_id}&amp;user={authorization.user_id}"
    assert f'href="{PAGE}{pair}"' in page


def test_another_user_has_another_explanation(admin_client, application, authorization):
    response = admin_client.get(PAGE, {"application": application.pk, "user": UserFactory().pk})
    assert explained(response)["request:read"][0] == "no"
