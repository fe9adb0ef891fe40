import pytest
from django.db import connection
from django.utils import timezone
from django.utils.connection import ConnectionDoesNotExist

from fourme_oauth.models import AccessToken, Application, bearer_query
from tests.factories import ScopeFactory


@pytest.fixture
def find(token):
    return lambda: bearer_query.find(token, now=timezone.now())


def columns(instance):
    return {field.attname: getattr(instance, field.attname) for field in instance._meta.concrete_fields}


def test_user_is_found_whole(find, user, django_assert_num_queries):
    user.refresh_from_db()
    found = find().token.user
    with django_assert_num_queries(0):
        assert columns(found) == columns(user)


def test_user_can_be_saved(find, user):
    found = find().token.user
    found.first_name = "Another"
    found.save()
    user.refresh_from_db()
    assert user.first_name == "Another"


def test_what_most_want_of_the_application_was_read(find, application, django_assert_num_queries):
    found = find().application
    with django_assert_num_queries(0):
        assert (found.pk, found.client_id, found.name, found.disabled) == (
            application.pk,
            application.client_id,
            application.name,
            False,
        )


def test_disabled_application_is_not_found(find, application):
    Application.objects.filter(pk=application.pk).update(disabled=True)
    assert find() is None


def test_scopes_come_from_the_statement(find, user, role, django_assert_num_queries):
    ScopeFactory(name="request:create", roles=[role])
    with django_assert_num_queries(1):
        found = find()
        assert (found.allowed, found.permitted) == ({"request:read", "request:create"}, {"request:read"})


def test_application_without_scopes_is_found(find, application):
    application.scopes.clear()
    assert find().allowed == frozenset()


def test_what_was_not_read_of_the_application_is_read_when_asked_for(find, application):
    assert columns(find().token.application) == columns(Application.objects.get(pk=application.pk))


def test_what_was_not_read_of_the_token_is_read_when_asked_for(find, token):
    assert columns(find().token) == columns(AccessToken.objects.get())


def test_execute_wrappers_of_the_connection_see_the_statement(find):
    seen = []

    def watch(execute, sql, params, many, context):
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        find()
    assert len(seen) == 1


def test_statement_goes_where_the_routers_say(find, settings):
    settings.DATABASE_ROUTERS = ["tests.models.test_bearer_query.Nowhere"]
    with pytest.raises(ConnectionDoesNotExist):
        find()


JOIN = "SELECT toy.name\nLEFT JOIN toys toy ON toy.owner_id = token.user_id\nWHERE toy.id > 0"


def test_postgresql_is_kept_from_weighing_orders_of_joining():
    fenced = "SELECT id, name FROM toys toy WHERE toy.owner_id = token.user_id OFFSET 0"
    joined = f"SELECT toy.name\nLEFT JOIN LATERAL ({fenced}) toy ON TRUE\nWHERE toy.id > 0"
    assert bearer_query.as_fenced_lateral(JOIN) == joined


def test_it_is_compiled_once(find, monkeypatch):
    find()
    monkeypatch.delattr(bearer_query, "CompiledQuery")
    assert find() is not None


class Nowhere:
    def db_for_read(self, model, **hints):
        return "nowhere"
