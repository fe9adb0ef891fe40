"""What can be imported while the settings are not complete; tests/test_checks.py tries it on whole sites."""

from importlib.util import find_spec, module_from_spec
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.http import Http404
from django.test import RequestFactory
from django.urls import URLResolver
from django.urls.resolvers import RegexPattern

import fourme_oauth
from fourme_oauth import admin, urls
from fourme_oauth.admin import HiddenAdmin
from fourme_oauth.management.commands import explain_access

COMMANDS = sorted(path.stem for path in Path(explain_access.__file__).parent.glob("*.py"))
MISSING = 'not complete.* Add to your settings: OAUTH2_PROVIDER_GRANT_MODEL = "fourme_oauth.Grant"$'


@pytest.fixture
def forgotten(settings):
    del settings.OAUTH2_PROVIDER_GRANT_MODEL


def imported(name):
    """Return the module as it is when it is imported for the first time; what others have imported stays."""
    spec = find_spec(f"{fourme_oauth.__name__}.{name}")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_models_say_what_is_missing(forgotten):
    with pytest.raises(ImproperlyConfigured, match=MISSING):
        imported("models")


def test_the_administration_can_be_imported(forgotten):
    assert imported("admin").HiddenAdmin is HiddenAdmin


def test_application_admin_is_hidden_while_the_settings_are_incomplete(forgotten):
    assert imported("admin").ApplicationAdmin is HiddenAdmin


@pytest.mark.parametrize("name", sorted(set(admin.__all__) - {"ApplicationAdmin", "HiddenAdmin"}))
def test_importing_another_class_says_what_is_missing(forgotten, name):
    with pytest.raises(ImproperlyConfigured, match=MISSING):
        getattr(imported("admin"), name)


def test_a_misspelled_name_is_no_matter_of_settings(forgotten):
    with pytest.raises(AttributeError, match="ScopesAdmin"):
        imported("admin").ScopesAdmin  # noqa: B018 - reading it is the act


def resolver(module):
    return URLResolver(RegexPattern(r"^/"), module)


ADDRESSES = ["/oauth/authorize", "/oauth/token", "/access-and-security/", "/.well-known/oauth-authorization-server"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_our_addresses_say_what_is_missing(forgotten, address):
    view, arguments, named = resolver(imported("urls")).resolve(address)
    with pytest.raises(ImproperlyConfigured, match=MISSING):
        view(RequestFactory().get(address), *arguments, **named)


def test_addresses_of_the_site_are_not_ours(forgotten):
    with pytest.raises(Http404):
        resolver(imported("urls")).resolve("/")


@pytest.mark.parametrize("address", ADDRESSES)
def test_our_addresses_are_what_they_are_once_nothing_is_missing(address):
    assert resolver(imported("urls")).resolve(address).func is not urls.not_configured


def test_a_process_that_started_before_the_settings_were_complete_has_no_pages(client):
    with pytest.raises(Http404):
        urls.not_configured(RequestFactory().get("/"), ours="oauth")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_what_is_missing(forgotten, name):
    with pytest.raises(CommandError, match=MISSING):
        imported(f"management.commands.{name}").Command().execute(skip_checks=True)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_its_help(forgotten, name):
    command = imported(f"management.commands.{name}").Command()
    assert "usage" in command.create_parser("manage.py", name).format_help()
