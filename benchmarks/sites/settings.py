"""The settings of each site: identical except for what is compared."""

from typing import Any

import environ

from demo_project import databases
from fourme_oauth.conf import toolkit_settings

OURS, STOCK, STOCK_WITH_FAST_HASH = "fourme_oauth", "toolkit", "toolkit, fast hash"
MODULES = {OURS: "benchmarks.sites.ours", STOCK: "benchmarks.sites.stock"}
MODULES[STOCK_WITH_FAST_HASH] = MODULES[STOCK]
"""The module of each with its ``fill``."""


def settings_of(site: str) -> dict[str, Any]:
    """Return the arguments of ``settings.configure``."""
    return {
        "SECRET_KEY": "not a secret",  # protects nothing in a benchmark
        "USE_TZ": True,
        "ALLOWED_HOSTS": ["testserver"],
        # Persistent: connecting would take longer than what is compared.
        "DATABASES": {"default": databases.from_environment(environ.Env()) | {"CONN_MAX_AGE": None}},
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.PBKDF2PasswordHasher", "benchmarks.sites.hashers.OneRound"],
    } | {OURS: _ours, STOCK: _stock, STOCK_WITH_FAST_HASH: _stock_with_fast_hash}[site]()


def _ours() -> dict[str, Any]:
    models = ("Application", "AccessToken", "RefreshToken", "Grant", "IDToken", "DeviceGrant")
    names = ("APPLICATION", "ACCESS_TOKEN", "REFRESH_TOKEN", "GRANT", "ID_TOKEN", "DEVICE_GRANT")
    return {
        "INSTALLED_APPS": [*_apps(), "rest_framework", "fourme_oauth", "oauth2_provider"],
        "ROOT_URLCONF": "fourme_oauth.urls",
        "OAUTH2_PROVIDER": toolkit_settings(),
    } | {f"OAUTH2_PROVIDER_{name}_MODEL": f"fourme_oauth.{model}" for name, model in zip(names, models, strict=True)}


def _stock() -> dict[str, Any]:
    return {"INSTALLED_APPS": [*_apps(), "oauth2_provider"], "ROOT_URLCONF": "benchmarks.sites.toolkit_urls"}


def _stock_with_fast_hash() -> dict[str, Any]:
    return _stock() | {"OAUTH2_PROVIDER": {"CLIENT_SECRET_HASHER": "one_round"}}


def _apps() -> list[str]:
    return ["django.contrib.auth", "django.contrib.contenttypes"]
