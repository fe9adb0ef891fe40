"""A site that runs the toolkit already takes this package over its tables in place: no row is copied."""

import json

import pytest

from tests.host_site import HostSite

FILL = """
from datetime import timedelta
from django.contrib.auth.models import User
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, Grant, RefreshToken

user = User.objects.create_user("carla")
application = Application.objects.create(
    client_id="the-dashboard",
    name="Dashboard",
    user=user,
    client_type="confidential",
    authorization_grant_type="authorization-code",
    redirect_uris="https://dashboard.example/callback",
)
ends = timezone.now() + timedelta(hours=1)
held = {"user": user, "application": application}
access_token = AccessToken.objects.create(token="an access token", expires=ends, scope="read", **held)
RefreshToken.objects.create(token="a refresh token", access_token=access_token, **held)
Grant.objects.create(code="a code", expires=ends, redirect_uri="https://dashboard.example/callback", **held)
"""

ADOPT = """
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

MigrationRecorder(connection).record_applied("fourme_oauth", "0001_initial")
"""

READ = """
import json
from django.utils import timezone
from fourme_oauth import effective_access
from fourme_oauth.models import AccessToken, Application, Authorization, Grant, RefreshToken

application = Application.objects.get()
print(json.dumps({
    "application": [application.pk, application.client_id, application.name, application.user.username],
    "new columns": [application.disabled, application.generation, application.linked_user],
    "access token": list(AccessToken.objects.by_text("an access token").values_list("application_id", "scope")),
    "refresh token": list(RefreshToken.objects.by_text("a refresh token").values_list("access_token__scope")),
    "code": list(Grant.objects.values_list("application__client_id", "user__username")),
    "lives": effective_access.of_access_token("an access token", now=timezone.now()) is not None,
    "authorizations": Authorization.objects.count(),
}))
"""


@pytest.fixture(
    scope="module",
    params=[pytest.param("SQLite", marks=pytest.mark.once), pytest.param("server", marks=pytest.mark.server)],
)
def adopted(request, tmp_path_factory):
    database = request.getfixturevalue("empty_database")("adopted") if request.param == "server" else None
    site = HostSite(tmp_path_factory.mktemp("adopted"), database)
    site.run_the_toolkit_only()
    site.succeed("migrate", "--verbosity=0")
    site.python(FILL)
    site.run_ours()
    site.python(ADOPT)
    site.succeed("migrate", "--verbosity=0")
    return site


@pytest.fixture(scope="module")
def read(adopted):
    return json.loads(adopted.python(READ))


def test_the_application_is_still_there_with_its_client_id(read):
    assert read["application"] == [1, "the-dashboard", "Dashboard", "carla"]


def test_the_application_is_enabled_and_acts_as_nobody(read):
    assert read["new columns"] == [False, 0, None]


def test_the_access_token_is_still_found_by_its_text(read):
    assert read["access token"] == [[1, "read"]]


def test_the_refresh_token_still_knows_its_access_token(read):
    assert read["refresh token"] == [["read"]]


def test_the_code_is_still_there(read):
    assert read["code"] == [["the-dashboard", "carla"]]


def test_a_token_from_before_is_dead_because_its_user_was_never_asked_our_question(read):
    assert (read["lives"], read["authorizations"]) == (False, 0)


def test_every_migration_is_applied(adopted):
    assert "[ ]" not in adopted.succeed("showmigrations")


def test_the_models_have_all_their_migrations(adopted):
    assert "No changes detected" in adopted.succeed("makemigrations", "--check")


def test_the_site_has_no_issues(adopted):
    assert "no issues" in adopted.succeed("check")


def test_a_site_that_does_not_say_so_first_is_stopped(tmp_path):
    site = HostSite(tmp_path)
    site.run_the_toolkit_only()
    site.succeed("migrate", "--verbosity=0")
    site.run_ours()
    assert "InconsistentMigrationHistory" in site.manage("migrate").stderr
