"""Lists of the admin: allowed filters, the limited count, and the number of queries."""

import pytest
from django.contrib.auth.models import Group
from django.core.paginator import EmptyPage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fourme_oauth.admin import lists
from fourme_oauth.admin.lists import BoundedPaginator
from fourme_oauth.models import Application, AuditEvent, Authorization, FailedRequest, Scope
from tests.factories import ApplicationFactory, ScopeFactory, UserFactory, authorize, mint_code, mint_refresh_token

ADMIN = "/admin/fourme_oauth"
MODELS = ["application", "auditevent", "authorization", "failedrequest", "scope"]
GUESSES = {
    "application": ["client_secret__startswith", "client_secrets__digest__startswith", "user__password__startswith"],
    "auditevent": ["user__password__startswith", "by__password__startswith", "application__client_secret__startswith"],
    "authorization": ["user__password__startswith", "application__client_secrets__digest__startswith"],
    "scope": ["applications__client_secret__startswith", "applications__client_secrets__digest__startswith"],
    "failedrequest": ["fingerprint__startswith", "application__client_secret__startswith"],
}


@pytest.mark.parametrize(("model", "lookup"), [(model, lookup) for model in MODELS for lookup in GUESSES[model]])
def test_no_list_can_be_filtered_by_a_secret(admin_client, model, lookup):
    assert admin_client.get(f"{ADMIN}/{model}/", {lookup: "a"}).status_code == 400


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("table", ["accesstoken", "refreshtoken", "grant"])
def test_no_list_can_be_filtered_by_a_token_or_code(admin_client, model, table):
    lookup = f"application__{table}__token_checksum__startswith"
    assert admin_client.get(f"{ADMIN}/{model}/", {lookup: "a"}).status_code == 400


@pytest.mark.parametrize("model", MODELS)
def test_no_search_finds_by_a_secret_or_its_hash(admin_client, secret, authorization, model):
    digest = authorization.application.client_secrets.get().digest
    for text in (secret, digest, digest.partition("$")[2]):
        assert not admin_client.get(f"{ADMIN}/{model}/", {"q": text}).context["cl"].result_list


@pytest.mark.parametrize(
    ("model", "lookup"),
    [("application", "disabled__exact"), ("scope", "retired__exact"), ("auditevent", "kind__exact")],
    ids=["application", "scope", "auditevent"],
)
def test_a_list_accepts_its_own_filters(admin_client, model, lookup):
    assert admin_client.get(f"{ADMIN}/{model}/", {lookup: "0"}).status_code == 200


@pytest.fixture
def rows(application):
    return AuditEvent.objects.bulk_create(AuditEvent(kind="used") for _ in range(5))


@pytest.fixture
def bound(monkeypatch):
    monkeypatch.setattr(lists, "MOST_ROWS", 3)


@pytest.mark.usefixtures("rows", "bound")
def test_count_of_a_list_is_limited():
    paginator = BoundedPaginator(AuditEvent.objects.order_by("-at"), 2)
    assert (paginator.count, paginator.num_pages, paginator.is_cut_short) == (3, 2, True)


@pytest.mark.usefixtures("rows")
def test_list_below_the_limit_is_complete():
    paginator = BoundedPaginator(AuditEvent.objects.order_by("-at"), 2)
    assert (paginator.count, paginator.is_cut_short) == (5, False)


@pytest.mark.usefixtures("rows", "bound")
def test_there_is_no_page_beyond_the_limit():
    with pytest.raises(EmptyPage):
        BoundedPaginator(AuditEvent.objects.order_by("-at"), 2).page(3)


@pytest.mark.usefixtures("rows", "bound")
def test_truncated_list_says_so(admin_client):
    page = admin_client.get(f"{ADMIN}/auditevent/").content.decode()
    assert "These are the first 3. Search or filter to see others." in page


@pytest.mark.usefixtures("rows")
def test_complete_list_does_not_say_that_it_is_truncated(admin_client):
    assert "These are the first" not in admin_client.get(f"{ADMIN}/auditevent/").content.decode()


def statements(act):
    with CaptureQueriesContext(connection) as captured:
        act()
    return [query["sql"] for query in captured.captured_queries]


def fill(number):
    """Some more of everything that a page shows."""
    role, now = Group.objects.create(name=f"role {number}"), timezone.now()
    for each in range(number):
        application = ApplicationFactory(scopes=["request:read"])
        authorization = authorize(UserFactory(), application)
        mint_code(authorization)
        mint_refresh_token(authorization)
        ScopeFactory(name=f"record{number}:{each}", roles=[role])
        FailedRequest.objects.create(
            application=application, kind="other", fingerprint=str(each), first_at=now, last_at=now
        )


def pages():
    """The address of every page of the administration around applications, for whatever is there first."""
    authorization = Authorization.objects.order_by("pk").first()
    pair = f"application={authorization.application_id}&user={authorization.user_id}"
    filtered = f"application__id__exact={authorization.application_id}"
    return {
        "applications": f"{ADMIN}/application/",
        "authorizations": f"{ADMIN}/authorization/",
        "authorizations of an application": f"{ADMIN}/authorization/?{filtered}",
        "authorizations of a user": f"{ADMIN}/authorization/?user__id__exact={authorization.user_id}",
        "authorizations found": f"{ADMIN}/authorization/?q=Application",
        "authorization": f"{ADMIN}/authorization/{authorization.pk}/change/",
        "revoking": f"{ADMIN}/authorization/{authorization.pk}/revoke/",
        "effective access": f"{ADMIN}/authorization/explain/?{pair}",
        "audit events": f"{ADMIN}/auditevent/",
        "audit events of a kind": f"{ADMIN}/auditevent/?kind__exact=authorized",
        "audit events found": f"{ADMIN}/auditevent/?q=user1",
        "audit events of a period": f"{ADMIN}/auditevent/?from=2026-01-01&until=2126-01-01",
        "audit event": f"{ADMIN}/auditevent/{AuditEvent.objects.order_by('pk').first().pk}/change/",
        "failed requests": f"{ADMIN}/failedrequest/",
        "failed requests of an application": f"{ADMIN}/failedrequest/?{filtered}",
        "scopes": f"{ADMIN}/scope/",
        "scope": f"{ADMIN}/scope/{Scope.objects.order_by('pk').first().pk}/change/",
    }


