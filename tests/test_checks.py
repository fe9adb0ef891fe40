import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.checks import run_checks
from django.core.checks.registry import registry
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import modify_settings
from django.urls import include, path
from django.utils import timezone

from fourme_oauth import checks, client_secrets
from fourme_oauth.conf import SWAPPED_MODELS, toolkit_settings
from fourme_oauth.models import ClientSecret
from fourme_oauth.scope_coverage import checks as coverage_checks
from tests.factories import ApplicationFactory, ScopeFactory
from tests.host_site import HostSite, succeeded

DOCUMENTATION = Path(__file__).parent.parent / "docs" / "checks.md"


@pytest.fixture(autouse=True)
def registered_checks(monkeypatch):
    """Installing or removing an application registers checks again, or clears them."""
    monkeypatch.setattr(registry, "registered_checks", set(registry.registered_checks))
    monkeypatch.setattr(registry, "deployment_checks", set(registry.deployment_checks))


def assert_ids(*ids):
    assert [message.id for message in checks.check_wiring()] == list(ids)


def assert_hint(hint):
    assert [message.hint for message in checks.check_wiring()] == [hint]


class NoUrls:
    urlpatterns = []


class UnderAPrefix:
    urlpatterns = [path("sso/", include("fourme_oauth.urls"))]


class UnderAPrefixAndAtTheRoot:
    urlpatterns = [*UnderAPrefix.urlpatterns, path("", include("fourme_oauth.well_known_urls"))]


# ── each by itself ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_site_that_is_wired_up_has_no_faults():
    assert_ids()


def test_a_site_without_the_toolkit():
    with modify_settings(INSTALLED_APPS={"remove": "oauth2_provider"}):
        assert_ids("fourme_oauth.E001")


def test_a_site_that_lists_the_toolkit_first(monkeypatch):
    monkeypatch.setattr(apps, "get_app_configs", lambda: reversed(apps.app_configs.values()))
    assert_hint('Put "fourme_oauth" before "oauth2_provider" in INSTALLED_APPS.')


def test_a_site_that_imports_this_package_and_does_not_install_it(monkeypatch):
    monkeypatch.setattr(apps, "get_app_configs", list)
    assert_hint('Add "fourme_oauth" to INSTALLED_APPS, before "oauth2_provider".')


@pytest.mark.parametrize("name", SWAPPED_MODELS)
def test_a_site_that_forgot_to_swap_a_model(name, settings):
    delattr(settings, name)
    assert_ids("fourme_oauth.E001")


@pytest.mark.parametrize("name", SWAPPED_MODELS)
def test_a_site_that_swapped_a_model_for_its_own(name, settings):
    setattr(settings, name, "another.Model")
    assert_ids("fourme_oauth.E001")


@pytest.mark.parametrize(("name", "model"), SWAPPED_MODELS.items())
def test_the_hint_is_the_line_that_was_forgotten(name, model, settings):
    delattr(settings, name)
    assert_hint(f'Add to your settings: {name} = "{model}"')


def test_the_hint_is_every_line_that_was_forgotten(settings):
    for name in ["OAUTH2_PROVIDER", *SWAPPED_MODELS]:
        delattr(settings, name)
    lines = [f'{name} = "{model}"' for name, model in SWAPPED_MODELS.items()]
    with modify_settings(INSTALLED_APPS={"remove": ["oauth2_provider", "rest_framework"]}):
        assert_hint(
            'Add "oauth2_provider" to INSTALLED_APPS, after "fourme_oauth". Add to your settings: '
            + "; ".join([*lines, "OAUTH2_PROVIDER = fourme_oauth.conf.toolkit_settings()"])
            + ' Add "rest_framework" to INSTALLED_APPS.'
        )


def test_what_is_missing_can_not_be_silenced(settings):
    settings.SILENCED_SYSTEM_CHECKS = ["fourme_oauth.E001", "fourme_oauth.E007"]
    del settings.OAUTH2_PROVIDER_GRANT_MODEL
    assert not checks.check_wiring()[0].is_silenced()


def test_another_fault_can_be_silenced(settings):
    settings.SILENCED_SYSTEM_CHECKS = ["fourme_oauth.E001", "fourme_oauth.E007"]
    settings.FOURME_OAUTH = {"x": 1}
    assert checks.check_wiring()[0].is_silenced()


def test_a_site_without_rest_framework():
    with modify_settings(INSTALLED_APPS={"remove": "rest_framework"}):
        assert_ids("fourme_oauth.E003")


