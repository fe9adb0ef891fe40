"""Password changes, deactivations and role deletions, whichever model or class makes them."""

import pytest
from django.contrib.auth.models import Group
from django.db import OperationalError, ProgrammingError, connection
from django.test import Client, override_settings
from django.test.utils import isolate_apps

from fourme_oauth.models import Authorization
from tests.host_site import HostSite
from tests.reports import ADMINISTRATORS


@pytest.fixture
def person(third_party, user):
    """The user who allowed access, as a proxy of the site's user model sees them."""
    with isolate_apps("django.contrib.auth"):

        class Person(type(user)):
            class Meta:
                proxy = True
                app_label = "auth"

    third_party.tokens()
    return Person.objects.get(pk=user.pk)


def test_another_password_counts_whichever_class_saves_it(person, settings):
    settings.FOURME_OAUTH = {"END_ACCESS_ON_PASSWORD_CHANGE": True}
    person.set_password("another")
    person.save()
    assert not Authorization.objects.standing().exists()


def test_deactivation_revokes_all_access_with_the_setting_on(person, settings):
    settings.FOURME_OAUTH = {"END_ACCESS_OF_DEACTIVATED_USERS": True}
    person.is_active = False
    person.save()
    assert not Authorization.objects.standing().exists()


def test_deactivation_revokes_nothing_by_default(person):
    person.is_active = False
    person.save()
    assert Authorization.objects.standing().exists()


KINDS_OF_ROLES = """
from django.contrib.auth.models import Group
from django.db import models


class Team(Group):
    class Meta:
        proxy = True


class Crew(Group):
    motto = models.CharField(max_length=100)
"""
DELETE = """
from fourme_oauth.models import AuditEvent, Scope
from people.models import Crew, Team

for kind in (Team, Crew):
    role = kind.objects.create(name=kind.__name__)
    Scope.objects.create(name=f"for:{kind.__name__}", wording="Read").roles.add(role)
    role.delete()
print(*Scope.objects.permitted_to_nobody(), *(event.details["deleted_role"] for event in AuditEvent.objects.all()))
"""


@pytest.mark.once
def test_deleted_role_of_any_model_permits_nobody_and_is_recorded_once(tmp_path):
    site = HostSite(tmp_path)
    (tmp_path / "people").mkdir()
    (tmp_path / "people" / "__init__.py").touch()
    (tmp_path / "people" / "models.py").write_text(KINDS_OF_ROLES, encoding="utf-8")
    site.use(site.settings + 'INSTALLED_APPS += ["people"]\n', site.urls)
    site.make_tables()
    assert site.python(DELETE).strip() == "for:Crew for:Team Crew Team"


def test_groups_are_still_deleted_with_their_scopes_in_mind(db):
    assert Group.objects.create(name="no scopes").delete()[0] == 1


def call(token):
    return Client(raise_request_exception=False).get("/api/me/", headers={"Authorization": f"Bearer {token}"})


def test_api_responds_503_while_a_revocation_can_not_be_stored(third_party, user, settings):
    settings.FOURME_OAUTH = {"END_ACCESS_OF_DEACTIVATED_USERS": True}
    token = third_party.tokens()["access_token"]
    type(user).objects.update(is_active=False)

    def refuse_writes(execute, sql, *rest):
        if sql.startswith("UPDATE"):
            raise OperationalError("locked")
        return execute(sql, *rest)

    with connection.execute_wrapper(refuse_writes):
        assert call(token).status_code == 503


@override_settings(DEBUG=False, ADMINS=ADMINISTRATORS)
def test_a_report_about_the_api_does_not_have_the_token(third_party, mailoutbox):
    token = third_party.tokens()["access_token"]

    def fail(*rest):
        raise ProgrammingError("no such column")

    with connection.execute_wrapper(fail):
        call(token)
    mail = mailoutbox[0].body + "".join(str(alternative[0]) for alternative in mailoutbox[0].alternatives)
    assert "ProgrammingError" in mail
    assert token not in mail
