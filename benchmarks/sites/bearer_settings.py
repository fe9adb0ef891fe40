"""The settings of each API: the same but for who authenticates."""

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
"""The URLs of each, and what fills it."""

PREPARED_STATEMENTS = {"server_side_binding": True, "prepare_threshold": 5}
"""What a site puts into the ``OPTIONS`` of PostgreSQL."""


def settings_of_api(api: str) -> dict[str, Any]:
    """Return what ``settings.configure`` takes."""
    site = settings_of(OURS if api in {OURS, RAW} else STOCK)
    if environ.Env().bool("PREPARED_STATEMENTS", default=False):
        site["DATABASES"]["default"]["OPTIONS"] = PREPARED_STATEMENTS
    apps = ["rest_framework", *(["rest_framework.authtoken"] if api == DRF_TOKEN else [])]
    return site | {
        "INSTALLED_APPS": [*site["INSTALLED_APPS"], *(app for app in apps if app not in site["INSTALLED_APPS"])],
        "ROOT_URLCONF": MODULES[api],
        "REST_FRAMEWORK": {"DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"]},
    }
