import re
from html import unescape

import pytest
from django.test import Client

from fourme_oauth import revocation
from fourme_oauth.models import Application, AuditEvent, Authorization
from tests.factories import ScopeFactory, UserFactory, authorize, mint_access_token

LIST = "/admin/fourme_oauth/authorization/"


def change(authorization):
    return f"{LIST}{authorization.pk}/change/"


def revoke(*authorizations):
    return confirm(*authorizations) | {"post": "yes"}


def confirm(*authorizations):
    return {"action": "revoke_selected", "_selected_action": [authorization.pk for authorization in authorizations]}


def messages(response):
    return [str(message) for message in response.context["messages"]]


def verdicts(response):
    """The verdicts about scopes that a page shows, a line each."""
    lines = re.findall(r'<li class="verdict-\w+">(.*?)</li>', response.content.decode())
    return [unescape(re.sub(r"<[^>]*>", "", line)) for line in lines]


@pytest.fixture
def another(application):
    """Another user's authorization of the same application."""
    return authorize(UserFactory(), application)


def test_list_shows_who_allowed_what(admin_client, authorization, application, user):
    page = admin_client.get(LIST).content.decode()
    assert application.name in page
    assert user.username in page


def test_list_says_what_is_in_effect(admin_client, authorization):
    assert verdicts(admin_client.get(LIST)) == ["request:create, request:read — In effect."]


def test_list_says_why_a_scope_is_not_in_effect(admin_client, authorization, application, role):
    ScopeFactory(name="request:read", roles=[role])
    assert verdicts(admin_client.get(LIST)) == [
        "request:create — In effect.",
        "request:read — None of the user's roles permits it.",
    ]


def test_list_evaluates_each_row_for_its_own_user(admin_client, authorization, application, role):
    ScopeFactory(name="request:read", roles=[role])
    authorize(UserFactory(), application).user.groups.add(role)
    assert verdicts(admin_client.get(LIST)).count("request:create, request:read — In effect.") == 1


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [({"disabled": True}, "The application is disabled."), ({}, "No administrator allows it")],
    ids=["disabled", "not allowed"],
)
def test_list_shows_verdicts_about_the_application(admin_client, authorization, application, facts, verdict):
    application.scopes.clear()
    Application.objects.filter(pk=application.pk).update(**facts)
    assert verdict in " ".join(verdicts(admin_client.get(LIST)))


def test_list_says_that_the_user_is_not_active(admin_client, authorization, user):
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    assert verdicts(admin_client.get(LIST)) == ["request:create, request:read — The user is not active."]


def test_list_shows_no_verdict_for_a_revoked_authorization(admin_client, authorization):
    revocation.revoke(authorization)
    page = admin_client.get(LIST)
    assert verdicts(page) == []
    assert "request:create request:read" in page.content.decode()


def test_list_outlives_the_application(admin_client, authorization, application):
    application.delete()
    page = admin_client.get(LIST)
    assert verdicts(page) == []
    assert "request:create request:read" in page.content.decode()


def test_authorization_is_found_by_its_application(admin_client, authorization, application):
    assert list(admin_client.get(LIST, {"q": application.name}).context["cl"].queryset) == [authorization]


def test_authorization_can_not_be_found_by_a_hash(admin_client, authorization, user):
    response = admin_client.get(LIST, {"user__password__startswith": user.password[:5]})
    assert response.status_code == 400


def test_authorization_can_not_be_added(admin_client):
    assert admin_client.get(f"{LIST}add/").status_code == 403


def test_authorization_can_not_be_deleted(admin_client, authorization):
    assert admin_client.post(f"{LIST}{authorization.pk}/delete/", {"post": "yes"}).status_code == 403


def test_many_authorizations_can_not_be_deleted(admin_client, authorization):
    admin_client.post(LIST, {**revoke(authorization), "action": "delete_selected", "post": "yes"})
    assert Authorization.objects.filter(pk=authorization.pk).exists()


def test_page_shows_what_was_granted(admin_client, authorization):
    page = admin_client.get(change(authorization))
    assert verdicts(page) == ["request:create, request:read — In effect."]


def test_page_has_no_fields_to_change(admin_client, authorization):
    assert list(admin_client.get(change(authorization)).context["adminform"].form.fields) == []


