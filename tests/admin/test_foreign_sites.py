"""Sites with their own AdminSite, an admin theme, or their own user model."""

import json

import pytest

from tests.host_site import HostSite

pytestmark = pytest.mark.once

OWN_SITE = """
from django.contrib import admin
from fourme_oauth.admin import ApplicationAdmin, AuditEventAdmin, AuthorizationAdmin, FailedRequestAdmin, ScopeAdmin
from django.contrib.auth.models import User
from fourme_oauth.admin import UserAdmin
from fourme_oauth.models import Application, AuditEvent, Authorization, FailedRequest, Scope

bank = admin.AdminSite(name="bank")
for model, page in [
    (Application, ApplicationAdmin),
    (AuditEvent, AuditEventAdmin),
    (Authorization, AuthorizationAdmin),
    (Scope, ScopeAdmin),
    (FailedRequest, FailedRequestAdmin),
    (User, UserAdmin),
]:
    bank.register(model, page)
urlpatterns += [path("bank/", bank.urls)]
"""

USERS = """
import uuid
from django.contrib.auth.models import AbstractUser
from django.db import models


class Person(AbstractUser):
    key = models.UUIDField(primary_key=True, default=uuid.uuid4)
    username = None
    email = models.EmailField(unique=True)
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []
"""

PAGE_FOR_USERS = """
from django.contrib import admin
from fourme_oauth.admin import AccessOfUserInline
from .models import Person


@admin.register(Person)
class PersonAdmin(admin.ModelAdmin):
    fields = ("email",)
    inlines = (AccessOfUserInline,)
"""

VISIT = """
import json
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone
from fourme_oauth import consent
from fourme_oauth.actor import Actor

from fourme_oauth.models import Application, AuditEvent, Authorization, FailedRequest, Scope
from django.conf import settings
settings.ALLOWED_HOSTS = ["testserver"]

User = get_user_model()
user = User(is_staff=True, is_superuser=True, **{User.USERNAME_FIELD: "jane@example.com"})
user.set_password("x")
user.save()
scope = Scope.objects.create(name="request:read", wording="Read")
application = Application.objects.create(
    name="Acme", client_type="confidential", authorization_grant_type="authorization-code",
    redirect_uris="https://acme.example/",
)
application.scopes.add(scope)
asked = consent.AccessRequest(user=user, application=application, scopes=frozenset({"request:read"}))
authorization = consent.allow(consent.question(asked), by=Actor(user))
now = timezone.now()
failed = FailedRequest.objects.create(
    application=application, kind="other", details={"error": "x"}, fingerprint="x", first_at=now, last_at=now
)
browser = Client()
browser.force_login(user)
base = PREFIX + "/fourme_oauth"
page_of_user = f"{PREFIX}/{User._meta.app_label}/{User._meta.model_name}/{user.pk}/change/"
list_of_user = f"{base}/authorization/?user__{User._meta.pk.name}__exact={user.pk}"
pair = f"application={application.pk}&user={user.pk}"
pages = [
    f"{base}/application/", f"{base}/application/{application.pk}/change/", f"{base}/authorization/",
    page_of_user, list_of_user, f"{base}/authorization/?q=jane",
    f"{base}/authorization/{authorization.pk}/change/", f"{base}/authorization/{authorization.pk}/revoke/",
    f"{base}/authorization/explain/?{pair}", f"{base}/authorization/explain/?client_id={application.client_id}"
    "&username=jane@example.com", f"{base}/auditevent/?from=2026-01-01", f"{base}/auditevent/?q=jane@example.com",
    f"{base}/auditevent/{AuditEvent.objects.get().pk}/change/", f"{base}/auditevent/export/", f"{base}/failedrequest/",
    f"{base}/failedrequest/{failed.pk}/change/", f"{base}/scope/", f"{base}/scope/{scope.pk}/change/",
]
found = {}
for page in pages:
    answer = browser.get(page)
    text = (answer.getvalue() if answer.streaming else answer.content).decode()
    elsewhere = PREFIX != "/admin" and 'href="/admin/' in text
    found[page] = [answer.status_code, elsewhere]
text = browser.get(page_of_user).content.decode()
is_counted = "1 application authorized by the user" in text and f'href="{list_of_user}"' in text
found["what applications have of the user"] = [200 if is_counted else 500, False]
answer = browser.post(f"{base}/authorization/{authorization.pk}/revoke/", {"post": "yes"})
found["revoking"] = [answer.status_code, not answer["Location"].startswith(PREFIX)]
authorization.refresh_from_db()
found["revoked"] = [200 if authorization.revoked_at else 500, False]
print(json.dumps(found))
"""

STATIC = """
INSTALLED_APPS += ["django.contrib.staticfiles"]
STATIC_URL = "/static/"
"""


@pytest.fixture
def site(tmp_path):
    site = HostSite(tmp_path)
    site.use(site.settings + STATIC, site.urls)
    site.install_admin_last()
    return site


def visit(site, prefix="/admin"):
    """The status of each page, and whether it links to another AdminSite."""
    site.make_tables()
    printed = site.python(VISIT.replace("PREFIX", repr(prefix)))
    return json.loads(printed.splitlines()[-1])


def faults(found):
    return {page: answer for page, answer in found.items() if answer not in ([200, False], [302, False])}


def test_on_a_usual_site_every_page_opens(site):
    assert faults(visit(site)) == {}


def test_on_an_admin_of_the_sites_own_every_page_opens_and_stays_there(site):
    site.use(site.settings, site.urls + OWN_SITE)
    assert faults(visit(site, "/bank")) == {}


def test_with_a_theme_every_page_opens(site):
    site.use(site.settings.replace("INSTALLED_APPS = [*", 'INSTALLED_APPS = ["unfold", *'), site.urls)
    assert faults(visit(site)) == {}


def test_with_a_user_model_of_the_sites_own_every_page_opens(site):
    folder = site.folder / "people"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "models.py").write_text(USERS, encoding="utf-8")
    (folder / "admin.py").write_text(PAGE_FOR_USERS, encoding="utf-8")
    site.use(site.settings + 'INSTALLED_APPS += ["people"]\nAUTH_USER_MODEL = "people.Person"\n', site.urls)
    assert faults(visit(site)) == {}


ORDERS = {
    "ours first": 'INSTALLED_APPS = ["fourme_oauth", *(each for each in INSTALLED_APPS if each != "fourme_oauth")]\n',
    "ours last": "",
}
WHOSE_PAGE = """
from django.contrib import admin
from django.contrib.auth.models import User
print(type(admin.site.get_model_admin(User)).__module__)
"""
OWN_PAGE = """
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User


class OwnUserAdmin(UserAdmin):
    pass


admin.site.unregister(User)
admin.site.register(User, OwnUserAdmin)
"""


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_page_for_users_is_ours_in_whichever_order_applications_are_installed(site, order):
    site.use(site.settings + order, site.urls)
    assert site.python(WHOSE_PAGE).split() == ["fourme_oauth.admin.users"]


@pytest.mark.parametrize("apps", ['["office", *INSTALLED_APPS]', '[*INSTALLED_APPS, "office"]'], ids=["first", "last"])
def test_page_for_users_of_the_sites_own_is_left_alone_in_whichever_order(site, apps):
    folder = site.folder / "office"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "admin.py").write_text(OWN_PAGE, encoding="utf-8")
    site.use(site.settings + f"INSTALLED_APPS = {apps}\n", site.urls)
    assert site.python(WHOSE_PAGE).split() == ["office.admin"]
