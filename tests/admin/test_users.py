"""The page of a user counts what applications have of them."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin import AdminSite, site
from django.contrib.auth.admin import UserAdmin as DjangosUserAdmin
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import include, path
from django.utils import timezone

from fourme_oauth import revocation
from fourme_oauth.admin import AccessOfUserInline, AuthorizationAdmin, UserAdmin
from fourme_oauth.admin.sites import replace_base
from fourme_oauth.models import Authorization
from tests.factories import (
    ApplicationFactory,
    LinkedApplicationFactory,
    UserFactory,
    authorize,
    mint_access_token,
    mint_code,
    mint_own_access_token,
    mint_refresh_token,
)

PREFIX = "authorizations"
OF_ITS_OWN = "are not included, even where the application acts as this user."


def change(user):
    return f"/admin/auth/user/{user.pk}/change/"


def listed_at(user, prefix="/admin"):
    return f"{prefix}/fourme_oauth/authorization/?user__id__exact={user.pk}"


def panel(browser, user):
    """The texts of the panel in order; empty without a panel."""
    page = browser.get(change(user)).content.decode()
    _before, found, rest = page.partition(f'<div class="inline-group" id="{PREFIX}-group">')
    return " ".join(re.sub("<[^>]+>", " ", rest.partition("</fieldset>")[0]).split()) if found else ""


@pytest.fixture
def user_staff(staff, django_user_model):
    """A staff user who may change users, with these permissions on our models."""

    def user_staff(*codenames):
        browser = staff(*codenames)
        user = django_user_model.objects.get(pk=browser.session["_auth_user_id"])
        user.user_permissions.add(*Permission.objects.filter(codename__in=["view_user", "change_user", "add_user"]))
        return browser

    return user_staff


def test_applications_that_the_user_allows_are_counted(admin_client, user, authorization):
    authorize(user, ApplicationFactory(scopes=["request:read"]))
    assert "2 applications authorized by the user" in panel(admin_client, user)


def test_application_that_was_revoked_is_not_counted(admin_client, user, authorization):
    revocation.revoke(authorization)
    assert "0 applications authorized by the user" in panel(admin_client, user)


def test_valid_tokens_and_codes_are_counted_by_kind(admin_client, user, authorization):
    mint_access_token(authorization)
    mint_access_token(authorization)
    mint_access_token(authorization, expires_in=-1)
    mint_refresh_token(authorization, expires=timezone.now() + timedelta(days=1))
    mint_refresh_token(authorization, expires=timezone.now() + timedelta(days=1), revoked=timezone.now())
    mint_code(authorization)
    mint_code(authorization)
    mint_code(authorization)
    mint_code(authorization, used_at=timezone.now())
    assert "valid: 2 access tokens, 1 refresh token, 3 pending codes" in panel(admin_client, user)


def test_what_somebody_else_allowed_is_not_counted(admin_client, user, authorization):
    mint_access_token(authorize(UserFactory(), authorization.application))
    assert "valid: 0 access tokens, 0 refresh tokens, 0 pending codes" in panel(admin_client, user)


def test_refresh_token_past_its_absolute_end_is_not_counted(admin_client, user, authorization):
    mint_refresh_token(authorization, expires=timezone.now() + timedelta(days=1))
    Authorization.objects.update(confirmed_at=timezone.now() - timedelta(days=366))
    assert "0 refresh tokens" in panel(admin_client, user)


def test_tokens_from_an_applications_own_credentials_are_not_counted(admin_client, user):
    mint_own_access_token(LinkedApplicationFactory(linked_user=user))
    assert "valid: 0 access tokens" in panel(admin_client, user)


def test_panel_says_what_is_not_counted(admin_client, user):
    assert OF_ITS_OWN in panel(admin_client, user)


def test_panel_shows_the_last_use(admin_client, user, authorization):
    Authorization.objects.update(last_used_at=timezone.now() - timedelta(days=3))
    assert "last used 3 days ago" in panel(admin_client, user)


def test_panel_says_that_nothing_was_used_yet(admin_client, user, authorization):
    assert "not used yet" in panel(admin_client, user)


def test_panel_leads_to_the_authorizations_of_the_user(admin_client, user, authorization):
    other = authorize(UserFactory(), ApplicationFactory(name="Somebody elses", scopes=["request:read"]))
    assert f'href="{listed_at(user)}"' in admin_client.get(change(user)).content.decode()
    listed = admin_client.get(listed_at(user)).context["cl"].result_list
    assert [each.pk for each in listed] == [authorization.pk] != [other.pk]


def test_no_authorization_is_a_row_there(admin_client, user, authorization):
    page = admin_client.get(change(user)).content.decode()
    assert authorization.client_id not in page
    assert f'name="{PREFIX}-' not in page


def test_who_may_see_authorizations_sees_what_is_counted(user_staff, user, authorization):
    assert "1 application authorized by the user " in panel(user_staff("view_authorization"), user)


def test_who_may_not_see_authorizations_sees_the_page_without_it(user_staff, user, authorization):
    browser = user_staff()
    assert browser.get(change(user)).status_code == 200
    assert panel(browser, user) == ""


def test_page_that_adds_a_user_counts_nothing(admin_client):
    page = admin_client.get("/admin/auth/user/add/")
    assert page.status_code == 200
    assert PREFIX not in page.content.decode()


def test_user_is_added(admin_client, django_user_model):
    password = {"password1": "correct horse battery", "password2": "correct horse battery"}
    admin_client.post("/admin/auth/user/add/", {"username": "ada", "usable_password": "true", **password})
    assert django_user_model.objects.filter(username="ada").exists()


# Saving


FORGED = {
    f"{PREFIX}-TOTAL_FORMS": "2",
    f"{PREFIX}-INITIAL_FORMS": "1",
    f"{PREFIX}-MIN_NUM_FORMS": "0",
    f"{PREFIX}-MAX_NUM_FORMS": "1000",
    f"{PREFIX}-0-DELETE": "on",
    f"{PREFIX}-0-scopes": "request:all",
    f"{PREFIX}-1-client_id": "forged",
}
SENT = {
    "nothing of it": {},
    "its management form": {f"{PREFIX}-TOTAL_FORMS": "0", f"{PREFIX}-INITIAL_FORMS": "0"},
    "what it never showed": FORGED,
    "nonsense": {f"{PREFIX}-TOTAL_FORMS": "many", f"{PREFIX}-INITIAL_FORMS": "-1"},
}


@pytest.fixture
def save():
    """Send the form of a user as a browser does, with this beside it."""

    def save(browser, user, **more):
        joined = timezone.localtime(user.date_joined)
        values = {
            "username": user.username,
            "first_name": "Ada",
            "is_active": "on",
            "date_joined_0": joined.strftime("%Y-%m-%d"),
            "date_joined_1": joined.strftime("%H:%M:%S"),
        }
        return browser.post(change(user), values | more)

    return save


def rows_of(user):
    return list(Authorization.objects.filter(user=user).order_by("pk").values())


@pytest.mark.parametrize("sent", SENT.values(), ids=SENT)
def test_user_is_saved_and_what_they_allowed_is_not_touched(admin_client, user, authorization, save, sent):
    before = rows_of(user)
    if f"{PREFIX}-0-DELETE" in sent:
        sent = sent | {f"{PREFIX}-0-id": authorization.pk, f"{PREFIX}-0-user": user.pk, f"{PREFIX}-1-user": user.pk}
    assert save(admin_client, user, **sent).status_code == 302
    user.refresh_from_db()
    assert user.first_name == "Ada"
    assert rows_of(user) == before


@pytest.fixture
def allows_hundreds(user, authorization):
    fields = {name: value for name, value in rows_of(user)[0].items() if name not in {"id", "application_id"}}
    applications = ApplicationFactory.create_batch(300)
    Authorization.objects.bulk_create(Authorization(application=each, **fields) for each in applications)
    return user


def test_user_who_allows_hundreds_of_applications_is_counted(admin_client, allows_hundreds):
    assert "301 applications authorized by the user" in panel(admin_client, allows_hundreds)


def test_user_who_allows_hundreds_of_applications_is_saved(admin_client, allows_hundreds, save):
    assert save(admin_client, allows_hundreds).status_code == 302
    assert Authorization.objects.filter(user=allows_hundreds).standing().count() == 301


def test_form_with_an_error_shows_the_counts_again(admin_client, user, authorization, save):
    page = save(admin_client, user, username="").content.decode()
    assert "This field is required." in page
    assert "1 application authorized by the user<" in page


def test_history_names_only_fields_of_the_user(admin_client, user, authorization, save):
    save(admin_client, user)
    history = admin_client.get(f"/admin/auth/user/{user.pk}/history/").content.decode()
    assert "authorization" not in history.lower().partition('id="change-history"')[2].partition("</table>")[0]


# Number of queries


OURS = ("fourme_oauth_authorization", "oauth2_provider_")


@pytest.mark.parametrize("number", [1, 7])
def test_counts_take_four_statements_whatever_there_is(admin_client, user, number):
    for _ in range(number):
        authorization = authorize(user, ApplicationFactory(scopes=["request:read"]))
        for mint in (mint_access_token, mint_refresh_token, mint_code):
            mint(authorization)
    admin_client.get(change(user))  # the content types are read once
    with CaptureQueriesContext(connection) as queries:
        admin_client.get(change(user))
    statements = [query["sql"] for query in queries]
    assert len([sql for sql in statements if any(table in sql for table in OURS)]) == 4, "\n".join(statements)


def test_saving_counts_nothing(admin_client, user, authorization, save):
    with CaptureQueriesContext(connection) as queries:
        save(admin_client, user)
    assert not [query["sql"] for query in queries if any(table in query["sql"] for table in OURS)]


# Replacing the admin of the site


def test_djangos_own_page_was_replaced():
    assert type(site.get_model_admin(User)) is UserAdmin


class HostsUserAdmin(DjangosUserAdmin):
    """A user admin of the site's own."""