def test_posted_data_can_not_change_any_field(admin_client, authorization):
    admin_client.post(change(authorization), {"scopes": "person:read", "client_id": "x", "revoked_at": ""})
    authorization.refresh_from_db()
    assert authorization.scopes == "request:create request:read"


def test_posted_data_can_not_reinstate_a_revoked_authorization(admin_client, authorization):
    revocation.revoke(authorization)
    admin_client.post(change(authorization), {"revoked_at_0": "", "revoked_at_1": "", "revoked_at": ""})
    authorization.refresh_from_db()
    assert authorization.revoked_at is not None


def test_action_revokes(admin_client, authorization):
    admin_client.post(LIST, revoke(authorization))
    authorization.refresh_from_db()
    assert authorization.revoked_at is not None


def test_action_ends_the_tokens(admin_client, authorization, token, opens_the_api):
    admin_client.post(LIST, revoke(authorization))
    assert not opens_the_api(token)


def test_action_leaves_what_is_not_selected(admin_client, authorization, another, opens_the_api):
    others_token = mint_access_token(another)
    admin_client.post(LIST, revoke(authorization))
    assert opens_the_api(others_token)


def test_action_is_audited_with_who_did_it(admin_client, admin_user, authorization):
    admin_client.post(LIST, revoke(authorization))
    assert AuditEvent.objects.get(kind=AuditEvent.Kind.REVOKED).by == admin_user


def test_action_says_how_many_it_revoked(admin_client, authorization, another):
    response = admin_client.post(LIST, revoke(authorization, another), follow=True)
    assert messages(response) == ["2 authorizations were revoked."]


def test_action_does_not_count_what_was_revoked_before(admin_client, authorization, another):
    revocation.revoke(another)
    response = admin_client.post(LIST, revoke(authorization, another), follow=True)
    assert messages(response) == ["1 authorization was revoked."]


def test_action_is_not_for_who_may_only_view(staff, authorization):
    staff("view_authorization").post(LIST, revoke(authorization))
    authorization.refresh_from_db()
    assert authorization.revoked_at is None


def test_action_is_for_who_may_revoke(staff, authorization):
    staff("view_authorization", "revoke_authorization").post(LIST, revoke(authorization))
    authorization.refresh_from_db()
    assert authorization.revoked_at is not None


def test_action_is_not_offered_to_who_may_only_view(staff, authorization):
    assert "revoke_selected" not in staff("view_authorization").get(LIST).content.decode()


def test_action_is_offered_to_who_may_revoke(staff, authorization):
    page = staff("view_authorization", "revoke_authorization").get(LIST)
    assert "revoke_selected" in page.content.decode()


def test_user_who_allowed_something_can_be_deleted_with_it(admin_client, django_user_model, user, token):
    admin_client.post(f"/admin/auth/user/{user.pk}/delete/", {"post": "yes"})
    assert not django_user_model.objects.filter(pk=user.pk).exists()


def test_users_who_allowed_something_can_be_deleted_together(admin_client, django_user_model, user, token):
    selected = {"action": "delete_selected", "_selected_action": [user.pk], "post": "yes"}
    admin_client.post("/admin/auth/user/", selected)
    assert not django_user_model.objects.filter(pk=user.pk).exists()


def test_authorizations_of_a_deleted_user_are_deleted(admin_client, user, token):
    admin_client.post(f"/admin/auth/user/{user.pk}/delete/", {"post": "yes"})
    assert not Authorization.objects.exists()


# What a page shows


def test_page_says_why_a_scope_is_not_in_effect(admin_client, authorization, application, role):
    ScopeFactory(name="request:read", roles=[role])
    assert "None of the user&#x27;s roles permits it." in admin_client.get(change(authorization)).content.decode()


def test_page_counts_valid_codes_and_tokens(admin_client, authorization, token):
    page = admin_client.get(change(authorization)).content.decode()
    assert "1 access token, 0 refresh tokens, 0 pending codes" in page


def test_page_of_a_revoked_authorization_shows_what_had_been_granted(admin_client, authorization):
    revocation.revoke(authorization)
    assert "request:create request:read" in admin_client.get(change(authorization)).content.decode()


def test_page_outlives_its_application(admin_client, authorization, application):
    application.delete()
    assert admin_client.get(change(authorization)).status_code == 200


def test_authorization_is_found_by_the_beginning_of_its_users_name(admin_client, authorization, another):
    authorization.user.username = "jane.doe"
    authorization.user.save()
    assert list(admin_client.get(LIST, {"q": "jane"}).context["cl"].queryset) == [authorization]


