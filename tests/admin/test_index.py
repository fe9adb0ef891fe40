"""The admin's index: which models it lists, by permission."""

import runpy

import pytest

from fourme_oauth import admin
from tests.factories import mint_code, mint_refresh_token

OURS = ["application", "auditevent", "authorization", "failedrequest", "scope"]
HIDDEN = ["accesstoken", "refreshtoken", "grant", "idtoken", "devicegrant", "clientsecret"]


def listed_models(response):
    """The models that the index lists below our application's name."""
    apps = {app["app_label"]: app for app in response.context["app_list"]}
    return sorted(model["name"] for model in apps.get("fourme_oauth", {"models": []})["models"])


def test_index_lists_what_an_administrator_works_with(admin_client):
    expected = ["Applications", "Audit events", "Authorizations", "Failed requests", "Scopes"]
    assert listed_models(admin_client.get("/admin/")) == expected


def test_index_of_our_application_lists_the_same(admin_client):
    expected = ["Applications", "Audit events", "Authorizations", "Failed requests", "Scopes"]
    assert listed_models(admin_client.get("/admin/fourme_oauth/")) == expected


def test_index_calls_the_section_applications(admin_client):
    names = {app["app_label"]: str(app["name"]) for app in admin_client.get("/admin/").context["app_list"]}
    assert names["fourme_oauth"] == "Applications"


def test_index_has_no_section_of_the_toolkit(admin_client):
    assert "oauth2_provider" not in {app["app_label"] for app in admin_client.get("/admin/").context["app_list"]}


def test_index_lists_what_limited_staff_may_see(staff):
    assert listed_models(staff("view_scope").get("/admin/")) == ["Scopes"]


def test_index_lists_nothing_to_staff_without_permissions(staff):
    assert listed_models(staff().get("/admin/")) == []


@pytest.mark.parametrize("model", OURS)
def test_list_opens_to_who_may_view_it(staff, model):
    assert staff(f"view_{model}").get(f"/admin/fourme_oauth/{model}/").status_code == 200


@pytest.mark.parametrize("model", OURS)
def test_list_is_closed_to_who_may_not_view_it(staff, model):
    assert staff().get(f"/admin/fourme_oauth/{model}/").status_code == 403


@pytest.mark.parametrize("model", HIDDEN)
def test_tokens_codes_and_secrets_have_no_list(admin_client, model):
    assert admin_client.get(f"/admin/fourme_oauth/{model}/").status_code in {403, 404}


@pytest.mark.parametrize("model", HIDDEN)
def test_tokens_codes_and_secrets_can_not_be_added(admin_client, model):
    assert admin_client.post(f"/admin/fourme_oauth/{model}/add/").status_code in {403, 404}


@pytest.fixture
def rows(authorization, token):
    """The primary key of one row of each kind."""
    mint_refresh_token(authorization)
    mint_code(authorization)
    application = authorization.application
    return {
        "accesstoken": application.accesstoken_set.get().pk,
        "refreshtoken": application.refreshtoken_set.get().pk,
        "grant": application.grant_set.get().pk,
    }


@pytest.mark.parametrize("page", ["change", "delete", "history"])
@pytest.mark.parametrize("model", ["accesstoken", "refreshtoken", "grant"])
def test_token_or_code_has_no_page(admin_client, rows, model, page):
    assert admin_client.get(f"/admin/fourme_oauth/{model}/{rows[model]}/{page}/").status_code in {403, 404}


@pytest.mark.parametrize("model", ["accesstoken", "refreshtoken", "grant"])
def test_token_or_code_can_not_be_deleted_by_itself(admin_client, rows, model):
    response = admin_client.post(f"/admin/fourme_oauth/{model}/{rows[model]}/delete/", {"post": "yes"})
    assert response.status_code in {403, 404}


def test_administration_is_not_loaded_while_the_settings_are_not_complete(settings):
    del settings.OAUTH2_PROVIDER_GRANT_MODEL
    assert "ApplicationAdmin" not in runpy.run_path(admin.__file__, run_name="fourme_oauth.admin.read_again")


def test_administration_is_loaded_when_the_toolkit_is_installed():
    assert admin.ApplicationAdmin
