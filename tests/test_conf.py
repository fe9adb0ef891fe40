import pytest
from django.utils.module_loading import import_string
from oauth2_provider.settings import DEFAULTS

from fourme_oauth import models
from fourme_oauth.conf import DAY, KNOWN_KEYS, SWAPPED_MODELS, TOOLKIT_DEFAULTS, app_settings, toolkit_settings

PROPERTIES = {
    "AUTHORIZATION_MAX_AGE_SECONDS": 365 * DAY,
    "REFRESH_TOKEN_REPLAY_GRACE_SECONDS": 10,
    "LAST_USED_INTERVAL_SECONDS": 15 * 60,
    "WARN_OF_EXPIRING_SECRETS_DAYS": 14,
    "MAX_LIVE_SECRETS": 2,
    "END_ACCESS_OF_DEACTIVATED_USERS": False,
    "END_ACCESS_ON_PASSWORD_CHANGE": False,
    "FAILED_AUTHENTICATIONS_PER_MINUTE": 30,
    "MAIL_ON_REUSE": True,
    "MAIL_ON_FIRST_AUTHORIZATION": True,
    "MAIL_ON_MORE_ACCESS": True,
    "MAIL_ON_REVOCATION": True,
    "KEEP_IP_ADDRESSES": False,
    "USER_LANGUAGE_ATTRIBUTE": None,
    "AUDIT_RETENTION_DAYS": None,
    "REALM": "api",
}


@pytest.mark.parametrize(("key", "default"), PROPERTIES.items())
def test_a_site_that_says_nothing_gets_the_default(key, default, settings):
    settings.FOURME_OAUTH = {}
    assert getattr(app_settings, key.lower()) == default


@pytest.mark.parametrize(("key", "default"), PROPERTIES.items())
def test_a_site_without_the_setting_gets_the_default(key, default, settings):
    settings.FOURME_OAUTH = {}
    del settings.FOURME_OAUTH
    assert getattr(app_settings, key.lower()) == default


@pytest.mark.parametrize("key", PROPERTIES)
def test_what_a_site_says_is_read_live(key, settings):
    settings.FOURME_OAUTH = {key: "its own"}
    assert getattr(app_settings, key.lower()) == "its own"


def test_the_end_of_an_authorization_can_be_switched_off(settings):
    settings.FOURME_OAUTH = {"AUTHORIZATION_MAX_AGE_SECONDS": None}
    assert app_settings.authorization_max_age_seconds is None


@pytest.mark.parametrize(
    ("static", "media", "origins"),
    [
        ("/static/", "/media/", []),
        ("https://cdn.example/static/", "/media/", ["https://cdn.example"]),
        ("/static/", "https://cdn.example/media/", ["https://cdn.example"]),
        ("https://cdn.example/static/", "https://cdn.example/media/", ["https://cdn.example"]),
        ("https://b.example/", "https://a.example:8443/", ["https://a.example:8443", "https://b.example"]),
        (None, None, []),
    ],
)
def test_asset_origins_are_the_other_origins_of_static_files_and_media(settings, static, media, origins):
    settings.STATIC_URL, settings.MEDIA_URL = static, media
    assert app_settings.asset_origins() == origins


def test_the_known_keys_are_the_properties():
    assert set(PROPERTIES) == KNOWN_KEYS


def test_the_toolkit_settings_are_secure_defaults():
    assert toolkit_settings() == TOOLKIT_DEFAULTS


def test_a_key_of_the_site_wins_over_the_default():
    assert toolkit_settings(ACCESS_TOKEN_EXPIRE_SECONDS=60)["ACCESS_TOKEN_EXPIRE_SECONDS"] == 60


def test_a_key_of_the_site_leaves_the_defaults_for_the_next():
    toolkit_settings(ACCESS_TOKEN_EXPIRE_SECONDS=60)
    assert toolkit_settings()["ACCESS_TOKEN_EXPIRE_SECONDS"] == 3600


@pytest.mark.parametrize("key", TOOLKIT_DEFAULTS)
def test_the_toolkit_knows_every_setting_that_we_give_it(key):
    assert key in DEFAULTS


@pytest.mark.parametrize("key", [key for key in TOOLKIT_DEFAULTS if key.endswith("_CLASS")])
def test_every_class_that_we_name_to_the_toolkit_is_there(key):
    assert import_string(TOOLKIT_DEFAULTS[key])


@pytest.mark.parametrize(
    ("key", "seconds"),
    [
        ("ACCESS_TOKEN_EXPIRE_SECONDS", 3600),
        ("REFRESH_TOKEN_EXPIRE_SECONDS", 1209600),
        ("AUTHORIZATION_CODE_EXPIRE_SECONDS", 60),
    ],
)
def test_lifetimes_are_as_documented(key, seconds):
    assert TOOLKIT_DEFAULTS[key] == seconds


@pytest.mark.parametrize("model", SWAPPED_MODELS.values())
def test_every_swapped_model_is_there(model):
    _, name = model.split(".")
    assert getattr(models, name)._meta.label == model


@pytest.mark.parametrize("setting", SWAPPED_MODELS)
def test_every_swapped_model_is_the_toolkits(setting):
    assert setting.removeprefix("OAUTH2_PROVIDER_") in DEFAULTS
