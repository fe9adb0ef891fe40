import json

import pytest

from tests.host_site import HostSite

TABLES = ["accesstoken", "application", "devicegrant", "grant", "idtoken", "refreshtoken"]

SCHEMA = """
import json
from django.db import connection

introspection = connection.introspection

def named(name, facts):
    # What a database named by counting says nothing.
    counted = name.startswith(("__unnamed_constraint_", "fk_", "__primary__"))
    return ["" if counted else name, {key: str(value) for key, value in sorted(facts.items())}]

def table(cursor, name):
    description = introspection.get_table_description(cursor, name)
    columns = {column.name: [str(fact) for fact in column[1:]] for column in description}
    constraints = introspection.get_constraints(cursor, name)
    return {"columns": columns, "constraints": sorted((named(*each) for each in constraints.items()), key=str)}

with connection.cursor() as cursor:
    tables = [name for name in introspection.table_names(cursor) if name.startswith("oauth2_provider_")]
    print(json.dumps({name: table(cursor, name) for name in tables}))
"""


@pytest.fixture
def site(tmp_path):
    return HostSite(tmp_path)


def schema_of(folder, *, database=None, ours):
    """What the database says of the toolkit's tables, made by our first migration or by all of the toolkit's."""
    folder.mkdir()
    site = HostSite(folder, database)
    if ours:
        site.succeed("migrate", "fourme_oauth", "0001", "--verbosity=0")
    else:
        site.run_the_toolkit_only()
        site.succeed("migrate", "--verbosity=0")
    return json.loads(site.python(SCHEMA))


@pytest.fixture(scope="module")
def schemas(tmp_path_factory):
    """Ours and the toolkit's, on SQLite."""
    folder = tmp_path_factory.mktemp("schemas")
    return schema_of(folder / "ours", ours=True), schema_of(folder / "toolkit", ours=False)


@pytest.mark.once
def test_the_models_have_all_their_migrations(site):
    site.succeed("migrate", "--verbosity=0")
    assert "No changes detected" in site.succeed("makemigrations", "--check")


@pytest.mark.once
def test_the_toolkit_can_be_migrated_first_and_in_part(site):
    site.succeed("migrate", "oauth2_provider", "0001", "--verbosity=0")
    site.succeed("migrate", "--verbosity=0")
    assert "[ ]" not in site.succeed("showmigrations")


@pytest.mark.once
def test_the_toolkit_makes_no_tables_beside_ours(site):
    site.succeed("migrate", "--verbosity=0")
    of_applications_and_scopes = "oauth2_provider_application_scopes"
    assert set(json.loads(site.python(SCHEMA))) - {of_applications_and_scopes} == {
        f"oauth2_provider_{name}" for name in TABLES
    }


@pytest.mark.once
def test_what_we_added_can_be_taken_back(site, schemas):
    site.succeed("migrate", "--verbosity=0")
    site.succeed("migrate", "fourme_oauth", "0001", "--verbosity=0")
    assert json.loads(site.python(SCHEMA)) == schemas[0]


@pytest.mark.once
def test_our_first_migration_makes_the_tables_of_the_toolkit(schemas):
    ours, toolkit = schemas
    assert sorted(ours) == sorted(toolkit) == [f"oauth2_provider_{name}" for name in TABLES]


@pytest.mark.once
@pytest.mark.parametrize("part", ["columns", "constraints"])
@pytest.mark.parametrize("table", TABLES)
def test_our_first_migration_is_the_schema_of_the_toolkit(schemas, table, part):
    ours, toolkit = (schema[f"oauth2_provider_{table}"][part] for schema in schemas)
    assert ours == toolkit


@pytest.mark.server
def test_our_first_migration_is_the_schema_of_the_toolkit_on_a_database_server(empty_database, tmp_path):
    ours, toolkit = empty_database("ours"), empty_database("toolkit")
    assert schema_of(tmp_path / "ours", database=ours, ours=True) == schema_of(
        tmp_path / "toolkit", database=toolkit, ours=False
    )
