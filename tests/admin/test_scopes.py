import pytest

from fourme_oauth import effective_access, revocation
from fourme_oauth.models import AuditEvent, Scope
from tests.factories import ApplicationFactory, RoleFactory, ScopeFactory, UserFactory, authorize

LIST = "/admin/fourme_oauth/scope/"
ADD = f"{LIST}add/"


def change(scope):
    return f"/admin/fourme_oauth/scope/{scope.pk}/change/"


def delete(scope):
    return f"/admin/fourme_oauth/scope/{scope.pk}/delete/"


@pytest.fixture
def unused(db):
    return ScopeFactory(name="request:close")


@pytest.fixture
def used(application):
    return Scope.objects.get(name="request:read")


def test_scope_is_added_with_its_wording(admin_client):
    admin_client.post(ADD, {"name": "request:close", "wording": "Close requests"})
    assert Scope.objects.get(name="request:close").wording == "Close requests"


def test_scope_is_added_with_its_roles(admin_client, role):
    admin_client.post(ADD, {"name": "request:close", "wording": "Close requests", "roles": [role.pk]})
    assert list(Scope.objects.get(name="request:close").roles.all()) == [role]


def test_name_that_does_not_fit_on_the_wire_is_refused_beside_its_field(admin_client):
    response = admin_client.post(ADD, {"name": "close requests", "wording": "Close requests"})
    assert list(response.context["adminform"].form.errors) == ["name"]


def test_scope_without_a_wording_is_refused_beside_its_field(admin_client):
    response = admin_client.post(ADD, {"name": "request:close", "wording": ""})
    assert list(response.context["adminform"].form.errors) == ["wording"]


def test_name_that_exists_is_refused_beside_its_field(admin_client, unused):
    response = admin_client.post(ADD, {"name": unused.name, "wording": "Close requests"})
    assert list(response.context["adminform"].form.errors) == ["name"]


def test_name_can_be_entered_once(admin_client):
    assert "name" in admin_client.get(ADD).context["adminform"].form.fields


def test_name_is_not_a_field_afterwards(admin_client, unused):
    assert "name" not in admin_client.get(change(unused)).context["adminform"].form.fields


def test_name_stays_whatever_is_sent(admin_client, unused):
    admin_client.post(change(unused), {"name": "person:read", "wording": "Close requests"})
    unused.refresh_from_db()
    assert unused.name == "request:close"


def test_wording_can_be_changed(admin_client, used):
    admin_client.post(change(used), {"wording": "Read your requests"})
    used.refresh_from_db()
    assert used.wording == "Read your requests"


def test_roles_can_be_changed(admin_client, used, role):
    admin_client.post(change(used), {"wording": used.wording, "roles": [role.pk]})
    assert list(used.roles.all()) == [role]


def test_tick_for_everyone_can_be_set(admin_client):
    scope = ScopeFactory(for_everyone=False)
    admin_client.post(change(scope), {"wording": scope.wording, "for_everyone": "on"})
    scope.refresh_from_db()
    assert scope.for_everyone


def test_new_scope_is_permitted_to_nobody_by_default(admin_client):
    admin_client.post(ADD, {"name": "request:close", "wording": "Close requests"})
    assert Scope.objects.permitted_to_nobody().names() == {"request:close"}


def test_scope_in_use_can_be_retired(admin_client, used):
    admin_client.post(change(used), {"wording": used.wording, "retired": "on"})
    used.refresh_from_db()
    assert used.retired


def test_scope_in_use_can_not_be_deleted(admin_client, used):
    admin_client.post(delete(used), {"post": "yes"})
    assert Scope.objects.filter(pk=used.pk).exists()


def test_unused_scope_can_be_deleted(admin_client, unused):
    admin_client.post(delete(unused), {"post": "yes"})
    assert not Scope.objects.filter(pk=unused.pk).exists()


def test_page_of_a_scope_in_use_offers_no_deletion(admin_client, used):
    assert "deletelink" not in admin_client.get(change(used)).content.decode()


