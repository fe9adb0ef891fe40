import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection

from fourme_oauth import checks
from fourme_oauth.models import Scope
from tests import forgetful_site as site_of
from tests.factories import ScopeFactory
from tests.forgetful_site import at, nested, routed, site
from tests.host_site import HostSite


@pytest.fixture
def messages(settings):
    """Return the messages for a site with these URLs; the check gets no database by default."""

    def messages(*addresses, databases=None):
        settings.ROOT_URLCONF = site(*addresses)
        return checks.check_coverage(databases=databases)

    return messages


@pytest.fixture
def compared(messages, db):
    """Return the messages of comparing with the catalogue."""
    return lambda *addresses: messages(*addresses, databases=["default"])


def ids(messages):
    return [message.id for message in messages]


# ── declarations ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "view", [site_of.Declared, site_of.AnyTokenWillDo, site_of.ForAnybody, site_of.ForSessions, site_of.plain]
)
def test_a_view_in_which_nothing_was_forgotten_is_left_alone(messages, view):
    assert messages(at("it/", view)) == []


def test_a_view_that_declares_nothing_is_named_with_the_line_to_add(messages):
    (message,) = messages(at("it/", site_of.Undeclared))
    assert message.id == "fourme_oauth.W003"
    assert message.msg == ("tests.forgetful_site.Undeclared declares no scope, so it is closed to every application.")
    assert 'required_scopes = ["request:read"]' in message.hint
    assert "HasEffectiveScope" not in message.hint


def test_undeclared_view_without_the_permission_gets_an_explaining_message(messages):
    (message,) = messages(at("it/", site_of.Open))
    assert message.id == "fourme_oauth.W003"
    assert message.msg.endswith("so every application may use it, whatever scopes it was granted.")
    assert "HasEffectiveScope" in message.hint


def test_a_function_view_that_declares_nothing_is_named(messages):
    (message,) = messages(at("it/", site_of.undeclared_function))
    assert message.msg.startswith("tests.forgetful_site.undeclared_function declares no scope,")
    assert '@required_scopes(["request:read"]) above @api_view' in message.hint


def test_actions_that_declare_nothing_are_named(messages):
    (message,) = messages(routed(site_of.Actions))
    assert message.msg.startswith("tests.forgetful_site.Actions declares no scope for close, reopen,")


def test_a_view_deep_in_includes_is_named(messages):
    assert ids(messages(nested(at("it/", site_of.Undeclared)))) == ["fourme_oauth.W003"]


def test_a_view_at_several_addresses_is_named_once(messages):
    assert ids(messages(at("it/", site_of.Undeclared), at("again/", site_of.Undeclared))) == ["fourme_oauth.W003"]


def test_a_dict_that_leaves_methods_out_is_a_declaration(messages):
    assert messages(routed(site_of.Requests)) == []


@pytest.mark.parametrize("view", [site_of.Unasked, site_of.Negated, site_of.ByHook])
def test_a_declaration_that_nothing_asks_for_is_named(messages, view):
    (message,) = messages(at("it/", view))
    assert message.id == "fourme_oauth.W004"
    assert message.msg.startswith(f"tests.forgetful_site.{view.__name__} declares scopes and asks for none,")


def test_a_closed_method_that_nothing_closes_is_named(messages):
    view = type("Unclosed", (site_of.Unasked,), {"required_scopes": {"POST": ["request:create"]}})
    assert ids(messages(at("it/", view))) == ["fourme_oauth.W004"]


def test_what_is_no_declaration_is_an_error(messages):
    (message,) = messages(at("it/", site_of.Mistaken))
    assert message.id == "fourme_oauth.E008"
    assert message.msg.startswith("required_scopes of tests.forgetful_site.Mistaken can't be read")
    assert message.is_serious()


# ── the catalogue ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_catalogue_that_has_all_that_is_declared_is_fine(compared):
    ScopeFactory(name="request:read")
    assert compared(at("it/", site_of.Declared)) == []


def test_a_scope_that_is_not_in_the_catalogue_is_named_with_the_views(compared):
    ScopeFactory(name="request:create")
    addresses = at("it/", site_of.Declared), at("plain/", site_of.plain_by_method)
    (message,) = compared(*addresses)
    assert message.id == "fourme_oauth.W005"
    assert message.msg == (
        "The scope 'request:read', required by tests.forgetful_site.Declared, tests.forgetful_site.plain_by_method,"
        " is not in the catalogue, so nobody can be granted it."
    )


def test_a_scope_that_differs_in_a_letter_is_another(compared):
    ScopeFactory(name="request:Read")
    assert ids(compared(at("it/", site_of.Declared))) == ["fourme_oauth.W005", "fourme_oauth.I001"]


def test_a_scope_that_is_retired_is_named(compared):
    ScopeFactory(name="request:read", wording="", retired=True)
    (message,) = compared(at("it/", site_of.Declared))
    assert message.id == "fourme_oauth.W005"
    assert "is retired" in message.msg


@pytest.mark.parametrize("wording", ["", " "])
def test_a_scope_without_wording_is_named(compared, wording):
    ScopeFactory(name="request:read", wording=wording)
    (message,) = compared(at("it/", site_of.Declared))
    assert message.id == "fourme_oauth.W006"
    assert "'request:read', required by tests.forgetful_site.Declared, has no wording" in message.msg


