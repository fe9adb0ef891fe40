import json

import pytest
from django.contrib.auth.models import Group

from fourme_oauth.audit_changes import application_snapshot, changes_between
from fourme_oauth.models import AuditEvent, Scope
from tests import toolkit_alone
from tests.factories import LinkedApplicationFactory, RoleFactory, ScopeFactory


def test_the_facts_are_what_is_stored(application):
    facts = application_snapshot(application)
    assert (facts["name"], facts["disabled"], facts["access_token_seconds"]) == (application.name, False, None)


def test_the_facts_name_the_scopes(application):
    assert application_snapshot(application)["scopes"] == ["request:create", "request:read"]


def test_the_facts_name_the_linked_user(db):
    nightly = LinkedApplicationFactory()
    assert application_snapshot(nightly)["linked_user"] == nightly.linked_user.username


def test_the_facts_are_json(application):
    assert json.loads(json.dumps(application_snapshot(application))) == application_snapshot(application)


def test_the_facts_have_no_secret_and_no_hash_of_one(application, secret):
    toolkit_alone.rows("Application").update(client_secret="pbkdf2_sha256$1$salt$hash")
    told = json.dumps(application_snapshot(application))
    assert secret not in told
    assert "pbkdf2" not in told
    assert application.client_secrets.get().digest not in told


def test_a_change_has_the_old_value_and_the_new_one():
    assert changes_between({"name": "Acme"}, {"name": "Acme Board"}) == {"name": ["Acme", "Acme Board"]}


def test_what_stays_is_no_change():
    assert changes_between({"name": "Acme", "logo": ""}, {"name": "Acme", "logo": ""}) == {}


def test_what_is_switched_off_is_a_change():
    assert changes_between({"disabled": True}, {"disabled": False}) == {"disabled": [True, False]}


def test_new_row_records_only_values_that_are_not_empty():
    assert changes_between({}, {"name": "Acme", "logo": "", "disabled": False}) == {"name": [None, "Acme"]}


# Deleting a role


@pytest.fixture
def auditor(db):
    return RoleFactory(name="auditor")


def role_events():
    events = AuditEvent.objects.filter(kind=AuditEvent.Kind.SCOPE_CHANGED).order_by("pk")
    return [(event.details["scope"], event.details["deleted_role"], event.details["changes"]) for event in events]


def test_scope_that_loses_its_last_role_is_recorded(auditor):
    ScopeFactory(name="request:read", roles=[auditor])
    auditor.delete()
    assert role_events() == [("request:read", "auditor", {"roles": [["auditor"], []]})]


def test_a_scope_that_loses_its_last_role_is_not_retired(auditor):
    ScopeFactory(name="request:read", roles=[auditor])
    auditor.delete()
    assert Scope.objects.in_catalogue().names() == {"request:read"}


def test_scope_that_keeps_another_role_is_recorded(auditor):
    ScopeFactory(name="request:read", roles=[auditor, RoleFactory(name="specialist")])
    auditor.delete()
    assert role_events() == [("request:read", "auditor", {"roles": [["auditor", "specialist"], ["specialist"]]})]


def test_roles_that_are_deleted_together_are_gone_together(auditor):
    ScopeFactory(name="request:read", roles=[auditor, RoleFactory(name="specialist")])
    Group.objects.all().delete()
    assert [changes for _scope, _role, changes in role_events()] == [{"roles": [["auditor", "specialist"], []]}] * 2


def test_scopes_of_other_roles_are_not_recorded(auditor):
    ScopeFactory(name="request:read", roles=[RoleFactory()])
    auditor.delete()
    assert role_events() == []


@pytest.mark.parametrize("count", [1, 5])
def test_what_a_deleted_role_permitted_is_read_at_once(auditor, count, django_assert_max_num_queries):
    for number in range(count):
        ScopeFactory(name=f"scope:{number}", roles=[auditor])
    with django_assert_max_num_queries(8 + count):
        auditor.delete()
