import pytest
from django.db import connection
from django.utils import timezone
from django.utils.connection import ConnectionDoesNotExist

from fourme_oauth.models import AccessToken, Application, presented_token


@pytest.fixture
def find(token):
    return lambda: presented_token.find(token, now=timezone.now())


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
    settings.DATABASE_ROUTERS = ["tests.models.test_presented_token.Nowhere"]
    with pytest.raises(ConnectionDoesNotExist):
        find()


class Nowhere:
    def db_for_read(self, model, **hints):
        return "nowhere"
