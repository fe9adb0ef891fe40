"""The page of a group shows, and sets, the scopes that the role permits."""

import pytest
from django.contrib.admin import AdminSite, site
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group, Permission

from fourme_oauth import effective_access
from fourme_oauth.admin import RoleAdmin, ScopesOfRoleInline
from fourme_oauth.admin.sites import replace_base
from fourme_oauth.models import AuditEvent, Scope
from tests.factories import RoleFactory, ScopeFactory


def change(role):
    return f"/admin/auth/group/{role.pk}/change/"


@pytest.fixture
def scope(db):
    return ScopeFactory(name="request:close", for_everyone=False)


@pytest.fixture
def submit(role):
    """The form of the role as a browser sends it, with these rows of scopes."""

    def submit(browser, *rows, kept=()):
        prefix = "Scope_roles"
        values = {"name": role.name, f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": len(kept)}
        for number, row in enumerate(rows):
            values |= {f"{prefix}-{number}-{name}": value for name, value in ({"group": role.pk} | row).items()}
        return browser.post(change(role), values)

    return submit


def row_of(scope, role):
    return Scope.roles.through.objects.get(scope=scope, group=role).pk


def test_page_shows_what_the_role_permits(admin_client, role, scope):
    scope.roles.add(role)
    assert "request:close" in admin_client.get(change(role)).content.decode()


def test_line_is_headed_by_its_scope(admin_client, role, scope):
    scope.roles.add(role)
    assert '<span class="inline_label">request:close' in admin_client.get(change(role)).content.decode()


def test_history_names_the_scope(admin_client, role, scope, submit):
    submit(admin_client, {"scope": scope.pk})
    assert "“request:close”" in LogEntry.objects.latest("pk").get_change_message()


def test_role_page_permits_a_scope(admin_client, role, scope, submit):
    submit(admin_client, {"scope": scope.pk})
    assert list(role.permitted_scopes.all()) == [scope]


def test_scope_permitted_on_the_role_page_takes_effect(admin_client, role, authorization, application, user, submit):
    Scope.objects.update(for_everyone=False)
    scope = Scope.objects.get(name="request:read")
    submit(admin_client, {"scope": scope.pk})
    assert "request:read" not in effective_access.of_user(user, application).effective_scopes
    user.groups.add(role)
    assert "request:read" in effective_access.of_user(user, application).effective_scopes


def test_role_page_removes_a_scope(admin_client, role, scope, submit):
    scope.roles.add(role, RoleFactory())
    row = {"id": row_of(scope, role), "scope": scope.pk, "DELETE": "on"}
    submit(admin_client, row, kept=[row])
    assert not role.permitted_scopes.exists()


@pytest.fixture
def last_role_taken(admin_client, role, scope, submit):
    scope.roles.add(role)
    row = {"id": row_of(scope, role), "scope": scope.pk, "DELETE": "on"}
    return submit(admin_client, row, kept=[row])


def test_last_role_of_a_scope_is_taken(last_role_taken, role):
    assert last_role_taken.status_code == 302
    assert not role.permitted_scopes.exists()


def test_scope_whose_last_role_was_taken_is_permitted_to_nobody(last_role_taken, scope):
    assert list(Scope.objects.in_catalogue().permitted_to_nobody()) == [scope]


def test_last_role_that_is_taken_is_in_the_audit_trail(last_role_taken, role):
    ((_by, _address, details),) = scope_events()
    assert details == {"scope": "request:close", "changes": {"roles": [[role.name], []]}}


def test_page_says_that_scopes_for_everyone_need_no_line(admin_client, role):
    page = admin_client.get(change(role)).content.decode().lower()
    assert "scopes that the role permits, besides those for everyone" in page


@pytest.fixture
def group_staff(staff, django_user_model):
    """A staff user who may change groups, with these permissions on our models."""

    def group_staff(*codenames):
        browser = staff(*codenames)
        user = django_user_model.objects.get(pk=browser.session["_auth_user_id"])
        user.user_permissions.add(*Permission.objects.filter(codename__in=["view_group", "change_group"]))
        return browser

    return group_staff


def test_role_page_is_read_only_for_scopes_without_permission_to_change_them(group_staff, role, scope, submit):
    submit(group_staff(), {"scope": scope.pk})
    assert not role.permitted_scopes.exists()


def test_role_page_saves_scopes_with_permission_to_change_them(group_staff, role, scope, submit):
    submit(group_staff("view_scope", "change_scope"), {"scope": scope.pk})
    assert list(role.permitted_scopes.all()) == [scope]


def test_djangos_own_page_was_replaced():
    assert type(site.get_model_admin(Group)) is RoleAdmin


class HostsGroupAdmin(GroupAdmin):
    """A group admin of the site's own."""


def test_a_page_of_the_sites_own_is_left_alone():
    own = AdminSite(name="own")
    own.register(Group, HostsGroupAdmin)
    replace_base(own, Group, RoleAdmin)
    assert type(own.get_model_admin(Group)) is HostsGroupAdmin


def test_a_site_that_shows_no_groups_goes_on_showing_none():
    own = AdminSite(name="own")
    replace_base(own, Group, RoleAdmin)
    assert not own.is_registered(Group)


def test_a_site_with_djangos_page_gets_ours():
    own = AdminSite(name="own")
    own.register(Group, GroupAdmin)
    replace_base(own, Group, RoleAdmin)
    assert own.get_model_admin(Group).inlines == (ScopesOfRoleInline,)


def scope_events():
    events = AuditEvent.objects.filter(kind=AuditEvent.Kind.SCOPE_CHANGED).order_by("pk")
    return [(event.by, event.ip_address, event.details) for event in events]


def test_scope_permitted_on_the_role_page_is_audited(admin_client, admin_user, settings, role, scope, submit):
    settings.FOURME_OAUTH = {"KEEP_IP_ADDRESSES": True}
    submit(admin_client, {"scope": scope.pk})
    changes = {"roles": [[], [role.name]]}
    assert scope_events() == [(admin_user, "127.0.0.1", {"scope": "request:close", "changes": changes})]


def test_scope_that_is_taken_from_the_role_is_in_the_audit_trail(admin_client, role, scope, submit):
    another = RoleFactory()
    scope.roles.add(role, another)
    row = row_of(scope, role)
    submit(admin_client, {"id": row, "scope": scope.pk, "DELETE": "on"}, kept=[row])
    ((_by, _address, details),) = scope_events()
    assert details["changes"] == {"roles": [sorted([role.name, another.name]), [another.name]]}


def test_replacing_a_scope_is_audited_for_both_scopes(admin_client, role, scope, submit):
    another = ScopeFactory(name="request:reopen")
    scope.roles.add(role, RoleFactory())
    row = row_of(scope, role)
    submit(admin_client, {"id": row, "scope": another.pk}, kept=[row])
    assert [details["scope"] for _by, _address, details in scope_events()] == ["request:close", "request:reopen"]


def test_line_that_is_deleted_before_it_names_a_scope_changes_nothing(admin_client, role, submit):
    assert submit(admin_client, {"scope": "", "DELETE": "on"}).status_code == 302
    assert scope_events() == []


def test_renaming_a_role_is_audited_for_no_scope(admin_client, role, scope, submit):
    scope.roles.add(role)
    row = row_of(scope, role)
    submit(admin_client, {"id": row, "scope": scope.pk}, kept=[row])
    assert scope_events() == []