QUERIES = {
    "applications": 4,
    "authorizations": 7,
    "authorizations of an application": 8,
    "authorizations of a user": 8,
    "authorizations found": 9,
    "authorization": 10,
    "revoking": 7,
    "effective access": 11,
    "audit events": 4,
    "audit events of a kind": 4,
    "audit events found": 6,
    "audit events of a period": 4,
    "audit event": 6,
    "failed requests": 4,
    "failed requests of an application": 5,
    "scopes": 6,
    "scope": 9,
}
"""How many statements each page takes, whatever the tables hold; the two that find session and user are among them."""


@pytest.mark.parametrize("page", QUERIES)
@pytest.mark.parametrize("number", [1, 4])
def test_a_page_takes_as_many_queries_however_much_there_is(admin_client, page, number):
    fill(number)
    address = pages()[page]
    assert admin_client.get(address).status_code == 200
    assert len(statements(lambda: admin_client.get(address))) == QUERIES[page]


def test_every_page_is_counted(db):
    fill(1)
    assert set(pages()) == set(QUERIES)


@pytest.mark.parametrize("page", [name for name in QUERIES if not name.startswith("scope")])
def test_no_list_counts_a_whole_table(admin_client, page):
    fill(1)
    address = pages()[page]
    counted = [sql for sql in statements(lambda: admin_client.get(address)) if "COUNT(" in sql.upper()]
    tables = [model._meta.db_table for model in (Application, AuditEvent, Authorization, FailedRequest)]
    assert not [sql for sql in counted if "LIMIT" not in sql and any(f'FROM "{table}"' in sql for table in tables)]


# Filters

AUTHORIZATIONS = f"{ADMIN}/authorization/"


def listed(response):
    return list(response.context["cl"].result_list)


@pytest.fixture
def another(authorization):
    return authorize(UserFactory(), ApplicationFactory(name="Another", scopes=["request:read"]))


def test_a_list_is_narrowed_to_an_application(admin_client, authorization, another):
    of_another = {"application__id__exact": another.application_id}
    assert listed(admin_client.get(AUTHORIZATIONS, of_another)) == [another]


def test_a_list_is_narrowed_to_a_user(admin_client, authorization, another):
    assert listed(admin_client.get(AUTHORIZATIONS, {"user__id__exact": another.user_id})) == [another]


def test_a_key_of_several_digits_is_one_key(admin_client, authorization):
    far = authorize(UserFactory(pk=100_000 + authorization.user_id), authorization.application)
    assert listed(admin_client.get(AUTHORIZATIONS, {"user__id__exact": far.user_id})) == [far]


def test_an_empty_filter_is_none(admin_client, authorization, another):
    nothing = {"application__id__exact": "", "user__id__exact": ""}
    assert len(listed(admin_client.get(AUTHORIZATIONS, nothing))) == 2


def test_a_filter_is_chosen_by_autocomplete(admin_client, authorization):
    page = admin_client.get(AUTHORIZATIONS).content.decode()
    assert page.count('class="admin-autocomplete"') == 2


def test_a_chosen_row_is_named_in_its_filter(admin_client, authorization, another):
    page = admin_client.get(AUTHORIZATIONS, {"application__id__exact": another.application_id}).content.decode()
    assert f'<option value="{another.application_id}" selected>Another</option>' in page


def test_who_may_not_see_applications_filters_by_primary_key(staff, authorization):
    page = staff("view_authorization").get(AUTHORIZATIONS).content.decode()
    assert '<input type="text" name="application__id__exact"' in page


def test_filter_keeps_the_other_filters_and_the_search(admin_client, authorization):
    asked = {"q": "Application", "user__id__exact": authorization.user_id}
    page = admin_client.get(AUTHORIZATIONS, asked).content.decode()
    assert f'<input type="hidden" name="user__id__exact" value="{authorization.user_id}">' in page
    assert '<input type="hidden" name="q" value="Application">' in page


@pytest.mark.parametrize("junk", ["x", "-1", "9" * 30, "\x00", "1 OR 1=1"], ids=["x", "-1", "long", "nul", "sql"])
@pytest.mark.parametrize("lookup", ["application__id__exact", "user__id__exact"])
def test_malformed_filter_is_no_error_page(admin_client, authorization, lookup, junk):
    response = admin_client.get(AUTHORIZATIONS, {lookup: junk}, follow=True)
    assert response.status_code == 200


@pytest.mark.parametrize(
    "junk", ["x", "2026-02-30", "0001-01-01", "9999-12-31", "\x00"], ids=["x", "day", "first", "last", "nul"]
)
@pytest.mark.parametrize("end", ["from", "until"])
def test_malformed_period_is_no_error_page(admin_client, authorization, end, junk):
    assert admin_client.get(f"{ADMIN}/auditevent/", {end: junk}, follow=True).status_code == 200


def test_a_site_without_an_admin_for_users_still_has_a_filter(admin_client, authorization, monkeypatch):
    monkeypatch.setattr("django.contrib.admin.sites.AdminSite.is_registered", lambda site, model: False)
    page = admin_client.get(AUTHORIZATIONS).content.decode()
    assert '<input type="text" name="user__id__exact"' in page