def test_a_scope_that_no_view_requires_is_information(compared):
    ScopeFactory(name="request:read")
    ScopeFactory(name="request:delete")
    (message,) = compared(at("it/", site_of.Declared))
    assert message.id == "fourme_oauth.I001"
    assert message.msg == "The scope 'request:delete' is in the catalogue, and no view requires it."
    assert message.level < 30  # below a warning


def test_retired_scope_that_no_view_requires_is_no_message(compared):
    ScopeFactory(name="request:read")
    ScopeFactory(name="request:delete", retired=True)
    assert compared(at("it/", site_of.Declared)) == []


def test_a_scope_that_only_a_plain_view_requires_is_required(compared):
    ScopeFactory(name="request:export")
    assert compared(at("it/", site_of.plain)) == []


def test_empty_catalogue_gives_no_message(compared):
    assert compared(at("it/", site_of.Declared)) == []


def test_every_message_says_what_to_do(compared):
    ScopeFactory(name="request:create", wording="")
    ScopeFactory(name="request:delete")
    views = site_of.Undeclared, site_of.Unasked, site_of.Mistaken, site_of.plain_by_method
    found = compared(*(at(f"{number}/", view) for number, view in enumerate(views)))
    assert sorted(ids(found)) == [f"fourme_oauth.{kind}" for kind in ("E008", "I001", "W003", "W004", "W005", "W006")]
    assert all(message.hint for message in found)


# ── the database ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("databases", [None, [], ["another"]])
def test_a_database_that_django_does_not_lend_is_not_asked(db, messages, databases, django_assert_num_queries):
    ScopeFactory(name="request:delete")
    with django_assert_num_queries(0):
        assert messages(at("it/", site_of.Declared), databases=databases) == []


@pytest.mark.parametrize("number", [1, 5])
def test_the_catalogue_is_one_query(compared, number, django_assert_num_queries):
    for each in range(number):
        ScopeFactory(name=f"scope:{each}")
    with django_assert_num_queries(1):
        compared(*(at(f"{each}/", site_of.Declared) for each in range(number)))


def test_a_site_without_an_api_is_not_asked_for_its_catalogue(compared, django_assert_num_queries):
    ScopeFactory()
    with django_assert_num_queries(0):
        assert compared() == []


def test_unavailable_database_gives_no_message(messages, db, database_is_down):
    ScopeFactory(name="request:delete")
    found = database_is_down(lambda: messages(at("it/", site_of.Undeclared), databases=["default"]))
    assert ids(found) == ["fourme_oauth.W003"]


def test_missing_table_gives_no_message(messages, transactional_db):
    with connection.schema_editor() as editor:
        editor.alter_db_table(Scope, Scope._meta.db_table, "moved_away")
    try:
        found = messages(at("it/", site_of.Declared), databases=["default"])
    finally:
        with connection.schema_editor() as editor:
            editor.alter_db_table(Scope, "moved_away", Scope._meta.db_table)
    assert found == []


def test_test_without_database_access_is_not_affected(messages):
    # pytest-django raises at database access.
    assert messages(at("it/", site_of.Declared), databases=["default"]) == []


# ── registered with Django ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def forgetful(settings, db):
    settings.ROOT_URLCONF = site(at("it/", site_of.Undeclared), at("plain/", site_of.plain))
    ScopeFactory(name="request:read")


def test_the_checks_run_with_djangos(forgetful):
    found = [message.id for message in run_checks() if str(message.id).startswith("fourme_oauth")]
    assert "fourme_oauth.W003" in found


def test_the_catalogue_is_compared_where_a_database_is_named(forgetful, capsys):
    call_command("check", databases=["default"])
    said = capsys.readouterr().err
    assert all(f"(fourme_oauth.{each})" in said for each in ("W003", "W005", "I001"))


def test_the_demo_has_forgotten_nothing(db):
    assert checks.check_coverage(databases=["default"]) == []


def test_a_site_without_rest_framework_is_told_by_another_check(monkeypatch):
    monkeypatch.setattr(checks.apps, "is_installed", lambda name: name != "rest_framework")
    assert checks.check_coverage() == []
    assert ids(checks.check_wiring()) == ["fourme_oauth.E003"]


FORGOTTEN = """
from rest_framework.views import APIView

from fourme_oauth.rest_framework import HasEffectiveScope, OAuth2Authentication


class Forgotten(APIView):
    authentication_classes = [OAuth2Authentication]
    permission_classes = [HasEffectiveScope]

    def get(self, request): ...


urlpatterns += [path("it/", Forgotten.as_view())]
"""


@pytest.mark.once
def test_a_site_that_has_never_migrated_is_checked_and_can_migrate(tmp_path):
    host = HostSite(tmp_path)
    host.use(host.settings, host.urls + FORGOTTEN)
    checked = host.manage("check", "--database", "default")
    assert checked.returncode == 0, checked.stderr
    assert "host_urls.Forgotten declares no scope" in checked.stderr
    assert "identified 1 issue" in checked.stderr
    host.succeed("migrate")
