"""The settings of each API: identical except for authentication."""

from typing import Any

import environ

from benchmarks.sites.settings import OURS, STOCK, settings_of

RAW, DRF_TOKEN = "raw", "DRF token"
MODULES = {
    OURS: "benchmarks.sites.bearer_ours",
    RAW: "benchmarks.sites.bearer_raw",
    DRF_TOKEN: "benchmarks.sites.bearer_drf_token",
    STOCK: "benchmarks.sites.bearer_toolkit",
}
"""The module of each with its ``urlpatterns`` and ``fill``."""

PREPARED_STATEMENTS = {"server_side_binding": True, "prepare_threshold": 5}
"""``OPTIONS`` for psycopg 3 that make the server prepare statements."""


def settings_of_api(api: str) -> dict[str, Any]:
    """Return the arguments of ``settings.configure``."""
    site = settings_of(OURS if api in {OURS, RAW} else STOCK)
    if environ.Env().bool("PREPARED_STATEMENTS", default=False):
        site["DATABASES"]["default"]["OPTIONS"] = PREPARED_STATEMENTS
    apps = ["rest_framework", *(["rest_framework.authtoken"] if api == DRF_TOKEN else [])]
    return site | {
        "INSTALLED_APPS": [*site["INSTALLED_APPS"], *(app for app in apps if app not in site["INSTALLED_APPS"])],
        "ROOT_URLCONF": MODULES[api],
        "REST_FRAMEWORK": {"DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"]},
    }