def test_a_site_without_the_toolkit_settings(settings):
    del settings.OAUTH2_PROVIDER
    assert_ids("fourme_oauth.E004")


@pytest.mark.parametrize("name", checks.OUR_CLASSES)
def test_a_site_that_keeps_one_of_our_classes_from_the_toolkit(name, settings):
    settings.OAUTH2_PROVIDER = {key: value for key, value in toolkit_settings().items() if key != name}
    assert_ids("fourme_oauth.E004")


@pytest.mark.parametrize("name", checks.OUR_CLASSES)
def test_the_message_names_the_class_that_the_toolkit_lacks(name, settings):
    settings.OAUTH2_PROVIDER = {key: value for key, value in toolkit_settings().items() if key != name}
    assert name in checks.check_wiring()[0].msg


def test_a_site_that_names_the_toolkit_s_own_class(settings):
    settings.OAUTH2_PROVIDER = toolkit_settings(OAUTH2_SERVER_CLASS="oauth2_provider.oauth2_validators.OAuth2Validator")
    assert_ids("fourme_oauth.E004")


@pytest.mark.parametrize("name", checks.OUR_CLASSES)
def test_a_site_that_derives_a_class_of_its_own_is_left_alone(name, settings):
    settings.OAUTH2_PROVIDER = toolkit_settings(**{name: "its.own.Class"})
    assert_ids()


@pytest.mark.parametrize("name", checks.PROMISES)
def test_a_site_that_overrides_a_secure_default(name, settings):
    settings.OAUTH2_PROVIDER = toolkit_settings(**{name: False})
    assert_ids("fourme_oauth.E005")


@pytest.mark.parametrize("name", checks.PROMISES)
def test_message_names_the_overridden_secure_default(name, settings):
    settings.OAUTH2_PROVIDER = toolkit_settings(**{name: False})
    assert name in checks.check_wiring()[0].msg


def test_a_site_with_other_toolkit_settings_has_no_faults(settings):
    settings.OAUTH2_PROVIDER = toolkit_settings(ACCESS_TOKEN_EXPIRE_SECONDS=60)
    assert_ids()


def test_a_site_without_the_endpoints(settings):
    settings.ROOT_URLCONF = NoUrls
    assert_ids("fourme_oauth.E006")


def test_a_site_without_a_root_urlconf(settings):
    del settings.ROOT_URLCONF
    assert_ids("fourme_oauth.E006")


def test_a_site_with_the_endpoints_under_a_prefix(settings):
    settings.ROOT_URLCONF = UnderAPrefix
    assert_ids("fourme_oauth.W001")


def test_a_site_with_the_endpoints_under_a_prefix_and_the_metadata_at_the_root(settings):
    settings.ROOT_URLCONF = UnderAPrefixAndAtTheRoot
    assert_ids()


def test_a_site_with_an_unknown_setting(settings):
    settings.FOURME_OAUTH = {"MAX_LIVE_SECRET": 3}
    assert_ids("fourme_oauth.E007")


def test_every_unknown_setting_is_named(settings):
    settings.FOURME_OAUTH = {"MAX_LIVE_SECRETS": 3, "b": 1, "a": 2}
    assert [message.msg.split("'")[1] for message in checks.check_wiring()] == ["a", "b"]


def test_a_site_with_known_settings(settings):
    settings.FOURME_OAUTH = {"MAX_LIVE_SECRETS": 3}
    assert_ids()


def test_several_faults_are_reported_at_once(settings):
    settings.ROOT_URLCONF = NoUrls
    settings.FOURME_OAUTH = {"x": 1}
    assert_ids("fourme_oauth.E006", "fourme_oauth.E007")


def test_consequences_of_an_unswapped_model_are_not_reported(settings):
    settings.ROOT_URLCONF = NoUrls
    del settings.OAUTH2_PROVIDER_GRANT_MODEL
    assert_ids("fourme_oauth.E001")


@pytest.mark.parametrize(
    "fault", [{"FOURME_OAUTH": {"x": 1}}, {"ROOT_URLCONF": NoUrls}, {"ROOT_URLCONF": UnderAPrefix}]
)
def test_every_message_says_what_to_do(fault, settings):
    for name, value in fault.items():
        setattr(settings, name, value)
    assert all(message.hint for message in checks.check_wiring())


# ── bound ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_checks_run_with_djangos(db, settings):
    settings.FOURME_OAUTH = {"x": 1}
    assert "fourme_oauth.E007" in [message.id for message in run_checks()]


