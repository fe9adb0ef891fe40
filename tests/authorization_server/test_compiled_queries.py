"""The number of queries of each step, without transaction control and writes that happen once per interval."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import ScopeFactory

TRANSACTION_CONTROL = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT")


def statements(act):
    with CaptureQueriesContext(connection) as captured:
        act()
    executed = [query["sql"] for query in captured.captured_queries]
    return [statement for statement in executed if not statement.startswith(TRANSACTION_CONTROL)]


@pytest.fixture
def noted(third_party):
    """The application's secret was used already within this interval; nothing else has happened."""
    third_party.introspect("unknown")
    return third_party


def test_first_prompt_takes_five_queries(noted):
    assert len(statements(noted.authorize)) == 5


def test_first_consent_takes_nine_queries(noted):
    page = noted.authorize()
    assert len(statements(lambda: noted.answer("allow", page=page))) == 9


def test_consent_after_a_revocation_takes_nine_queries(noted, user, application):
    noted.tokens()
    user.authorizations.update(revoked_at="2026-01-01T00:00Z")
    page = noted.authorize()
    assert len(statements(lambda: noted.answer("allow", page=page))) == 9


def test_remembered_consent_takes_six_queries(noted):
    noted.tokens()
    assert len(statements(noted.authorize)) == 6


def test_exchange_takes_eight_queries(noted):
    code = noted.code()
    assert len(statements(lambda: noted.exchange(code))) == 8


def test_first_refresh_of_a_day_takes_three_more_queries_to_record_it(noted):
    refresh_token = noted.tokens()["refresh_token"]
    assert len(statements(lambda: noted.refresh(refresh_token))) == 9 + 3


def test_refresh_takes_nine_queries(noted):
    refresh_token = noted.refresh(noted.tokens()["refresh_token"]).json()["refresh_token"]
    assert len(statements(lambda: noted.refresh(refresh_token))) == 9


@pytest.mark.parametrize("scopes", [1, 40])
def test_exchange_takes_as_many_queries_with_many_scopes(noted, application, scopes):
    ScopeFactory.create_batch(scopes)
    code = noted.code()
    assert len(statements(lambda: noted.exchange(code))) == 8


def test_introspection_takes_three_queries(noted):
    access_token = noted.tokens()["access_token"]
    assert len(statements(lambda: noted.introspect(access_token))) == 3


def test_client_credentials_take_five_queries(nightly):
    nightly.introspect("unknown")
    assert len(statements(lambda: nightly.post("/oauth/token", grant_type="client_credentials"))) == 5
