import pytest

from tests.factories import ApplicationFactory, RoleFactory, UserFactory, authorize, issue_secret, mint_access_token
from tests.third_party import ThirdParty


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


@pytest.fixture
def role(db):
    return RoleFactory()


@pytest.fixture(autouse=True)
def cheap_passwords(settings):
    """Signing in is not what is tested; Django's own hashing takes half a second each time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