def test_a_fault_stops_the_check_command(db, settings):
    settings.FOURME_OAUTH = {"x": 1}
    with pytest.raises(SystemCheckError, match=r"fourme_oauth\.E007"):
        call_command("check")


# ── documented ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def ids():
    modules = checks, coverage_checks
    return [
        each for module in modules for each in re.findall(r'\bid="([^"]+)"', Path(module.__file__).read_text("utf-8"))
    ]


def test_every_fault_has_an_id_of_its_own(ids):
    assert len(ids) == len(set(ids))


def test_every_id_has_a_heading_in_the_documentation(ids):
    headings = re.findall(r"^## (\S+)$", DOCUMENTATION.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(headings) == sorted(ids)


# ── one missing line, one issue ──────────────────────────────────────────────────────────────────────────────────────


FORGOTTEN = [
    ('"oauth2_provider"', "fourme_oauth.E001", 'Add "oauth2_provider" to INSTALLED_APPS'),
    *[(f"{name} =", "fourme_oauth.E001", f'{name} = "{model}"') for name, model in SWAPPED_MODELS.items()],
    ("_MODEL =", "fourme_oauth.E001", 'OAUTH2_PROVIDER_APPLICATION_MODEL = "fourme_oauth.Application"'),
    ('"rest_framework"', "fourme_oauth.E003", 'Add "rest_framework" to INSTALLED_APPS'),
    ("OAUTH2_PROVIDER =", "fourme_oauth.E004", "OAUTH2_PROVIDER = fourme_oauth.conf.toolkit_settings()"),
    ('include("fourme_oauth.urls")', "fourme_oauth.E006", 'Add path("", include("fourme_oauth.urls"))'),
]


def issues_in(said):
    """Return the ids of what was said, without the toolkit's own warning: two of the six models come together."""
    return [each for each in re.findall(r"\((\w+\.[A-Z]\d+)\)", said) if each != "oauth2_provider.W011"]


ADMIN = {
    "without the admin": lambda site: None,
    "with the admin first": HostSite.install_admin_first,
    "with the admin last": HostSite.install_admin_last,
}


@pytest.fixture(params=ADMIN.values(), ids=ADMIN)
def site(request, tmp_path):
    site = HostSite(tmp_path)
    request.param(site)
    return site


@pytest.mark.once
def test_a_site_that_forgot_nothing_has_no_issue(site):
    assert "no issues" in site.succeed("check")


@pytest.mark.once
@pytest.mark.parametrize(("line", "fault", "hint"), FORGOTTEN, ids=[line for line, *_ in FORGOTTEN])
def test_a_forgotten_line_is_one_issue_that_names_the_line(site, line, fault, hint):
    site.forget(line)
    said = site.manage("check").stderr
    assert (issues_in(said), hint in said) == ([fault], True), said


@pytest.mark.once
def test_a_forgotten_line_is_one_issue_though_the_toolkit_is_listed_first(tmp_path):
    site = HostSite(tmp_path)
    ours, toolkit = '    "fourme_oauth",\n', '    "oauth2_provider",\n'
    site.use(site.settings.replace(ours + toolkit, toolkit + ours), site.urls)
    site.forget("OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL")
    assert issues_in(site.manage("check").stderr) == ["fourme_oauth.E001"]


@pytest.fixture
def incomplete(tmp_path):
    """A site that has forgotten two models, and has faults of its own."""
    site = HostSite(tmp_path)
    site.install_admin_last()
    own = tmp_path / "desk"
    own.mkdir()
    (own / "__init__.py").touch()
    (own / "models.py").write_text(MODELS_WITH_FAULTS, encoding="utf-8")
    silenced = 'SILENCED_SYSTEM_CHECKS = ["fourme_oauth.E001", "fields.E304", "fields.E305"]\n'
    site.use(site.settings + silenced + 'INSTALLED_APPS += ["desk"]\n', site.urls)
    site.forget("OAUTH2_PROVIDER_ID_TOKEN_MODEL")
    site.forget("OAUTH2_PROVIDER_GRANT_MODEL")
    return site


MODELS_WITH_FAULTS = """
from django.db import models


class Ticket(models.Model):
    closed_by = models.ForeignKey("desk.Nobody", on_delete=models.CASCADE)

    class Meta:
        ordering = ["priority"]
"""


@pytest.mark.once
def test_what_is_missing_stands_beside_the_faults_of_the_site(incomplete):
    found = set(issues_in(incomplete.manage("check").stderr))
    assert found == {"fourme_oauth.E001", "fields.E300", "fields.E307", "models.E015"}


@pytest.mark.once
@pytest.mark.parametrize(
    "command",
    [["diffsettings"], ["shell", "-c", "print()"], ["makemigrations", "--help"], ["showmigrations", "--skip-checks"]],
    ids=" ".join,
)
def test_commands_that_fix_it_still_run(incomplete, command):
    incomplete.succeed(*command)


@pytest.mark.once
@pytest.mark.parametrize("arguments", [[], ["--skip-checks"]], ids=["", "without checks"])
def test_a_command_of_ours_says_what_is_missing(incomplete, arguments):
    said = incomplete.manage("revoke_access", "--user", "anna", *arguments).stderr
    assert said.startswith("CommandError: The settings of fourme_oauth are not complete")


@pytest.mark.once
def test_code_of_the_site_that_needs_ours_is_told_what_is_missing(incomplete):
    incomplete.use(incomplete.settings, "from fourme_oauth.rest_framework import HasEffectiveScope" + incomplete.urls)
    said = incomplete.manage("check").stderr
    assert "ImproperlyConfigured: The settings of fourme_oauth are not complete" in said.splitlines()[-1]


EVERY_INCOMPLETE_SITE = """
import itertools, os, sys

# As much as there is without models, so that each process has little to import.
import django.contrib.admin.sites, jwcrypto.jwk, oauthlib.oauth2, requests, rest_framework.settings
from django.conf import settings
from django.core.checks import run_checks

from fourme_oauth.conf import SWAPPED_MODELS


def wrong_in_a_site_that_forgets(names):
    for name in names:
        delattr(settings, name)
    django.setup()
    return [each for each in run_checks() if each.id not in {"fourme_oauth.E001", "oauth2_provider.W011"}]


for size in range(1, 7):
    for names in itertools.combinations(SWAPPED_MODELS, size):
        if os.fork() == 0:
            found = wrong_in_a_site_that_forgets(names)
            print(names, found) if found else None
            sys.stdout.flush()
            os._exit(bool(found))
        _, status = os.wait()
        print("right" if status == 0 else "wrong")
"""


@pytest.mark.endurance
def test_whichever_models_are_forgotten_no_other_check_finds_anything(tmp_path):
    site = HostSite(tmp_path)
    site.install_admin_last()
    said = succeeded(site.run("-c", EVERY_INCOMPLETE_SITE))
    assert said.splitlines() == ["right"] * 63


# ── check --deploy ───────────────────────────────────────────────────────────────────────────────────────────────────


def deployed(tmp_path, **database):
    engine = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "host.sqlite3")}
    return HostSite(tmp_path, engine | database).manage("check", "--deploy").stderr