def test_a_page_of_the_sites_own_is_left_alone():
    own = AdminSite(name="own")
    own.register(User, HostsUserAdmin)
    replace_base(own, User, UserAdmin)
    assert type(own.get_model_admin(User)) is HostsUserAdmin


def test_a_site_that_shows_no_users_goes_on_showing_none():
    own = AdminSite(name="own")
    replace_base(own, User, UserAdmin)
    assert not own.is_registered(User)


def test_a_site_with_djangos_page_gets_ours():
    own = AdminSite(name="own")
    own.register(User, DjangosUserAdmin)
    replace_base(own, User, UserAdmin)
    assert own.get_model_admin(User).inlines == (AccessOfUserInline,)


class HostsUserAdminWithAccess(DjangosUserAdmin):
    inlines = (AccessOfUserInline,)


class NobodysAuthorizations(AuthorizationAdmin):
    def has_view_permission(self, request, obj=None):
        return False


def site_of_its_own(**registered):
    own = AdminSite(name="backoffice")
    own.register(User, HostsUserAdminWithAccess)
    for page in registered.values():
        own.register(Authorization, page)

    class Urls:
        urlpatterns = [path("", include("fourme_oauth.urls")), path("office/", own.urls)]

    return Urls


@pytest.fixture
def office(settings, admin_client):
    """A page of the site's own, on a site of its own with these authorizations."""

    def office(user, **registered):
        settings.ROOT_URLCONF = site_of_its_own(**registered)
        return admin_client.get(f"/office/auth/user/{user.pk}/change/").content.decode()

    return office


def test_a_site_of_its_own_leads_to_its_own_list(office, user, authorization):
    page = office(user, page=AuthorizationAdmin)
    assert "1 application authorized by the user<" in page
    assert f'href="{listed_at(user, "/office")}"' in page
    assert 'href="/admin/' not in page


def test_a_site_without_authorizations_counts_and_leads_nowhere(office, user, authorization):
    page = office(user)
    assert "1 application authorized by the user<" in page
    assert "Authorizations of this user" not in page


def test_a_site_that_lets_nobody_list_authorizations_leads_nowhere(office, user, authorization):
    page = office(user, page=NobodysAuthorizations)
    assert "1 application authorized by the user<" in page
    assert "Authorizations of this user" not in page
