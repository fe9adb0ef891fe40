"""The number of queries of a page does not depend on the number of rows."""

from uuid import uuid4

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fourme_oauth.models import Application, Authorization, ClientSecret
from tests.factories import ApplicationFactory, RoleFactory, ScopeFactory, UserFactory, authorize, mint_access_token

LIST = "/admin/fourme_oauth/application/"
AUTHORIZATIONS = "/admin/fourme_oauth/authorization/"
SIGNED_IN = 2
"""The session and the user."""


@pytest.fixture
def little(db):
    return a_lot_of(1)


@pytest.fixture
def a_lot(db):
    return a_lot_of(7)


def a_lot_of(number):
    """An application with so many users, tokens, scopes and retired secrets, and as many other applications."""
    names = [f"record{n}:read" for n in range(number)] + ["request:create"]
    for name in names:
        ScopeFactory(name=name, roles=[RoleFactory()])
    application = ApplicationFactory(scopes=names)
    ApplicationFactory.create_batch(number, scopes=names)
    for _ in range(number):
        mint_access_token(authorize(UserFactory(), application))
        ClientSecret.objects.create(
            application=application,
            digest=uuid4().hex,
            hint="abcd",
            issued_at=timezone.now(),
            issued_by=UserFactory(),
            retired_at=timezone.now(),
        )
    application.live = application.client_secrets.first()
    ClientSecret.objects.filter(pk=application.live.pk).update(retired_at=None)
    application.all = list(Application.objects.values_list("pk", flat=True))
    return application


def narrowing(application):
    return {
        "name": application.name,
        "authorization_grant_type": "authorization-code",
        "redirect_uris": application.redirect_uris,
    }


PAGES = {
    "list": (SIGNED_IN + 2, lambda browser, application: browser.get(LIST)),
    "search": (SIGNED_IN + 2, lambda browser, application: browser.get(LIST, {"q": "Application"})),
    "add": (SIGNED_IN + 2, lambda browser, application: browser.get(f"{LIST}add/")),
    "change": (SIGNED_IN + 10, lambda browser, application: browser.get(f"{LIST}{application.pk}/change/")),
    "issue": (SIGNED_IN + 1, lambda browser, application: browser.get(f"{LIST}{application.pk}/secrets/issue/")),
    "retire": (
        SIGNED_IN + 3,
        lambda browser, application: browser.get(f"{LIST}{application.pk}/secrets/{application.live.pk}/retire/"),
    ),
    "disable": (SIGNED_IN + 6, lambda browser, application: browser.get(f"{LIST}{application.pk}/disable/")),
    "end access": (SIGNED_IN + 6, lambda browser, application: browser.get(f"{LIST}{application.pk}/end-access/")),
    "disable several": (
        SIGNED_IN + 7,
        lambda browser, application: browser.post(
            LIST,
            {"action": "disable_selected", "_selected_action": application.all},
        ),
    ),
    "authorizations": (SIGNED_IN + 5, lambda browser, application: browser.get(AUTHORIZATIONS)),
    "authorizations of an application": (
        SIGNED_IN + 6,
        lambda browser, application: browser.get(AUTHORIZATIONS, {"application__id__exact": application.pk}),
    ),
    "confirm": (
        SIGNED_IN + 9,
        lambda browser, application: browser.post(f"{LIST}{application.pk}/change/", narrowing(application)),
    ),
}


def statements_of(browser, application, visit):
    # A process reads the content types once, and a test that empties the tables makes it forget them.
    ContentType.objects.get_for_models(Application, Authorization)
    with CaptureQueriesContext(connection) as queries:
        assert visit(browser, application).status_code == 200
    return [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]


@pytest.mark.parametrize("size", ["little", "a_lot"])
@pytest.mark.parametrize("page", PAGES)
def test_page_takes_a_fixed_number_of_queries(admin_client, request, page, size):
    expected, visit = PAGES[page]
    statements = statements_of(admin_client, request.getfixturevalue(size), visit)
    assert len(statements) == expected, "\n".join(statements)


def test_list_counts_what_was_found_once_and_no_other_table(admin_client, a_lot):
    statements = statements_of(admin_client, a_lot, PAGES["search"][1])
    counts = [statement for statement in statements if "COUNT(" in statement]
    assert len(counts) == 1
    assert "oauth2_provider_application" in counts[0]
