"""Fixtures over real HTTP: a served site, browsers, and third-party applications."""

from functools import cache
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import pytest
from django.core.management import call_command
from pytest_django.live_server_helper import LiveServer

from demo_project.seed.document import seed
from tests.conftest import served_to_the_end
from tests.journeys.sites import Administrator, site_of
from tests.journeys.third_parties import REDIRECT_URI, HandWritten, WithLibrary


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker):
    """The served demo, shared by the tests of a module."""
    with django_db_blocker.unblock():
        server = LiveServer("127.0.0.1")
        with served_to_the_end():
            yield site_of(seed(base_url=server.url, rotate_secrets=True))
        server.stop()
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture(scope="module")
def signed_in(site):
    """Signed-in browsers by user name."""
    return cache(site.sign_in)


@pytest.fixture
def sign_in(signed_in):
    """Return a user's browser, signed in."""
    return signed_in


@pytest.fixture
def administrator(sign_in):
    return Administrator(sign_in("admin"))


@pytest.fixture(params=[HandWritten, pytest.param(WithLibrary, marks=pytest.mark.once)])
def kind_of_third_party(request):
    """A handwritten OAuth client, and requests-oauthlib."""
    return request.param


@pytest.fixture
def registered(kind_of_third_party, site, administrator, monkeypatch):
    """A third-party application that an administrator has registered."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # the service is on loopback
    # Other tests may have registered applications.
    name = f"Journey {uuid4()}"
    page = administrator.register(name=name).page
    return kind_of_third_party(site, name, page.text("client-id"), page.text("client-secret"))


def answer_of(visit):
    """The parameters of the redirect to the application."""
    assert visit.elsewhere is not None, visit.html
    assert visit.elsewhere.startswith(REDIRECT_URI)
    return dict(parse_qsl(urlsplit(visit.elsewhere).query))


def allow(browser, third_party, **demanded):
    """Go to the third-party application's link and allow what it asks, if it asks."""
    visit = browser.get(third_party.link(**demanded))
    if visit.elsewhere is None:
        visit = browser.submit(visit, visit.page.form_with_button("Allow"), button="Allow")
    return answer_of(visit)


@pytest.fixture
def specialist(sign_in):
    return sign_in("specialist")


@pytest.fixture
def connected(registered, specialist):
    """The third-party application with the specialist's tokens."""
    assert registered.exchange(allow(specialist, registered)) is None
    return registered
