from datetime import UTC, datetime

import pytest
from django.db import connection, models

from fourme_oauth.models import Application, ClientSecret, Scope
from fourme_oauth.models.compiled_query import CompiledQuery, Parameter, columns_of, instance_of
from tests.factories import ApplicationFactory, ScopeFactory, issue_secret

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def by_name():
    return Scope.objects.filter(name=Parameter("name", models.CharField())).values_list("name", "retired")


@pytest.fixture
def statement():
    return CompiledQuery(by_name)


def test_each_execution_brings_its_own_value(db, statement):
    ScopeFactory(name="request:read")
    ScopeFactory(name="person:read", retired=True)
    rows = [statement.rows("default", name=name) for name in ("person:read", "request:read", "unknown")]
    assert rows == [[("person:read", True)], [("request:read", False)], []]


def test_it_is_written_once(db):
    written = []
    statement = CompiledQuery(lambda: written.append(1) or by_name())
    for name in ("person:read", "request:read"):
        statement.rows("default", name=name)
    assert len(written) == 1


def test_what_was_found_is_not_kept(db, statement):
    ScopeFactory(name="request:read")
    statement.rows("default", name="request:read")
    Scope.objects.update(retired=True)
    assert statement.rows("default", name="request:read") == [("request:read", True)]


def test_execute_wrappers_see_it(db, statement):
    seen = []
    with connection.execute_wrapper(lambda execute, *call: seen.append(call[1]) or execute(*call)):
        statement.rows("default", name="request:read")
    assert seen == [["request:read"]]


def test_the_query_log_counts_it(db, statement, django_assert_num_queries):
    with django_assert_num_queries(1):
        statement.rows("default", name="request:read")


def test_a_value_is_no_part_of_the_statement(db, statement):
    ScopeFactory(name="request:read")
    assert statement.rows("default", name="' OR '1' = '1") == []


def test_a_moment_is_compared_as_the_database_stores_it(db, application):
    ClientSecret.objects.filter(application=application).delete()
    issue_secret(application)
    ClientSecret.objects.update(expires_at=NOON)
    moments = [NOON.replace(hour=11), NOON]
    assert [len(ClientSecret.objects.live_of(application.pk, now)) for now in moments] == [1, 0]


def test_an_instance_is_whole(db, django_assert_num_queries):
    application = ApplicationFactory()
    (row,) = CompiledQuery(lambda: Application.objects.values_list(*columns_of(Application))).rows("default")
    with django_assert_num_queries(0):
        read = vars(instance_of(Application, row, "default"))
    assert {name: value for name, value in read.items() if name != "_state"} == {
        field.attname: getattr(Application.objects.get(pk=application.pk), field.attname)
        for field in Application._meta.concrete_fields
    }
