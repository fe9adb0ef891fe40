"""System checks of the site's configuration: one generator and one id per fault, described in docs/checks.md."""

from collections.abc import Collection, Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.db import DatabaseError, router
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from .conf import INCOMPLETE, KNOWN_KEYS, app_settings, missing_settings

AT_MOST = 20
"""How many messages one check reports at most."""

OUR_CLASSES = (
    "OAUTH2_SERVER_CLASS",
    "OAUTH2_VALIDATOR_CLASS",
    "SCOPES_BACKEND_CLASS",
    "APPLICATION_ADMIN_CLASS",
    "ACCESS_TOKEN_ADMIN_CLASS",
    "GRANT_ADMIN_CLASS",
    "ID_TOKEN_ADMIN_CLASS",
    "REFRESH_TOKEN_ADMIN_CLASS",
)
"""The toolkit settings that must name classes of ours, or classes derived from them."""

PROMISES = (
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE",
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT",
    "ROTATE_REFRESH_TOKEN",
)
"""The toolkit settings that must not be switched off."""


class IncompleteSettings(Error):
    """An error that ``SILENCED_SYSTEM_CHECKS`` does not silence: without the rest of the settings nothing works."""

    def is_silenced(self) -> bool:
        return False


def check_wiring(**kwargs: Any) -> list[CheckMessage]:
    """Report what is missing or wrong in the site's settings and URLconf."""
    # The other faults would be consequences of this one.
    return [*settings_are_complete()] or [
        *rest_framework_is_installed(),
        *toolkit_calls_our_classes(),
        *toolkit_keeps_our_promises(),
        *endpoints_are_mounted(),
        *metadata_is_at_the_root(),
        *settings_are_known(),
    ]


def check_secrets(**kwargs: Any) -> list[CheckMessage]:
    """Report client secrets that are about to expire (``check --deploy``)."""
    return [*secrets_last()]


