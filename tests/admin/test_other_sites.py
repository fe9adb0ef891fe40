"""Sites whose administration is not as Django made it."""

import re

import pytest
from django.contrib.admin import AdminSite
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin
from django.urls import include, path

from fourme_oauth.admin import ApplicationAdmin
from fourme_oauth.admin.pages import ApplicationPage
from fourme_oauth.models import Application
from tests.factories import ScopeFactory
from tests.host_site import HostSite

backoffice = AdminSite(name="backoffice")
backoffice.register(Application, ApplicationAdmin)
backoffice.register(get_user_model(), UserAdmin)


class NotesPage(ApplicationPage):
    """A page of the site's own."""

    title = "Notes"
    url_name = "notes"
    route = "<path:object_id>/notes/"
    template_name = "admin/fourme_oauth/application/page.html"


class NotedApplicationAdmin(ApplicationAdmin):
    pages = (*ApplicationAdmin.pages, NotesPage)


archive = AdminSite(name="archive")
archive.register(Application, NotedApplicationAdmin)


class OwnSite:
    """A site with an AdminSite of its own, and none of Django's."""

    urlpatterns = [
        path("", include("fourme_oauth.urls")),
        path("office/", backoffice.urls),
        path("archive/", archive.urls),
    ]


LIST = "/office/fourme_oauth/application/"
FORM = {
    "name": "Acme",
    "client_type": "confidential",
    "authorization_grant_type": "authorization-code",
    "redirect_uris": "https://acme.example/callback",
    "form_key": "5e7ab1ec-0de5-4a0f-9d0e-3d5b1b0f6c11",
}


@pytest.fixture
def office(settings, admin_client):
    settings.ROOT_URLCONF = OwnSite
    return admin_client


def links(response):
    return set(re.findall(r'href="(/[^"?]+)"', response.content.decode()))


def test_site_of_its_own_registers_once(office):
    answers = [office.post(f"{LIST}add/", FORM) for _ in range(2)]
    assert ["client-secret" in answer.content.decode() for answer in answers] == [True, False]


def test_pages_of_a_site_of_its_own_lead_to_its_own_pages(office):
    registered = office.post(f"{LIST}add/", FORM)
    page = f"{LIST}{Application.objects.get().pk}"
    assert f"{page}/change/" in links(registered)
    expected = {f"{page}/secrets/issue/", f"{page}/disable/", f"{page}/end-access/"}
    assert expected <= links(office.get(f"{page}/change/"))


@pytest.mark.parametrize("page", ["secrets/issue", "disable", "end-access"])
def test_each_page_opens_on_a_site_of_its_own(office, page):
    office.post(f"{LIST}add/", FORM)
    where = f"{LIST}{Application.objects.get().pk}"
    answer = office.get(f"{where}/{page}/")
    assert f"{where}/change/" in links(answer)
    assert not any(link.startswith("/admin/") for link in links(answer))


@pytest.fixture
def notes(settings, application):
    settings.ROOT_URLCONF = OwnSite
    return f"/archive/fourme_oauth/application/{application.pk}/notes/"


def test_page_of_the_site_s_own_opens_for_who_may_view_the_application(staff, notes):
    assert "Notes" in staff("view_application").get(notes).content.decode()


def test_page_of_the_site_s_own_is_refused_to_who_may_not(staff, notes):
    assert staff("view_scope").get(notes).status_code == 403


# In a process of its own: themes, and other users

VISIT = """
import re
from django.test.utils import setup_test_environment
setup_test_environment()
from django.contrib.auth import get_user_model
from django.test import Client
from fourme_oauth.models import Application, ClientSecret, Scope

users = get_user_model()
Scope.objects.create(name="request:read", wording="Read requests")
administrator = users.objects.create_superuser(**NAMED, password="correct horse")
browser = Client()
browser.force_login(administrator)
where = "/admin/fourme_oauth/application/"
form = {
    "name": "Acme",
    "client_type": "confidential",
    "authorization_grant_type": "authorization-code",
    "redirect_uris": "https://acme.example/callback",
    "form_key": re.search(r'name="form_key" value="([^"]+)"', browser.get(where + "add/").content.decode())[1],
    "scopes": [Scope.objects.get().pk],
    "linked_user": administrator.pk,
}
answers = [browser.post(where + "add/", form).content.decode() for _ in range(2)]
print(["client-secret" in answer for answer in answers])
page = f"{where}{Application.objects.get().pk}/"
secret = ClientSecret.objects.get()
pages = ["change/", "secrets/issue/", f"secrets/{secret.pk}/retire/", "disable/", "end-access/"]
for each in pages:
    answer = browser.get(page + each)
    print(each.split("/")[0], answer.status_code)
change = browser.get(page + "change/").content.decode()
print("matrix", 'class="fourme-oauth scope-matrix"' in change, "panel", page + "secrets/issue/" in change)
print("linked", Application.objects.get().linked_user == administrator)
"""

FINE = """[True, False]
change 200
secrets 200
secrets 200
disable 200
end-access 200
matrix True panel True
linked True
"""

OTHER_USERS = """
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models


class People(BaseUserManager):
    def create_superuser(self, email, password):
        person = self.model(email=email, is_superuser=True)
        person.set_password(password)
        person.save()
        return person


class Person(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField(unique=True)
    USERNAME_FIELD = "email"
    is_staff = True
    objects = People()
"""


@pytest.fixture
def host(tmp_path):
    return HostSite(tmp_path)


@pytest.mark.once
def test_theme_is_installed(host):
    host.install_admin_first()
    host.use(host.settings + 'INSTALLED_APPS = ["unfold", *INSTALLED_APPS]\nSTATIC_URL = "/static/"\n', host.urls)
    host.make_tables()
    assert host.python('NAMED = {"username": "ada", "email": "ada@example.com"}' + VISIT) == FINE


@pytest.mark.once
def test_user_model_is_the_sites_own(host):
    people = host.folder / "people"
    people.mkdir()
    (people / "__init__.py").touch()
    (people / "models.py").write_text(OTHER_USERS, encoding="utf-8")
    host.install_admin_first()
    others = (
        'INSTALLED_APPS = ["people", *INSTALLED_APPS]\nAUTH_USER_MODEL = "people.Person"\nSTATIC_URL = "/static/"\n'
    )
    host.use(host.settings + others, host.urls)
    host.make_tables()
    assert "no issues" in host.succeed("check")
    assert host.python('NAMED = {"email": "ada@example.com"}' + VISIT) == FINE


def test_site_of_its_own_has_scopes(office):
    ScopeFactory(name="request:read")
    assert "scope-matrix" in office.get(f"{LIST}add/").content.decode()
