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
    client_secret="a secret of the toolkit",
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


WRITE_ON = """
from datetime import timedelta
from django.contrib.auth.models import User
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, DeviceGrant, Grant, IDToken, RefreshToken

user = User.objects.get()
application = Application.objects.create(
    client_id="another", client_secret="another secret" * 9, client_type="confidential",
    authorization_grant_type="authorization-code",
)
ends = timezone.now() + timedelta(hours=1)
held = {"user": user, "application": application}
access_token = AccessToken.objects.create(token="another access token", expires=ends, scope="read", **held)
RefreshToken.objects.create(token="another refresh token", access_token=access_token, **held)
Grant.objects.create(code="another code", expires=ends, redirect_uri="https://dashboard.example/callback", **held)
IDToken.objects.create(expires=ends, **held)
DeviceGrant.objects.create(client_id="another", device_code="a", user_code="b", expires=ends)
"""

READ_ON = """
import json
from django.utils import timezone
from fourme_oauth import client_secrets, effective_access
from fourme_oauth.models import AccessToken, Application, DeviceGrant, Grant, IDToken, RefreshToken

application, now = Application.objects.get(client_id="another"), timezone.now()
Application.objects.update(linked_user=AccessToken.objects.first().user)
print(json.dumps({
    "rows": [
        model.objects.filter(**which).count()
        for model, which in (
            (Application, {"client_id": "another"}),
            (Grant, {"application": application}),
            (AccessToken, {"application": application}),
            (RefreshToken, {"application": application}),
            (IDToken, {"application": application}),
            (DeviceGrant, {"client_id": "another"}),
        )
    ],
    "living": [
        living.count()
        for living in (Grant.objects.living(), AccessToken.objects.living(now), RefreshToken.objects.living(now))
    ],
    "opens": effective_access.of_access_token("another access token", now=now) is not None,
    "secret": client_secrets.verify(application, "another secret" * 9, now=now),
}))
"""

REGISTER = """
from fourme_oauth.models import Application

for client_type in ("confidential", "public"):
    Application.objects.create(client_id=client_type, client_type=client_type)
"""

AUTHENTICATE = """
import json
from oauth2_provider.models import Application
from oauth2_provider.oauth2_validators import OAuth2Validator

secrets = {each.client_id: each.client_secret for each in Application.objects.all()}
check = OAuth2Validator()._check_secret
print(json.dumps({
    "blank": [check("", secrets[client_id]) for client_id in ("confidential", "public")],
    "stored": [check(secrets[client_id], secrets[client_id]) for client_id in ("confidential", "public")],
    "the toolkit's": check("a secret of the toolkit", secrets["the-dashboard"]),
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


@pytest.fixture(scope="module")
def written_on(adopted, read):
    """The rows that a worker running the toolkit alone has written, as this package reads them."""
    adopted.run_the_toolkit_only()
    adopted.python(WRITE_ON)
    adopted.run_ours()
    return json.loads(adopted.python(READ_ON))


@pytest.fixture(scope="module")
def authenticated(adopted, read):
    """Which secrets a worker running the toolkit alone accepts for applications that this package registered."""
    adopted.python(REGISTER)
    adopted.run_the_toolkit_only()
    answer = json.loads(adopted.python(AUTHENTICATE))
    adopted.run_ours()
    return answer


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


def test_adopted_token_is_invalid_without_an_authorization(read):
    assert (read["lives"], read["authorizations"]) == (False, 0)


def test_every_migration_is_applied(adopted):
    assert "[ ]" not in adopted.succeed("showmigrations")


def test_the_models_have_all_their_migrations(adopted):
    assert "No changes detected" in adopted.succeed("makemigrations", "--check")


def test_the_site_has_no_issues(adopted):
    assert "no issues" in adopted.succeed("check")


def test_plain_migrate_of_a_site_that_runs_the_toolkit_is_refused(tmp_path):
    site = HostSite(tmp_path)
    site.run_the_toolkit_only()
    site.succeed("migrate", "--verbosity=0")
    site.run_ours()
    assert "InconsistentMigrationHistory" in site.manage("migrate").stderr


def test_a_worker_that_still_runs_the_toolkit_alone_writes_rows_of_each_of_its_tables(written_on):
    assert written_on["rows"] == [1, 1, 1, 1, 1, 1]


def test_rows_of_a_toolkit_worker_are_invalid_even_for_the_linked_user(written_on):
    assert (written_on["living"], written_on["opens"]) == ([0, 0, 0], False)


def test_application_registered_by_a_toolkit_worker_authenticates_with_its_secret(written_on):
    assert written_on["secret"]


def test_toolkit_worker_accepts_no_secret_of_an_application_without_a_toolkit_secret(authenticated):
    assert (authenticated["blank"], authenticated["stored"]) == ([False, False], [False, False])


def test_toolkit_worker_accepts_the_secret_that_the_toolkit_stored(authenticated):
    assert authenticated["the toolkit's"]
