from importlib import import_module

import pytest
from django.apps import AppConfig, apps
from django.core.checks import Error, register
from django.core.checks.registry import registry
from django.db.models.signals import pre_delete

from fourme_oauth import checks, effective_access, revocation
from fourme_oauth.models import AccessToken, Application


@pytest.fixture
def config():
    return apps.get_app_config("fourme_oauth")


@pytest.fixture
def registered_checks(monkeypatch):
    """Say which checks of Django and of others there are; one stands for them all."""

    def check_of_django(**arguments):
        return []

    monkeypatch.setattr(registry, "registered_checks", {check_of_django})
    monkeypatch.setattr(registry, "deployment_checks", {check_of_django})
    ours = {checks.check_wiring, checks.check_deployment, checks.check_coverage, checks.check_secrets}
    return lambda: (registry.registered_checks | registry.deployment_checks) - ours


@pytest.fixture
def imported(monkeypatch):
    """Whether models were imported."""
    imports = []
    monkeypatch.setattr(AppConfig, "import_models", lambda config: imports.append(config))
    return imports


def forget(monkeypatch, name):
    monkeypatch.setattr(checks, name, lambda: iter([Error("forgotten")]))


def test_the_app_is_called_as_administrators_see_it(config):
    assert config.verbose_name == "Applications"


def test_our_check_is_registered(config, registered_checks):
    config.ready()
    assert checks.check_wiring in registry.registered_checks


def test_the_checks_of_others_stay_where_nothing_was_forgotten(config, registered_checks):
    config.ready()
    assert len(registered_checks()) == 1


@pytest.mark.parametrize("forgotten", ["toolkit_is_installed", "tables_are_swapped"])
def test_the_checks_of_others_go_where_they_would_trip_over_the_consequences(
    config, registered_checks, monkeypatch, forgotten
):
    forget(monkeypatch, forgotten)
    config.ready()
    assert registered_checks() == set()


@pytest.mark.parametrize("forgotten", ["toolkit_is_installed", "tables_are_swapped"])
def test_checks_of_applications_that_come_later_stay_out(config, registered_checks, monkeypatch, forgotten):
    forget(monkeypatch, forgotten)
    config.ready()
    register(lambda **arguments: [])
    register(lambda **arguments: [], deploy=True)
    assert registered_checks() == set()


@pytest.mark.parametrize("forgotten", ["toolkit_is_installed", "tables_are_swapped"])
def test_our_check_is_registered_where_something_was_forgotten(config, registered_checks, monkeypatch, forgotten):
    forget(monkeypatch, forgotten)
    config.ready()
    assert checks.check_wiring in registry.registered_checks


def test_models_are_imported_where_the_toolkit_is_installed(config, imported):
    config.import_models()
    assert imported == [config]


def test_models_are_not_imported_without_the_toolkit(config, imported, monkeypatch):
    forget(monkeypatch, "toolkit_is_installed")
    config.import_models()
    assert imported == []


def test_deleting_an_application_tells_the_rule():
    receivers = pre_delete._live_receivers(Application)[0]
    assert revocation.end_deleted_application in receivers


def test_the_toolkit_asks_the_rule_whether_a_token_is_valid():
    assert AccessToken.is_valid is effective_access.is_valid


@pytest.mark.parametrize("installed", [True, False], ids=["installed", "not installed"])
def test_the_openapi_document_is_told_of_tokens_where_there_can_be_one(
    config, registered_checks, monkeypatch, installed
):
    wired, is_installed = [], apps.is_installed
    monkeypatch.setattr(
        apps, "is_installed", lambda name: installed if name == "drf_spectacular" else is_installed(name)
    )
    monkeypatch.setattr("fourme_oauth.apps.import_module", lambda name: wired.append(name) or import_module(name))
    config.ready()
    assert ("fourme_oauth.rest_framework.schema" in wired) is installed