def test_page_of_an_unused_scope_offers_deletion(admin_client, unused):
    assert "deletelink" in admin_client.get(change(unused)).content.decode()


def test_list_offers_no_deletion_of_many(admin_client, used):
    listed = {"action": "delete_selected", "_selected_action": [used.pk], "post": "yes"}
    admin_client.post(LIST, listed)
    assert Scope.objects.filter(pk=used.pk).exists()


def test_who_may_only_view_can_not_change(staff, unused):
    assert staff("view_scope").post(change(unused), {"wording": "Anything"}).status_code == 403


def test_who_may_change_can_change(staff, unused):
    assert staff("view_scope", "change_scope").post(change(unused), {"wording": "Anything"}).status_code == 302


def test_who_may_not_delete_can_not_delete_an_unused_scope(staff, unused):
    assert staff("view_scope", "change_scope").post(delete(unused), {"post": "yes"}).status_code == 403


def test_who_may_delete_can_delete_an_unused_scope(staff, unused):
    assert staff("view_scope", "delete_scope").post(delete(unused), {"post": "yes"}).status_code == 302


# Deleting a role removes what it permitted


@pytest.fixture
def permitted_by_role(used, role):
    return ScopeFactory(name=used.name, roles=[role])


def test_scope_has_no_effect_for_who_does_not_have_its_role(permitted_by_role, authorization, application, user):
    assert "request:read" not in effective_access.of_user(user, application).effective_scopes


def test_scope_has_no_effect_for_anybody_new_when_its_last_role_is_deleted(
    admin_client, permitted_by_role, authorization, application, user, role
):
    admin_client.post(f"/admin/auth/group/{role.pk}/delete/", {"post": "yes"})
    assert "request:read" not in effective_access.of_user(user, application).effective_scopes


def test_scope_keeps_its_effect_for_who_has_another_of_its_roles(
    admin_client, permitted_by_role, authorization, application, user, role
):
    kept = RoleFactory()
    permitted_by_role.roles.add(kept)
    user.groups.add(kept)
    admin_client.post(f"/admin/auth/group/{role.pk}/delete/", {"post": "yes"})
    assert "request:read" in effective_access.of_user(user, application).effective_scopes


# Use of a scope, and its name


def test_page_says_who_is_allowed_it(admin_client, used, application):
    assert application.name in admin_client.get(change(used)).content.decode()


def test_page_says_that_nobody_is(admin_client, unused):
    assert "no application" in admin_client.get(change(unused)).content.decode()


def test_page_lists_a_limited_number_of_applications(admin_client, used, monkeypatch):
    monkeypatch.setattr("fourme_oauth.admin.scopes.MAX_NAMED", 1)
    ApplicationFactory(name="Zebra", scopes=["request:read"])
    page = admin_client.get(change(used)).content.decode()
    assert "and others" in page
    assert "Zebra" not in page


def test_page_counts_who_granted_it(admin_client, used, application):
    authorize(UserFactory(), application, "request:read")
    authorize(UserFactory(), application, "request:create")
    assert "1 of the last 2 authorizations" in admin_client.get(change(used)).content.decode()


def test_page_counts_only_the_most_recent_authorizations(admin_client, used, application, monkeypatch):
    monkeypatch.setattr("fourme_oauth.models.authorization.LOOKED_AT", 1)
    authorize(UserFactory(), application, "request:read")
    authorize(UserFactory(), application, "request:create")
    assert "0 of the last 1 authorization" in admin_client.get(change(used)).content.decode()


def test_page_does_not_count_who_granted_one_that_begins_the_same(admin_client, application):
    longer = ScopeFactory(name="request:readable")
    authorize(UserFactory(), application, "request:read")
    assert "0 of the last 1 authorization" in admin_client.get(change(longer)).content.decode()


def test_page_counts_nothing_where_nobody_granted_anything(admin_client, unused):
    assert "0 of the last 0 authorizations" in admin_client.get(change(unused)).content.decode()


def test_page_says_that_the_name_can_not_change(admin_client, unused):
    assert (
        "The name can't be changed: applications and the API use it."
        in admin_client.get(change(unused)).content.decode()
    )


