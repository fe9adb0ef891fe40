import pytest

from tests.factories import ApplicationFactory, PublicApplicationFactory, issue_secret
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
def other(browser):
    """Another application that the same user might allow."""
    application = ApplicationFactory(scopes=["request:read"])
    return ThirdParty(browser, application, issue_secret(application))


@pytest.fixture
def mobile(browser):
    """A public application."""
    return ThirdParty(browser, PublicApplicationFactory(scopes=["request:read"]))