def check_catalogue(databases: Collection[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Report allowed scopes that are permitted to nobody; only where the check may query the database."""
    scopes = apps.get_model("fourme_oauth", "Scope")
    database = router.db_for_read(scopes)
    return [*allowed_scopes_are_permitted(scopes.objects.using(database))] if database in (databases or ()) else []


def check_deployment(**kwargs: Any) -> list[CheckMessage]:
    """Report settings that are fine for development only (``check --deploy``)."""
    return [*sqlite_can_wait()]


def check_coverage(**kwargs: Any) -> list[CheckMessage]:
    """Report views without declared scopes, and differences between declarations and the catalogue."""
    if not apps.is_installed("rest_framework"):
        return []
    # Not imported above: it imports models, and DRF's views, which import classes of the site.
    coverage = import_module(f"{__package__}.scope_coverage.checks")
    found: list[CheckMessage] = coverage.check_coverage(**kwargs)
    return found


def settings_are_complete() -> Iterator[CheckMessage]:
    if missing := missing_settings():
        yield IncompleteSettings(INCOMPLETE, hint=missing, id="fourme_oauth.E001")


def rest_framework_is_installed() -> Iterator[CheckMessage]:
    if not apps.is_installed("rest_framework"):
        yield Error(
            "Django REST framework is not in INSTALLED_APPS, so protected endpoints can't render their answers.",
            hint='Add "rest_framework" to INSTALLED_APPS.',
            id="fourme_oauth.E003",
        )


def toolkit_calls_our_classes() -> Iterator[CheckMessage]:
    found = getattr(settings, "OAUTH2_PROVIDER", {})
    wrong = [name for name in OUR_CLASSES if _is_the_toolkits(found.get(name))]
    if wrong:
        yield Error(
            f"OAUTH2_PROVIDER does not name our {', '.join(wrong)}, so the toolkit's own rules would be in force.",
            hint="Write OAUTH2_PROVIDER = fourme_oauth.conf.toolkit_settings() in your settings; your own keys go in.",
            id="fourme_oauth.E004",
        )


def toolkit_keeps_our_promises() -> Iterator[CheckMessage]:
    found = getattr(settings, "OAUTH2_PROVIDER", {})
    broken = [name for name in PROMISES if not found.get(name, True)]
    if broken:
        yield Error(
            f"OAUTH2_PROVIDER switches off {', '.join(broken)}, which this package is built on.",
            hint="Remove it from what you pass to fourme_oauth.conf.toolkit_settings(...).",
            id="fourme_oauth.E005",
        )


def endpoints_are_mounted() -> Iterator[CheckMessage]:
    if not _resolves("oauth2_provider:authorize") or not _resolves("fourme_oauth:access_and_security"):
        yield Error(
            "The endpoints are not mounted, so no application can ask for access.",
            hint='Add path("", include("fourme_oauth.urls")) to your root URLconf.',
            id="fourme_oauth.E006",
        )


def metadata_is_at_the_root() -> Iterator[CheckMessage]:
    if not _resolves("oauth2_provider:authorize"):
        return
    under_a_prefix = reverse("oauth2_provider:authorize") != "/oauth/authorize"
    if under_a_prefix and not _resolves("oauth-authorization-server"):
        yield Warning(
            "The endpoints are mounted under a prefix, where nobody looks for metadata (RFC 8414 section 3).",
            hint='Add path("", include("fourme_oauth.well_known_urls")) to your root URLconf.',
            id="fourme_oauth.W001",
        )


def settings_are_known() -> Iterator[CheckMessage]:
    for key in sorted(set(getattr(settings, "FOURME_OAUTH", {})) - KNOWN_KEYS):
        yield Error(
            f"FOURME_OAUTH has a key {key!r}, which means nothing.",
            hint=f"Use one of {', '.join(sorted(KNOWN_KEYS))}.",
            id="fourme_oauth.E007",
        )


def sqlite_can_wait() -> Iterator[CheckMessage]:
    database = settings.DATABASES.get("default", {})
    immediate = database.get("OPTIONS", {}).get("transaction_mode") == "IMMEDIATE"
    if database.get("ENGINE") == "django.db.backends.sqlite3" and not immediate:
        yield Warning(
            "SQLite begins transactions without its write lock, so of requests at the same time some fail at once.",
            hint='Add "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20} to DATABASES["default"].',
            id="fourme_oauth.W002",
        )


def allowed_scopes_are_permitted(scopes: Any) -> Iterator[CheckMessage]:
    allowed = scopes.in_catalogue().permitted_to_nobody().filter(applications__disabled=False)
    try:
        names = list(allowed.order_by("name").values_list("name", flat=True).distinct()[:AT_MOST])
    except Exception:
        # No table yet, no database, or a test without one: other checks report that.
        return
    for name in names:
        yield Warning(
            f"The scope {name!r} is allowed to an application and permitted to nobody, so it is never in effect.",
            hint='In the admin, under Scopes, give it a role or tick "For everyone"; or retire it.',
            id="fourme_oauth.W007",
        )


def secrets_last() -> Iterator[CheckMessage]:
    within = timedelta(days=app_settings.warn_of_expiring_secrets_days)
    secrets = apps.get_model("fourme_oauth", "ClientSecret").objects.expiring(timezone.now(), within=within)
    try:
        due = list(secrets.select_related("application")[:AT_MOST])
    except DatabaseError:
        return  # not migrated yet, or no database while the site is built
    for secret in due:
        yield Warning(
            f"The secret {secret} of {secret.application.name} expires on {secret.expires_at:%Y-%m-%d}: after that, "
            "the application gets no more tokens with it.",
            hint="Issue another on the application's page in the admin, and have the application switched over.",
            id="fourme_oauth.W010",
        )


def _is_the_toolkits(found: Any) -> bool:
    """Is it the toolkit's own class? One of the site's, derived from ours, is fine."""
    return found is None or str(getattr(found, "__module__", found)).startswith("oauth2_provider.")


def _resolves(name: str) -> bool:
    if not getattr(settings, "ROOT_URLCONF", None):
        return False
    try:
        reverse(name)
    except NoReverseMatch:
        return False
    return True