@pytest.mark.once
def test_sqlite_without_write_lock_waiting_is_reported_by_check_deploy(tmp_path):
    assert "(fourme_oauth.W002)" in deployed(tmp_path)


@pytest.mark.once
def test_sqlite_with_immediate_transactions_is_not_reported(tmp_path):
    reported = deployed(tmp_path, OPTIONS={"transaction_mode": "IMMEDIATE"})
    assert (
        "(security.W009)" in reported
    )  # what Django says of the short SECRET_KEY: the checks of a deployment were run
    assert "fourme_oauth" not in reported


def test_faults_reported_by_check_deploy(monkeypatch):
    monkeypatch.setitem(settings.DATABASES, "default", {"ENGINE": "django.db.backends.sqlite3"})
    assert [message.id for message in checks.check_deployment()] == ["fourme_oauth.W002"]


@pytest.mark.parametrize(
    "database",
    [
        {"ENGINE": "django.db.backends.postgresql"},
        {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": {"transaction_mode": "IMMEDIATE"}},
    ],
)
def test_settings_not_reported_by_check_deploy(monkeypatch, database):
    monkeypatch.setitem(settings.DATABASES, "default", database)
    assert checks.check_deployment() == []


# Secrets that expire soon


@pytest.fixture
def secret_that_lasts(db):
    def secret_that_lasts(days):
        expires_at = timezone.now() + timedelta(days=days)
        return client_secrets.issue(application=ApplicationFactory(name="Acme"), expires_at=expires_at)

    return secret_that_lasts


def test_secret_that_expires_soon_is_reported_by_check_deploy(secret_that_lasts):
    secret_that_lasts(13)
    assert [message.id for message in checks.check_secrets()] == ["fourme_oauth.W010"]


def test_secret_that_expires_soon_is_named_by_its_application_and_its_end(secret_that_lasts):
    issued = secret_that_lasts(13)
    (message,) = checks.check_secrets()
    assert f"The secret …{issued.secret.hint} of Acme expires on" in message.msg
    assert issued.plaintext not in message.msg


@pytest.mark.parametrize("days", [15, -1], ids=["later", "expired"])
def test_other_secrets_are_not_reported(secret_that_lasts, days):
    secret_that_lasts(days)
    assert checks.check_secrets() == []


@pytest.fixture
def reported(db):
    """The hints of the reported secrets, where this many expire soon, the last issued first."""

    def reported(number):
        application, now = ApplicationFactory(), timezone.now()
        ClientSecret.objects.bulk_create(
            ClientSecret(
                application=application, hint=f"{at:04}", issued_at=now, expires_at=now + timedelta(days=7 - at / 10)
            )
            for at in range(number)
        )
        return [re.search(r"…(\d{4})", message.msg)[1] for message in checks.check_secrets()]

    return reported


def test_twenty_secrets_are_reported_one_by_one(reported):
    assert len(reported(20)) == 20


def test_of_more_than_twenty_secrets_the_twenty_that_expire_first_are_reported(reported):
    assert reported(22) == [f"{at:04}" for at in range(21, 1, -1)]


def test_database_that_does_not_answer_is_no_fault_of_secrets(db, database_is_down):
    assert database_is_down(checks.check_secrets) == []


def test_secrets_are_checked_by_check_deploy_only(secret_that_lasts):
    secret_that_lasts(13)
    found = [{message.id for message in run_checks(include_deployment_checks=deploy)} for deploy in (False, True)]
    assert ["fourme_oauth.W010" in ids for ids in found] == [False, True]


# ── the catalogue ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def allow(db):
    """Allow an application a scope that is permitted to nobody by default."""

    def allow(name="request:read", *, disabled=False, **facts):
        scope = ScopeFactory(name=name, **{"for_everyone": False} | facts)
        ApplicationFactory(disabled=disabled).scopes.add(scope)

    return allow


def catalogue_messages():
    return checks.check_catalogue(databases=["default"])


def test_allowed_scope_that_is_permitted_to_nobody_is_named(allow):
    allow("request:read")
    (message,) = catalogue_messages()
    assert (message.id, message.is_serious()) == ("fourme_oauth.W007", False)
    assert message.msg.startswith("The scope 'request:read' is allowed to an application and permitted to nobody")
    assert message.hint


def test_allowed_scope_with_a_role_is_fine(allow, role):
    allow(roles=[role])
    assert catalogue_messages() == []


@pytest.mark.parametrize("facts", [{"for_everyone": True}, {"retired": True}], ids=["tick", "retired"])
def test_allowed_scope_that_needs_no_role_is_fine(allow, facts):
    allow(**facts)
    assert catalogue_messages() == []


def test_scope_that_no_application_is_allowed_is_fine(db):
    ScopeFactory(for_everyone=False)
    assert catalogue_messages() == []


def test_scope_of_disabled_applications_only_is_fine(allow):
    allow(disabled=True)
    assert catalogue_messages() == []


def test_scope_of_several_applications_is_named_once(allow):
    allow()
    allow(disabled=True)
    allow()
    assert len(catalogue_messages()) == 1


def test_only_some_of_many_scopes_are_named(allow, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(checks, "AT_MOST", 2)
    for name in ("c", "b", "a"):
        allow(name)
    with django_assert_num_queries(1):
        assert [message.msg[:14] for message in catalogue_messages()] == ["The scope 'a' ", "The scope 'b' "]


@pytest.mark.parametrize("databases", [None, [], ["another"]])
def test_database_that_django_does_not_lend_is_not_asked_for_scopes(allow, databases, django_assert_num_queries):
    allow()
    with django_assert_num_queries(0):
        assert checks.check_catalogue(databases=databases) == []


def test_database_that_does_not_answer_is_no_fault_of_scopes(db, database_is_down):
    assert database_is_down(catalogue_messages) == []


def test_test_without_database_access_is_not_affected_by_the_catalogue_check():
    # pytest-django raises at database access.
    assert catalogue_messages() == []


def test_catalogue_is_looked_at_where_a_database_is_named(allow, capsys):
    allow()
    call_command("check", databases=["default"])
    assert "(fourme_oauth.W007)" in capsys.readouterr().err
