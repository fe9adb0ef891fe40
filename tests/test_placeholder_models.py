"""The placeholder models while the settings are incomplete."""

import pytest
from django.test.utils import isolate_apps
from oauth2_provider.models import AbstractAccessToken

from fourme_oauth import placeholder_models
from fourme_oauth.conf import SWAPPED_MODELS


@pytest.fixture
def define(settings):
    """Name these settings and no other, and return the placeholders by name."""

    def define(*named):
        for name in SWAPPED_MODELS.keys() - set(named):
            delattr(settings, name)
        return {model.__name__: model for model in placeholder_models.define()}

    with isolate_apps():
        yield define


def test_every_model_that_the_settings_name_has_a_placeholder(define):
    named = ["OAUTH2_PROVIDER_GRANT_MODEL", "OAUTH2_PROVIDER_ID_TOKEN_MODEL"]
    assert define(*named).keys() == {"Grant", "IDToken"}


def test_no_other_has_one(define):
    assert define() == {}


def test_a_model_that_the_site_puts_in_the_place_of_ours_has_none(define, settings):
    settings.OAUTH2_PROVIDER_GRANT_MODEL = "another.Grant"
    assert define("OAUTH2_PROVIDER_GRANT_MODEL") == {}


@pytest.fixture
def placeholder(define):
    return define("OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL")["AccessToken"]


def test_a_placeholder_is_found_by_the_name_in_the_settings(placeholder):
    assert placeholder._meta.label == SWAPPED_MODELS["OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL"]


def test_a_placeholder_has_the_columns_of_the_toolkit(placeholder):
    assert issubclass(placeholder, AbstractAccessToken)


def test_no_table_is_made_for_a_placeholder(placeholder):
    assert not placeholder._meta.managed
