import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests import forgetful_site as site_of
from tests.factories import RoleFactory, ScopeFactory
from tests.forgetful_site import at, routed, site


@pytest.fixture
def oauth_scopes(settings, db):
    """Return the output of the command for a site with these URLs."""

    def oauth_scopes(*addresses, **options):
        settings.ROOT_URLCONF = site(*addresses)
        output = StringIO()
        call_command("oauth_scopes", stdout=output, **options)
        return output.getvalue()

    return oauth_scopes


@pytest.fixture
def rows(oauth_scopes):
    """Return the lines below the headings, as cells."""

    def rows(*addresses):
        _, _, *lines = oauth_scopes(*addresses, format="markdown").splitlines()
        return [tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in lines]

    return rows


def test_a_table_is_printed(oauth_scopes):
    ScopeFactory(name="request:read", roles=[RoleFactory(name="specialist"), RoleFactory(name="auditor")])
    assert oauth_scopes(at("it/", site_of.Declared)).splitlines() == [
        "Scope         Endpoint  Method  Roles",
        "request:read  /it/      GET     auditor, specialist",
    ]


def test_a_table_is_printed_for_a_page_of_markdown(oauth_scopes):
    ScopeFactory(name="request:read", roles=[RoleFactory(name="a|b")])
    assert oauth_scopes(at("it/", site_of.Declared), format="markdown").splitlines() == [
        "| Scope | Endpoint | Method | Roles |",
        "| --- | --- | --- | --- |",
        "| request:read | /it/ | GET | a\\|b |",
    ]


def test_a_table_is_printed_for_programs(oauth_scopes):
    ScopeFactory(name="request:read", roles=[RoleFactory(name="auditor")])
    assert json.loads(oauth_scopes(at("it/", site_of.Declared), format="json")) == [
        {
            "access": "scope",
            "scope": "request:read",
            "together_with": [],
            "endpoint": "/it/",
            "method": "GET",
            "view": "tests.forgetful_site.Declared",
            "for_everyone": False,
            "roles": ["auditor"],
            "in_catalogue": True,
        }
    ]


@pytest.mark.parametrize("for_everyone", [True, False])
def test_programs_tell_a_scope_without_roles_from_one_that_is_unknown(oauth_scopes, for_everyone):
    ScopeFactory(name="request:read", for_everyone=for_everyone)
    entries = json.loads(oauth_scopes(routed(site_of.Requests), format="json"))
    told = {entry["scope"]: (entry["for_everyone"], entry["roles"], entry["in_catalogue"]) for entry in entries}
    unknown = (None, None, False)
    assert told == {"request:read": (for_everyone, [], True), "request:create": unknown, None: unknown}


def test_scope_for_everyone_is_marked_whatever_its_roles(rows):
    ScopeFactory(name="request:read", roles=[RoleFactory()], for_everyone=True)
    assert rows(at("it/", site_of.Declared)) == [("request:read", "/it/", "GET", "(everybody)")]


def test_scope_that_is_permitted_to_nobody_is_marked(rows):
    ScopeFactory(name="request:read", for_everyone=False)
    assert rows(at("it/", site_of.Declared)) == [("request:read", "/it/", "GET", "(nobody)")]


def test_methods_that_are_left_out_are_closed(rows):
    assert rows(routed(site_of.Requests)) == [
        ("request:create", "/things/", "POST", "(not in the catalogue)"),
        ("request:read", "/things/", "GET", "(not in the catalogue)"),
        ("request:read", "/things/{pk}/", "GET", "(not in the catalogue)"),
        ("(closed to applications)", "/things/{pk}/", "DELETE", ""),
        ("(closed to applications)", "/things/{pk}/", "PATCH", ""),
        ("(closed to applications)", "/things/{pk}/", "PUT", ""),
    ]


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (site_of.Undeclared, "(closed to applications)"),
        (type("Any", (site_of.Protected,), {"required_scopes": []}), "(any living token)"),
        (site_of.Unasked, "(no scope is asked for)"),
        (site_of.Open, "(no scope is asked for)"),
        (site_of.Mistaken, "(can't be read: see manage.py check)"),
    ],
    ids=["undeclared", "any token", "unasked", "open", "mistaken"],
)
def test_endpoint_without_a_required_scope_is_marked(rows, view, words):
    assert rows(at("it/", view)) == [(words, "/it/", "GET", "")]


def test_each_scope_is_listed_with_scopes_required_beside_it(rows):
    ScopeFactory(name="request:close")
    assert rows(at("it/", site_of.Alternatives)) == [
        ("request:close", "/it/", "GET", "(everybody)"),
        ("request:create (with request:read)", "/it/", "GET", "(not in the catalogue)"),
        ("request:read (with request:create)", "/it/", "GET", "(not in the catalogue)"),
    ]


def test_scope_that_no_endpoint_requires_is_marked(rows):
    ScopeFactory(name="request:delete", roles=[RoleFactory(name="auditor")])
    assert rows() == [("request:delete", "(none)", "", "auditor")]


def test_a_scope_that_is_retired_is_not_in_the_catalogue(rows):
    ScopeFactory(name="request:read", retired=True)
    assert rows(at("it/", site_of.Declared)) == [("request:read", "/it/", "GET", "(not in the catalogue)")]


def test_plain_view_is_listed(rows):
    ScopeFactory(name="request:export")
    assert rows(at("it/", site_of.plain)) == [("request:export", "/it/", "ANY", "(everybody)")]


@pytest.mark.parametrize("number", [1, 4])
def test_the_catalogue_is_two_queries(oauth_scopes, number, django_assert_num_queries):
    for each in range(number):
        ScopeFactory(name=f"scope:{each}", roles=[RoleFactory(), RoleFactory()])
    with django_assert_num_queries(2):
        oauth_scopes(at("it/", site_of.Declared))


def test_another_format_is_refused(oauth_scopes):
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("oauth_scopes", "--format=xml")


def test_site_without_tables_gets_an_error_message(oauth_scopes, database_is_down):
    with pytest.raises(CommandError, match="Has the site been migrated"):
        database_is_down(oauth_scopes)
