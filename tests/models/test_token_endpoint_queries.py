import pytest
from django.utils import timezone

from fourme_oauth.models import Authorization, ClientSecret, scope, token_endpoint_queries
from fourme_oauth.models.compiled_query import CompiledQuery
from tests.factories import mint_code, mint_refresh_token


@pytest.fixture
def lookups(application, authorization, user):
    code, refresh_token = mint_code(authorization), mint_refresh_token(authorization)
    of_both = (user.pk, application.pk)
    return {
        "application": lambda: token_endpoint_queries.find_application(application.client_id),
        "code": lambda: token_endpoint_queries.find_code(code, application),
        "refresh token": lambda: token_endpoint_queries.find_refresh_token(refresh_token, application),
        "facts": lambda: scope.facts(application, user),
        "authorization": lambda: Authorization.objects.lock_standing(*of_both, generation=authorization.generation),
        "client secrets": lambda: ClientSecret.objects.live_of(application.pk, timezone.now()),
    }


NAMES = ["application", "code", "refresh token", "facts", "authorization", "client secrets"]


@pytest.mark.parametrize("name", NAMES)
def test_it_is_compiled_once(lookups, name, monkeypatch):
    first = lookups[name]()
    monkeypatch.delattr(CompiledQuery, "of")
    assert lookups[name]() == first


@pytest.mark.parametrize("name", NAMES)
def test_each_takes_one_query(lookups, name, django_assert_num_queries):
    lookups[name]()
    with django_assert_num_queries(1):
        lookups[name]()


@pytest.mark.parametrize("name", ["code", "refresh token"])
def test_the_user_and_the_application_were_read_with_it(lookups, name, user, application, django_assert_num_queries):
    found = lookups[name]()
    with django_assert_num_queries(0):
        assert (found.user.username, found.application.name) == (user.username, application.name)


@pytest.mark.parametrize("name", ["code", "refresh token"])
def test_what_the_authorization_says_now_was_read_with_it(lookups, name, authorization):
    found = lookups[name]()
    assert (found.authorized_scopes, found.authorization_confirmed_at) == (
        authorization.scopes,
        authorization.confirmed_at,
    )
