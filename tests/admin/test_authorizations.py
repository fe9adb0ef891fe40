import re

import pytest

from fourme_oauth import revocation
from fourme_oauth.models import AuditEvent, Authorization
from tests.factories import UserFactory, authorize, mint_access_token

LIST = "/admin/fourme_oauth/authorization/"


def change(authorization):
    return f"{LIST}{authorization.pk}/change/"


def revoke(*authorizations):
    return confirm(*authorizations) | {"post": "yes"}


def confirm(*authorizations):
    return {"action": "revoke_selected", "_selected_action": [authorization.pk for authorization in authorizations]}


def messages(response):
    return [str(message) for message in response.context["messages"]]


@pytest.fixture
def another(application):
    """Another user's authorization of the same application."""
    return authorize(UserFactory(), application)


def test_list_shows_who_allowed_what(admin_client, authorization, application, user):
    page = admin_client.get(LIST).content.decode()
    assert application.name in page
    assert user.username in page


def test_list_takes_the_same_number_of_queries_however_long_it_is(
    admin_client, application, authorization, django_assert_max_num_queries
):
    with django_assert_max_num_queries(20) as one:
        admin_client.get(LIST)
    for _ in range(3):
        authorize(UserFactory(), application)
    with django_assert_max_num_queries(len(one)):
        admin_client.get(LIST)


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
    page = admin_client.get(change(authorization)).content.decode()
    assert re.findall(r"<li><code[^>]*>([^<]*)</code> ([^<]*)</li>", page) == [
        ("request:create", "In effect."),
        ("request:read", "In effect."),
    ]


def test_page_has_no_fields_to_change(admin_client, authorization):
    assert list(admin_client.get(change(authorization)).context["adminform"].form.fields) == []


def test_fields_stay_whatever_is_sent(admin_client, authorization):
    admin_client.post(change(authorization), {"scopes": "person:read", "client_id": "x", "revoked_at": ""})
    authorization.refresh_from_db()
    assert authorization.scopes == "request:create request:read"


def test_revoked_authorization_does_not_stand_again_whatever_is_sent(admin_client, authorization):
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


def test_authorizations_of_who_was_deleted_are_gone(admin_client, user, token):
    admin_client.post(f"/admin/auth/user/{user.pk}/delete/", {"post": "yes"})
    assert not Authorization.objects.exists()
