from datetime import UTC, datetime

import pytest
from django.db import connection, models
from django.db.models import Q, Value
from django.db.models.functions import Concat

from fourme_oauth.models import Application, ClientSecret, Scope
from fourme_oauth.models.compiled_query import CompiledQuery, Parameter
from tests.factories import ApplicationFactory, ScopeFactory, UserFactory, issue_secret

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def query():
    return CompiledQuery.of(Scope.objects.all(), "name", "retired", by=["name"])


def all_values(query, *names, **given):
    return [query.values(row, *names) for row in query.rows(**given)]


def test_each_execution_brings_its_own_value(db, query):
    ScopeFactory(name="request:read")
    ScopeFactory(name="person:read", retired=True)
    found = [all_values(query, "name", "retired", name=name) for name in ("person:read", "request:read", "unknown")]
    assert found == [[["person:read", True]], [["request:read", False]], []]


def test_what_was_found_is_not_kept(db, query):
    ScopeFactory(name="request:read")
    query.rows(name="request:read")
    Scope.objects.update(retired=True)
    assert all_values(query, "retired", name="request:read") == [[True]]


def test_execute_wrappers_see_it(db, query):
    seen = []
    with connection.execute_wrapper(lambda execute, *call: seen.append(call[1]) or execute(*call)):
        query.rows(name="request:read")
    assert seen == [{"name": "request:read"}]


def test_the_query_log_counts_it(db, query, django_assert_num_queries):
    with django_assert_num_queries(1):
        query.rows(name="request:read")


def test_the_query_log_says_with_which_values(db, query, django_assert_num_queries):
    with django_assert_num_queries(1) as queries:
        query.rows(name="request:read")
    assert "request:read" in queries[0]["sql"]


def test_a_value_is_no_part_of_the_sql(db, query):
    ScopeFactory(name="request:read")
    assert query.rows(name="' OR '1' = '1") == []


def test_a_value_may_have_what_looks_like_a_placeholder(db, query):
    ScopeFactory(name="100%s%(name)s%%")
    assert all_values(query, "name", name="100%s%(name)s%%") == [["100%s%(name)s%%"]]


def test_a_parameter_may_stand_in_two_places(db):
    ScopeFactory(name="same", wording="same")
    ScopeFactory(name="other", wording="another")
    text = Parameter("text", models.CharField())
    query = CompiledQuery.of(Scope.objects.filter(Q(name=text), Q(wording=text)), "name")
    assert [all_values(query, "name", text=each) for each in ("same", "other")] == [[["same"]], []]


def test_percent_signs_of_constants_stay(db):
    ScopeFactory(name="request:read", wording="100%s")
    ScopeFactory(name="person:read", wording="100 %")
    query = CompiledQuery.of(Scope.objects.filter(wording="100%s"), "wording", by=["name"])
    assert [all_values(query, "wording", name=name) for name in ("request:read", "person:read")] == [[["100%s"]], []]


def test_percent_signs_of_sql_stay(db):
    ScopeFactory(name="request:read")
    text = models.expressions.RawSQL("'%%s%%%%' || %s", ["%s"], output_field=models.CharField())
    if connection.vendor == "mysql":
        text = models.expressions.RawSQL("CONCAT('%%s%%%%', %s)", ["%s"], output_field=models.CharField())
    query = CompiledQuery.of(Scope.objects.annotate(text=text), "text", by=["name"])
    assert all_values(query, "text", name="request:read") == [["%s%%%s"]]


def test_constants_keep_their_places_among_parameters(db):
    ScopeFactory(name="request:read", wording="Read requests")
    text = Concat(Value("<"), Parameter("text", models.CharField()), Value(">"), output_field=models.CharField())
    query = CompiledQuery.of(Scope.objects.filter(retired=False).annotate(text=text), "text", "wording", by=["name"])
    assert all_values(query, "text", "wording", name="request:read", text="-") == [["<->", "Read requests"]]


def test_a_moment_is_compared_as_the_database_stores_it(db, application):
    ClientSecret.objects.filter(application=application).delete()
    issue_secret(application)
    ClientSecret.objects.update(expires_at=NOON)
    moments = [NOON.replace(hour=11), NOON]
    assert [len(ClientSecret.objects.live_of(application.pk, now)) for now in moments] == [1, 0]


def test_an_instance_is_whole(db, django_assert_num_queries):
    application = ApplicationFactory()
    query = CompiledQuery.of(Application.objects.all())
    (row,) = query.rows()
    with django_assert_num_queries(0):
        read = vars(query.instance(Application, row))
    assert {name: value for name, value in read.items() if name != "_state"} == {
        field.attname: getattr(Application.objects.get(pk=application.pk), field.attname)
        for field in Application._meta.concrete_fields
    }


def test_an_instance_of_another_model_stands_behind_its_prefix(db):
    application = ApplicationFactory(linked_user=UserFactory(username="anna"))
    query = CompiledQuery.of(Application.objects.all(), "linked_user__id", "linked_user__username", by=["id"])
    (row,) = query.rows(id=application.pk)
    assert query.instance(type(application.linked_user), row, prefix="linked_user__").username == "anna"


class Counted(models.TextField):
    converted = 0

    def from_db_value(self, value, expression, connection):
        Counted.converted += 1
        return value


@pytest.fixture
def counted(monkeypatch):
    monkeypatch.setattr(Counted, "converted", 0)
    ScopeFactory(name="request:read")
    text = models.ExpressionWrapper(models.F("wording"), output_field=Counted())
    return CompiledQuery.of(Scope.objects.annotate(text=text), "name", "text")


def test_what_is_not_asked_for_is_not_converted(db, counted):
    (row,) = counted.rows()
    counted.values(row, "name")
    assert Counted.converted == 0


def test_what_is_asked_for_is_converted(db, counted):
    (row,) = counted.rows()
    counted.values(row, "text")
    assert Counted.converted == 1
