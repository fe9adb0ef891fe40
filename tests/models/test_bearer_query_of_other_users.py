"""The bearer query with another user model: two tables, another primary key, and a custom field."""

import json

import pytest

from tests.host_site import HostSite

MODELS = """
import uuid

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models


class Sealed(models.TextField):
    def get_prep_value(self, value):
        return f"{value}#%s"

    def select_format(self, compiler, sql, params):
        return f"REPLACE({sql}, '#%%s', %s)", (*params, "!")

    def from_db_value(self, value, expression, connection):
        return value.removesuffix("!")


class Being(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    secret = Sealed()


class Person(Being, AbstractBaseUser, PermissionsMixin):
    login = models.CharField(max_length=50, unique=True, db_column="order")
    another_secret = Sealed()
    is_active = models.BooleanField(default=True)
    objects = BaseUserManager()

    USERNAME_FIELD = "login"

    @classmethod
    def from_db(cls, *args, **kwargs):
        instance = super().from_db(*args, **kwargs)
        instance.came_by = "from_db"
        return instance
"""

SETTINGS = """
INSTALLED_APPS = ["people", *INSTALLED_APPS]
AUTH_USER_MODEL = "people.Person"
"""

READ = """
import json
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from fourme_oauth import effective_access
from fourme_oauth.testing.factories import ApplicationFactory, ScopeFactory, authorize, mint_access_token
from people.models import Person

anna = Person.objects.create(login="anna", secret="blue", another_secret="green")
role = Group.objects.create(name="role")
for name in ("for:her", "for:others"):
    ScopeFactory(name=name, roles=[role if name == "for:her" else Group.objects.create(name="another")])
anna.groups.add(role)
token = mint_access_token(authorize(anna, ApplicationFactory(scopes=["for:anybody", "for:her", "for:others"])))
with CaptureQueriesContext(connection) as queries:
    access = effective_access.of_access_token(token, now=timezone.now())
    user = access.user
    print(json.dumps({
        "effective": sorted(access.effective_scopes),
        "user": [user.login, user.secret, user.another_secret, user.came_by],
        "is_the_one": user == anna and user.id == anna.id,
        "queries": len(queries),
    }))
"""


@pytest.fixture(
    scope="module",
    params=[pytest.param("SQLite", marks=pytest.mark.once), pytest.param("server", marks=pytest.mark.server)],
)
def found(request, tmp_path_factory):
    database = request.getfixturevalue("empty_database")("people") if request.param == "server" else None
    folder = tmp_path_factory.mktemp("people")
    (folder / "people").mkdir()
    (folder / "people" / "__init__.py").touch()
    (folder / "people" / "models.py").write_text(MODELS)
    site = HostSite(folder, database)
    site.use(site.settings + SETTINGS, site.urls)
    site.make_tables()
    return json.loads(site.python(READ))


def test_the_user_is_the_one_who_allowed_it(found):
    assert found["is_the_one"]


def test_the_fields_of_the_user_decide_how_they_are_read(found):
    assert found["user"] == ["anna", "blue", "green", "from_db"]


def test_the_roles_of_the_user_permit(found):
    assert found["effective"] == ["for:anybody", "for:her"]


def test_one_statement_finds_all_of_it(found):
    assert found["queries"] == 1
