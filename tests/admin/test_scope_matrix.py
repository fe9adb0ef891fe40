"""Scopes as a matrix: record types and verbs."""

import re

import pytest

from fourme_oauth.models import Application, Scope
from tests.factories import ApplicationFactory, RoleFactory, ScopeFactory

LIST = "/admin/fourme_oauth/application/"
ADD = f"{LIST}add/"


@pytest.fixture
def matrix(admin_client):
    """The matrix of the form for a new application, once these scopes are in the catalogue."""

    def matrix(*names, page=ADD):
        for name in names:
            ScopeFactory(name=name)
        widget = admin_client.get(page).context["adminform"].form.fields["scopes"].widget
        return widget.get_context("scopes", [], {"id": "id_scopes"})["matrix"]

    return matrix


def names_of(options):
    return [option and option["scope"].name for option in options]


def test_rows_are_record_types(matrix):
    assert [row.record_type for row in matrix("request:read", "person:read").rows] == ["person", "request"]


def test_columns_are_verbs_in_the_order_of_their_weight(matrix):
    assert matrix("request:update", "request:delete", "request:create", "request:read").verbs == [
        "read",
        "create",
        "update",
        "delete",
    ]


def test_cell_is_the_scope_of_its_row_and_column(matrix):
    rows = matrix("request:read", "request:update", "person:update").rows
    assert [names_of(row.cells) for row in rows] == [[None, "person:update"], ["request:read", "request:update"]]


def test_another_verb_of_two_record_types_is_a_column(matrix):
    assert matrix("request:read", "request:export", "person:export").verbs == ["read", "export"]


def test_another_verb_of_one_record_type_is_in_the_list(matrix):
    assert names_of(matrix("request:read", "request:escalate").others) == ["request:escalate"]


@pytest.mark.parametrize("name", ["openid", "a:b:c", ":read", "request:"])
def test_unusual_name_is_in_the_list(matrix, name):
    assert names_of(matrix("request:read", name).others) == [name]


def test_record_type_with_nothing_but_a_verb_of_its_own_has_no_row(matrix):
    assert [row.record_type for row in matrix("request:read", "person:merge").rows] == ["request"]


def test_every_scope_is_there_once(matrix):
    found = matrix("request:read", "request:escalate", "openid", "person:export", "request:export")
    there = [name for row in found.rows for name in names_of(row.cells) if name] + names_of(found.others)
    assert sorted(there) == sorted(Scope.objects.values_list("name", flat=True))


def test_scope_that_is_allowed_and_retired_is_shown_as_such(admin_client):
    application = ApplicationFactory(scopes=["request:read"])
    Scope.objects.update(retired=True)
    page = admin_client.get(f"{LIST}{application.pk}/change/").content.decode()
    assert "Retired: effective for nobody." in page


def test_scope_that_is_not_retired_is_not_called_so(admin_client):
    ScopeFactory(name="request:read")
    assert "Retired: effective for nobody." not in admin_client.get(ADD).content.decode()


def test_cell_names_its_roles(admin_client):
    ScopeFactory(name="request:read", roles=[RoleFactory(name="auditor"), RoleFactory(name="specialist")])
    assert "Roles: auditor, specialist" in admin_client.get(ADD).content.decode()


NOBODY = "<strong>Nobody: no role permits it.</strong>"


@pytest.mark.parametrize("roles", [[], ["auditor"]], ids=["no role", "a role"])
def test_cell_of_a_scope_for_everyone_says_so(admin_client, roles):
    ScopeFactory(for_everyone=True, roles=[RoleFactory(name=name) for name in roles])
    assert '_roles">Everyone</span>' in admin_client.get(ADD).content.decode()


def test_cell_of_a_scope_that_is_permitted_to_nobody_is_marked(admin_client):
    ScopeFactory(for_everyone=False)
    assert NOBODY in admin_client.get(ADD).content.decode()


def test_cell_of_a_scope_with_a_role_does_not_say_nobody(admin_client, role):
    ScopeFactory(roles=[role])
    assert NOBODY not in admin_client.get(ADD).content.decode()


def test_checkbox_is_described_by_its_roles(admin_client):
    ScopeFactory(name="request:read")
    page = admin_client.get(ADD).content.decode()
    described_by = re.search(r'name="scopes"[^>]*aria-describedby="([^"]+)"', page)[1]
    assert f'id="{described_by}">' in page


def test_empty_catalogue_is_shown_as_a_message(admin_client):
    assert "There are no scopes yet." in admin_client.get(ADD).content.decode()


def test_form_error_keeps_ticked_scopes(admin_client):
    scope = ScopeFactory(name="request:read")
    page = admin_client.post(ADD, {"name": "", "scopes": [scope.pk]}).content.decode()
    assert re.search(r'name="scopes"[^>]* checked', page)


def test_scopes_of_an_application_are_ticked(admin_client):
    application = ApplicationFactory(scopes=["request:read"])
    ScopeFactory(name="request:create")
    page = admin_client.get(f"{LIST}{application.pk}/change/").content.decode()
    assert len(re.findall(r'name="scopes"[^>]* checked', page)) == 1


def test_name_with_markup_is_shown_as_text(admin_client):
    ScopeFactory(name="request:read", wording="<b>bold</b>")
    assert "<b>bold" not in admin_client.get(ADD).content.decode()


def test_who_may_only_view_reads_the_names(staff):
    application = ApplicationFactory(scopes=["request:read"])
    page = staff("view_application").get(f"{LIST}{application.pk}/change/").content.decode()
    assert "request:read" in page
    assert 'name="scopes"' not in page
    assert Application.objects.get().scopes.exists()
