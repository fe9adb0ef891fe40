"""Journeys go over real HTTP: a served site, browsers, and third-party applications."""

from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import pytest

from demo_project.seed.document import seed
from tests.journeys.sites import Administrator, Site
from tests.journeys.third_parties import REDIRECT_URI, HandWritten, WithLibrary


@pytest.fixture
def service(live_server):
    """The demo, served: its document says where everything is and who is there."""
    return seed(base_url=live_server.url, rotate_secrets=True)


def site_of(document):
    """The demo as any other site: of what is its own, nothing."""
    passwords = {name: user["password"] for name, user in document["users"].items()}
    return Site(base_url=document["base_url"], passwords=passwords)


@pytest.fixture
def site(service):
    return site_of(service)


@pytest.fixture
def sign_in(service):
    return site_of(service).sign_in


@pytest.fixture
def administrator(sign_in):
    return Administrator(sign_in("admin"))


@pytest.fixture(params=[HandWritten, pytest.param(WithLibrary, marks=pytest.mark.once)])
def kind_of_third_party(request):
    """Somebody's own few lines, and a library that others wrote."""
    return request.param


@pytest.fixture
def registered(kind_of_third_party, site, administrator, monkeypatch):
    """A third-party application that an administrator has registered."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # the service is on loopback
    # A site may have seen many journeys.
    name = f"Journey {uuid4()}"
    page = administrator.register(name=name).page
    return kind_of_third_party(site, name, page.text("client-id"), page.text("client-secret"))


def answer_of(visit):
    """What the browser carries to the redirect URI."""
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