@pytest.mark.parametrize(
    ("for_everyone", "roles", "told"),
    [
        (True, [], "everyone"),
        (True, ["auditor"], "everyone"),
        (False, ["auditor", "specialist"], "auditor, specialist"),
        (False, [], "nobody"),
    ],
    ids=["tick", "both", "roles", "neither"],
)
def test_list_says_who_has_it(admin_client, for_everyone, roles, told):
    ScopeFactory(for_everyone=for_everyone, roles=[RoleFactory(name=name) for name in roles])
    assert f'<td class="field-role_names">{told}</td>' in admin_client.get(LIST).content.decode()


@pytest.mark.parametrize(("chosen", "found"), [("1", {"account:read"}), ("0", {"request:read"})])
def test_list_is_filtered_by_whether_it_is_for_everyone(admin_client, chosen, found):
    ScopeFactory(name="account:read")
    ScopeFactory(name="request:read", for_everyone=False)
    listed = admin_client.get(LIST, {"for_everyone__exact": chosen}).context["cl"].queryset
    assert listed.names() == found


@pytest.fixture
def granted_once(application, user):
    """Granted by somebody, and no longer allowed to any application."""
    authorize(user, application, "request:read")
    application.scopes.clear()
    return Scope.objects.get(name="request:read")


def test_scope_that_users_granted_can_not_be_deleted(admin_client, granted_once):
    admin_client.post(delete(granted_once), {"post": "yes"})
    assert Scope.objects.filter(pk=granted_once.pk).exists()


def test_deleting_a_granted_scope_shows_why_it_is_refused(admin_client, granted_once):
    page = admin_client.get(delete(granted_once)).content.decode()
    assert "request:read: users have granted it. Retire it instead." in page


def test_scope_that_was_revoked_everywhere_can_be_deleted(admin_client, granted_once, user):
    revocation.revoke_all(user)
    admin_client.post(delete(granted_once), {"post": "yes"})
    assert not Scope.objects.filter(pk=granted_once.pk).exists()


def scope_events():
    return list(AuditEvent.objects.filter(kind=AuditEvent.Kind.SCOPE_CHANGED).order_by("pk"))


def test_change_of_a_scope_is_in_the_audit_trail(admin_client, admin_user, settings, unused, role):
    settings.FOURME_OAUTH = {"KEEP_IP_ADDRESSES": True}
    wording = unused.wording
    ticks = {"for_everyone": "on", "retired": "on"}
    admin_client.post(change(unused), {"wording": "Close them", "roles": [role.pk], **ticks})
    (event,) = scope_events()
    assert (event.by, event.ip_address) == (admin_user, "127.0.0.1")
    assert event.details == {
        "scope": "request:close",
        "changes": {"wording": [wording, "Close them"], "roles": [[], [role.name]], "retired": [False, True]},
    }


def test_scope_that_is_added_is_in_the_audit_trail(admin_client):
    admin_client.post(ADD, {"name": "request:close", "wording": "Close requests"})
    (event,) = scope_events()
    assert event.details == {"scope": "request:close", "changes": {"wording": [None, "Close requests"]}}


def test_scope_that_is_saved_as_it_was_is_not_in_the_audit_trail(admin_client, unused):
    admin_client.post(change(unused), {"wording": unused.wording, "for_everyone": "on"})
    assert scope_events() == []


def test_tick_that_is_taken_away_is_in_the_audit_trail(admin_client, unused):
    admin_client.post(change(unused), {"wording": unused.wording})
    (event,) = scope_events()
    assert event.details["changes"] == {"for_everyone": [True, False]}


def test_role_that_is_deleted_in_the_admin_is_in_the_audit_trail(admin_client, permitted_by_role, role):
    name = role.name
    admin_client.post(f"/admin/auth/group/{role.pk}/delete/", {"post": "yes"})
    (event,) = scope_events()
    assert event.details == {"scope": "request:read", "deleted_role": name, "changes": {"roles": [[name], []]}}
