import pytest

from tests.factories import LinkedApplicationFactory, PublicApplicationFactory, issue_secret
from tests.third_party import ThirdParty


@pytest.fixture
def browser(client, user):
    """The browser of a user who is signed in."""
    client.force_login(user)
    return client


@pytest.fixture
def third_party(browser, application, secret):
    return ThirdParty(browser, application, secret)


@pytest.fixture
def mobile(browser):
    """A public application, with a private-use redirect URI."""
    return ThirdParty(browser, PublicApplicationFactory(scopes=["request:read"]))


@pytest.fixture
def nightly(db):
    """An application with the client credentials grant; no user takes part."""
    application = LinkedApplicationFactory(scopes=["request:read"])
    return ThirdParty(None, application, issue_secret(application))
