import gc
from contextlib import ExitStack, contextmanager
from threading import Condition

import pytest
from django.core import signals
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import override_settings
from django.utils import translation

from tests.factories import ApplicationFactory, RoleFactory, UserFactory, authorize, issue_secret, mint_access_token
from tests.third_party import ThirdParty

pytest_plugins = ["fourme_oauth.testing.plugin"]

# Django and its applications stay, and every test makes many objects more: looking through all of them as often as
# Python does by itself is a twentieth of the whole run.
gc.freeze()
gc.set_threshold(100_000, 20, 50)


@pytest.fixture
def user(db):
    return UserFactory()


@pytest.fixture
def application(db):
    return ApplicationFactory(scopes=["request:read", "request:create"])


@pytest.fixture
def secret(application):
    return issue_secret(application)


@pytest.fixture
def authorization(user, application):
    return authorize(user, application)


@pytest.fixture
def token(authorization):
    return mint_access_token(authorization)


@pytest.fixture
def third_party(client, application, secret):
    """The third-party application, in process; the test client is the user's browser."""
    return ThirdParty(client, application, secret)


@pytest.fixture(scope="module")
def empty_database(django_db_setup, django_db_blocker):
    """Make an empty database beside the one that tests use, on the same server, and return its settings."""
    if connection.vendor == "sqlite":
        pytest.skip("needs a database server")
    quote = connection.ops.quote_name

    def execute(statement):
        with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
            cursor.execute(statement)

    with ExitStack() as made:

        def empty_database(purpose):
            # Each worker has a test database, and so a name, of its own.
            name = f"{connection.settings_dict['NAME']}_{purpose}"
            execute(f"DROP DATABASE IF EXISTS {quote(name)}")
            execute(f"CREATE DATABASE {quote(name)}")
            made.callback(execute, f"DROP DATABASE {quote(name)}")
            keys = "ENGINE", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS"
            return {key: connection.settings_dict[key] for key in keys} | {"NAME": name}

        yield empty_database


@pytest.fixture
def role(db):
    return RoleFactory()


@pytest.fixture(autouse=True)
def language_of_the_site():
    """Reset the active language, which a request leaves activated in its thread."""
    yield
    translation.deactivate()


@contextmanager
def served_to_the_end():
    """
    Wait until no live server is still processing a request.

    It records failed requests after it has sent the response, so a client with the response does not wait for that.
    """
    changed, in_progress = Condition(), 0

    def count(change):
        nonlocal in_progress
        with changed:
            in_progress += change
            changed.notify_all()

    def started(**_kwargs):
        count(1)

    def finished(**_kwargs):
        count(-1)

    signals.request_started.connect(started)
    signals.request_finished.connect(finished)
    yield
    with changed:
        is_quiet = changed.wait_for(lambda: in_progress == 0, timeout=30)
    signals.request_started.disconnect(started)
    signals.request_finished.disconnect(finished)
    assert is_quiet, "The live server has not come to the end of a request."


@pytest.fixture(autouse=True)
def no_table_emptied_meanwhile(request):
    """Flush no table while the live server is still processing a request."""
    if "live_server" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("transactional_db")
    with served_to_the_end():
        yield


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords():
    """Use a fast password hasher; Django's default takes half a second per sign-in."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True)
def empty_cache():
    """Clear the cache, so that counters of one test do not affect another."""
    cache.clear()


@pytest.fixture
def database_is_down():
    """Call a function while the database is unavailable, and return its result."""

    def fail(execute, sql, parameters, many, context):
        raise OperationalError("the server went away")

    def database_is_down(act):
        with connection.execute_wrapper(fail):
            return act()

    return database_is_down
