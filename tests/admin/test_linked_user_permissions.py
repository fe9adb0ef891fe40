"""Who may link which user to an application: its secret gives the access of the linked user."""

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from fourme_oauth.models import Application
from tests.factories import ApplicationFactory, LinkedApplicationFactory, UserFactory

LIST = "/admin/fourme_oauth/application/"
ADD = f"{LIST}add/"


def registering(user):
    return {
        "name": "Nightly Export",
        "client_type": "confidential",
        "authorization_grant_type": "client-credentials",
        "linked_user": user.pk,
    }


def faults(response):
    return dict(response.context["adminform"].form.errors)


def test_who_may_link_links_an_ordinary_user(staff, user):
    staff("add_application", "link_user").post(ADD, registering(user))
    assert Application.objects.get().linked_user == user


def test_who_may_not_link_links_nobody(staff, user):
    assert "linked_user" in faults(staff("add_application").post(ADD, registering(user)))


@pytest.mark.parametrize("power", ["is_staff", "is_superuser"])
def test_who_may_link_can_not_link_staff_or_superusers(staff, power):
    answer = staff("add_application", "link_user").post(ADD, registering(UserFactory(**{power: True})))
    assert faults(answer)["linked_user"] == ["You may not let an application act as this user."]


@pytest.mark.parametrize("power", ["is_staff", "is_superuser"])
def test_superuser_links_staff_and_superusers(admin_client, power):
    powerful = UserFactory(**{power: True})
    admin_client.post(ADD, registering(powerful))
    assert Application.objects.get().linked_user == powerful


def changing(application, **more):
    return {
        "name": application.name,
        "authorization_grant_type": application.authorization_grant_type,
        "redirect_uris": application.redirect_uris,
    } | more


def test_who_may_not_link_keeps_the_linked_user(staff):
    application = LinkedApplicationFactory()
    before = application.linked_user
    sent = changing(application, linked_user=UserFactory().pk, name="Export")
    staff("change_application").post(f"{LIST}{application.pk}/change/", sent)
    application.refresh_from_db()
    assert (application.linked_user, application.name) == (before, "Export")


def test_who_may_not_link_can_not_add_client_credentials_to_a_linked_application(staff):
    application = ApplicationFactory(linked_user=UserFactory())
    sent = changing(application, client_credentials="on")
    assert "linked_user" in faults(staff("change_application").post(f"{LIST}{application.pk}/change/", sent))


def test_who_may_link_unlinks(staff):
    application = ApplicationFactory(linked_user=UserFactory())
    staff("change_application", "link_user").post(f"{LIST}{application.pk}/change/", changing(application))
    application.refresh_from_db()
    assert application.linked_user is None


# The widget that finds a user


def widget_on(browser):
    return browser.get(ADD).context["adminform"].form.fields["linked_user"].widget


def test_linked_user_is_found_by_typing(admin_client):
    assert type(widget_on(admin_client)).__name__ == "AutocompleteSelect"


def test_linked_user_is_a_number_for_who_may_not_see_users(staff):
    assert type(widget_on(staff("add_application", "link_user"))).__name__ == "ForeignKeyRawIdWidget"


def test_linked_user_is_found_by_typing_for_who_may_see_users(db):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["add_application", "link_user", "view_user"]))
    browser = Client()
    browser.force_login(user)
    assert type(widget_on(browser)).__name__ == "AutocompleteSelect"


def test_linked_user_is_a_number_where_users_can_not_be_searched(admin_client, monkeypatch):
    monkeypatch.setattr(type(admin.site._registry[get_user_model()]), "search_fields", ())
    assert type(widget_on(admin_client)).__name__ == "ForeignKeyRawIdWidget"


def test_linked_user_is_a_number_where_users_are_not_administered(admin_client, monkeypatch):
    monkeypatch.delitem(admin.site._registry, get_user_model())
    assert type(widget_on(admin_client)).__name__ == "ForeignKeyRawIdWidget"