def test_authorization_of_a_deleted_application_is_found_by_its_client_id(admin_client, authorization, application):
    client_id = application.client_id
    application.delete()
    assert list(admin_client.get(LIST, {"q": client_id}).context["cl"].queryset) == [authorization]


# Revoking, after a confirmation page


def shown(response, element_id):
    return re.search(rf'<dd id="{element_id}">([^<]*)<', response.content.decode())[1]


def test_action_changes_nothing_before_it_is_confirmed(admin_client, authorization):
    admin_client.post(LIST, confirm(authorization))
    authorization.refresh_from_db()
    assert authorization.revoked_at is None


def test_action_names_what_is_revoked(admin_client, authorization, another, token):
    mint_access_token(another)
    page = admin_client.post(LIST, confirm(authorization, another))
    assert (shown(page, "users"), shown(page, "applications")) == ("2", "1")
    assert shown(page, "alive") == "2 access tokens, 0 refresh tokens, 0 pending codes"


def test_action_on_revoked_authorizations_says_that_nothing_can_be_revoked(admin_client, authorization):
    revocation.revoke(authorization)
    page = admin_client.post(LIST, confirm(authorization)).content.decode()
    assert "There is nothing left to revoke." in page


def test_posting_the_confirmation_form_revokes(admin_client, authorization):
    page = admin_client.post(LIST, confirm(authorization)).content.decode()
    sent = dict(re.findall(r'<input type="hidden" name="(action|post|_selected_action)" value="([^"]*)">', page))
    admin_client.post(LIST, sent)
    authorization.refresh_from_db()
    assert authorization.revoked_at is not None


def test_action_is_limited_to_as_many_rows_as_a_page_lists(admin_client, authorization, another, monkeypatch):
    monkeypatch.setattr("fourme_oauth.admin.authorizations.MAX_SELECTED", 1)
    response = admin_client.post(LIST, revoke(authorization, another), follow=True)
    assert messages(response) == ["Select at most 1 at a time."]
    assert Authorization.objects.standing().count() == 2


def revoking(authorization):
    return f"{LIST}{authorization.pk}/revoke/"


def test_one_is_revoked_from_its_page(admin_client, authorization, token, opens_the_api):
    response = admin_client.post(revoking(authorization), {"post": "yes"}, follow=True)
    assert messages(response) == ["1 authorization was revoked."]
    assert not opens_the_api(token)


def test_confirmation_page_of_one_authorization_revokes_nothing(admin_client, authorization, token, opens_the_api):
    page = admin_client.get(revoking(authorization))
    assert shown(page, "alive") == "1 access token, 0 refresh tokens, 0 pending codes"
    assert opens_the_api(token)


def test_revoking_is_audited_with_the_client_ip_where_the_site_keeps_it(admin_client, authorization, settings):
    settings.FOURME_OAUTH = {"KEEP_IP_ADDRESSES": True}
    admin_client.post(revoking(authorization))
    assert AuditEvent.objects.get(kind=AuditEvent.Kind.REVOKED).ip_address == "127.0.0.1"


def test_revoking_an_unknown_authorization_is_not_found(admin_client, db):
    assert admin_client.get(f"{LIST}1/revoke/").status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_may_not_revoke_gets_no_confirmation_page(staff, authorization, method):
    browser = staff("view_authorization", "change_authorization")
    assert getattr(browser, method)(revoking(authorization)).status_code == 403
    assert Authorization.objects.standing().exists()


def test_who_may_revoke_gets_there(staff, authorization):
    assert staff("view_authorization", "revoke_authorization").get(revoking(authorization)).status_code == 200


def test_who_may_not_revoke_sees_no_button(staff, authorization):
    assert revoking(authorization) not in staff("view_authorization").get(change(authorization)).content.decode()


def test_who_may_revoke_sees_the_button(staff, authorization):
    page = staff("view_authorization", "revoke_authorization").get(change(authorization)).content.decode()
    assert revoking(authorization) in page


def test_revoked_authorization_has_no_revoke_button(admin_client, authorization):
    revocation.revoke(authorization)
    assert revoking(authorization) not in admin_client.get(change(authorization)).content.decode()


def test_revoking_needs_a_csrf_token(admin_user, authorization):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(admin_user)
    assert browser.post(revoking(authorization)).status_code == 403
