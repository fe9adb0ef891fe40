from importlib import import_module

import pytest
from django.apps import AppConfig, apps
from django.core.checks.registry import registry
from django.db.models.signals import pre_delete
from django.test.utils import isolate_apps

from fourme_oauth import checks, receivers
from fourme_oauth.models import Application

OUR_CHECKS = {
    checks.check_wiring,
    checks.check_deployment,
    checks.check_coverage,
    checks.check_catalogue,
    checks.check_secrets,
}


@pytest.fixture
def config():
    return apps.get_app_config("fourme_oauth")


@pytest.fixture
def registered_checks(monkeypatch):
    """Return which checks there are; one of Django's stands for them all."""

    def check_of_django(**arguments):
        return []

    monkeypatch.setattr(registry, "registered_checks", {check_of_django})
    monkeypatch.setattr(registry, "deployment_checks", {check_of_django})
    return lambda: registry.registered_checks | registry.deployment_checks


@pytest.fixture
def imported(monkeypatch, config):
    """Return the names of the modules that are imported, and where the models are."""
    imports = []
    monkeypatch.setattr(AppConfig, "import_models", lambda config: imports.append("models"))
    monkeypatch.setattr("fourme_oauth.apps.import_module", lambda name: imports.append(name) or import_module(name))
    monkeypatch.setattr(config, "models", config.models)
    return imports


def test_app_has_its_verbose_name(config):
    assert config.verbose_name == "Applications"


def test_our_checks_are_registered(config, registered_checks):
    config.ready()
    assert registered_checks() >= OUR_CHECKS


def test_one_check_of_ours_is_registered_while_the_settings_are_not_complete(config, registered_checks, settings):
    del settings.OAUTH2_PROVIDER_GRANT_MODEL
    config.ready()
    assert registered_checks() & OUR_CHECKS == {checks.check_wiring}


@pytest.mark.parametrize("name", ["OAUTH2_PROVIDER", "OAUTH2_PROVIDER_GRANT_MODEL"])
def test_the_checks_of_others_stay(config, registered_checks, settings, name):
    before = registered_checks()
    delattr(settings, name)
    config.ready()
    assert registered_checks() - OUR_CHECKS == before


def test_models_are_imported(config, imported):
    config.import_models()
    assert imported == ["models"]


@isolate_apps()
def test_models_are_not_imported_while_the_settings_are_not_complete(config, imported, settings):
    del settings.OAUTH2_PROVIDER_GRANT_MODEL
    config.import_models()
    assert imported == ["fourme_oauth.placeholder_models"]


def test_nothing_is_imported_without_the_toolkit(config, imported, monkeypatch):
    monkeypatch.setattr("fourme_oauth.apps.missing_settings", lambda: "the toolkit")
    monkeypatch.setattr(apps, "is_installed", lambda name: False)
    config.import_models()
    assert imported == []


@isolate_apps()
def test_django_can_ask_which_models_there_are_when_none_was_imported(config, imported, settings):
    del settings.OAUTH2_PROVIDER_GRANT_MODEL
    config.models = None
    config.import_models()
    assert Application in config.get_models()  # the tests' own site has imported it


def test_pre_delete_receiver_for_applications_is_connected():
    assert receivers.application_is_deleted in pre_delete._live_receivers(Application)[0]


@pytest.mark.parametrize("installed", [True, False], ids=["installed", "not installed"])
def test_openapi_extension_is_registered_where_drf_spectacular_is_installed(
    config, registered_checks, imported, monkeypatch, installed
):
    is_installed = apps.is_installed
    monkeypatch.setattr(
        apps, "is_installed", lambda name: installed if name == "drf_spectacular" else is_installed(name)
    )
    config.ready()
    assert ("fourme_oauth.rest_framework.schema" in imported) is installed
