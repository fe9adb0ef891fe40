"""
Settings of the site: ``FOURME_OAUTH``, and secure defaults for the toolkit's ``OAUTH2_PROVIDER``.

Read at each access, so ``override_settings`` works.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

SWAPPED_MODELS = {
    "OAUTH2_PROVIDER_APPLICATION_MODEL": "fourme_oauth.Application",
    "OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL": "fourme_oauth.AccessToken",
    "OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL": "fourme_oauth.RefreshToken",
    "OAUTH2_PROVIDER_GRANT_MODEL": "fourme_oauth.Grant",
    "OAUTH2_PROVIDER_ID_TOKEN_MODEL": "fourme_oauth.IDToken",
    "OAUTH2_PROVIDER_DEVICE_GRANT_MODEL": "fourme_oauth.DeviceGrant",
}
"""The six settings that swap the toolkit's models for ours. All or none: the models refer to each other."""

INCOMPLETE = "The settings of fourme_oauth are not complete, so it has no models, no addresses and no pages yet."

DAY = 24 * 60 * 60

TOOLKIT_DEFAULTS: dict[str, Any] = {
    "ACCESS_TOKEN_EXPIRE_SECONDS": 60 * 60,
    "REFRESH_TOKEN_EXPIRE_SECONDS": 14 * DAY,
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
    "ROTATE_REFRESH_TOKEN": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "PKCE_REQUIRED": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    "OAUTH2_SERVER_CLASS": "fourme_oauth.authorization_server.server.AuthorizationServer",
    "OAUTH2_VALIDATOR_CLASS": "fourme_oauth.authorization_server.request_validator.RequestValidator",
    "SCOPES_BACKEND_CLASS": "fourme_oauth.authorization_server.scopes_backend.ScopesBackend",
    "APPLICATION_ADMIN_CLASS": "fourme_oauth.admin.ApplicationAdmin",
    # Tokens and codes are not shown in the admin.
    "ACCESS_TOKEN_ADMIN_CLASS": "fourme_oauth.admin.HiddenAdmin",
    "GRANT_ADMIN_CLASS": "fourme_oauth.admin.HiddenAdmin",
    "ID_TOKEN_ADMIN_CLASS": "fourme_oauth.admin.HiddenAdmin",
    "REFRESH_TOKEN_ADMIN_CLASS": "fourme_oauth.admin.HiddenAdmin",
    "OAUTH2_GRANT_TYPES_SUPPORTED": ["authorization_code", "refresh_token", "client_credentials"],
    "OAUTH2_RESPONSE_TYPES_SUPPORTED": ["code"],
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_SCHEME": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_MATCHING": True,
    "COMPLIANT_BCP_RFC9700_PKCE_REQUIRED": True,
}


def toolkit_settings(**own: Any) -> dict[str, Any]:
    """
    Return the value for ``OAUTH2_PROVIDER``: secure defaults, under the site's ``own`` keys.

    Lifetimes are in seconds. ``manage.py check`` reports keys that weaken what this package promises.
    """
    return TOOLKIT_DEFAULTS | own


def missing_settings() -> str:
    """
    Return what a site must still add to its settings before our models can be defined; empty where nothing is missing.

    The app registry must be ready for ``get_app_configs()``, as it is when Django imports models.
    """
    missing = [*_missing_applications(), *_missing_lines()]
    if missing and not apps.is_installed("rest_framework"):
        missing.append('Add "rest_framework" to INSTALLED_APPS.')
    return " ".join(missing)


def require_complete_settings() -> None:
    """Raise ``ImproperlyConfigured`` with what a site must still add, if anything."""
    if missing := missing_settings():
        raise ImproperlyConfigured(f"{INCOMPLETE} {missing}")


def _missing_applications() -> Iterator[str]:
    names = [config.name for config in apps.get_app_configs()]
    if "fourme_oauth" not in names:
        yield 'Add "fourme_oauth" to INSTALLED_APPS, before "oauth2_provider".'
    elif "oauth2_provider" not in names:
        yield 'Add "oauth2_provider" to INSTALLED_APPS, after "fourme_oauth".'
    elif names.index("oauth2_provider") < names.index("fourme_oauth"):
        # Of templates and commands with the same name, Django takes those of the app that is listed first.
        yield 'Put "fourme_oauth" before "oauth2_provider" in INSTALLED_APPS.'


def _missing_lines() -> Iterator[str]:
    lines = [f'{name} = "{model}"' for name, model in SWAPPED_MODELS.items() if getattr(settings, name, None) != model]
    if not lines:
        return
    if not hasattr(settings, "OAUTH2_PROVIDER"):
        lines.append("OAUTH2_PROVIDER = fourme_oauth.conf.toolkit_settings()")
    yield f"Add to your settings: {'; '.join(lines)}"


class Settings:
    """``settings.FOURME_OAUTH`` as typed properties with defaults."""

    def _get(self, key: str, default: Any) -> Any:
        return getattr(settings, "FOURME_OAUTH", {}).get(key, default)

    @property
    def authorization_max_age_seconds(self) -> int | None:
        """For how many seconds after the last consent refresh tokens can be renewed; ``None``: without limit."""
        value: int | None = self._get("AUTHORIZATION_MAX_AGE_SECONDS", 365 * DAY)
        return value

    @property
    def refresh_token_replay_grace_seconds(self) -> int:
        """For how many seconds after its rotation a reused refresh token counts as a retry and not as an attack."""
        value: int = self._get("REFRESH_TOKEN_REPLAY_GRACE_SECONDS", 10)
        return value

    @property
    def last_used_interval_seconds(self) -> int:
        """The last use of a secret or an authorization is stored at most once in this many seconds."""
        value: int = self._get("LAST_USED_INTERVAL_SECONDS", 15 * 60)
        return value

    @property
    def max_live_secrets(self) -> int:
        """How many live secrets an application may have; two, so that they can be rotated."""
        value: int = self._get("MAX_LIVE_SECRETS", 2)
        return value

    @property
    def warn_of_expiring_secrets_days(self) -> int:
        """How many days before the expiry of a secret the managers are warned."""
        value: int = self._get("WARN_OF_EXPIRING_SECRETS_DAYS", 14)
        return value

    @property
    def end_access_of_deactivated_users(self) -> bool:
        """Whether a deactivated user's authorizations are revoked at the first attempt to use one."""
        value: bool = self._get("END_ACCESS_OF_DEACTIVATED_USERS", False)
        return value

    @property
    def end_access_on_password_change(self) -> bool:
        """Whether a change of the password revokes all of the user's authorizations."""
        value: bool = self._get("END_ACCESS_ON_PASSWORD_CHANGE", False)
        return value

    @property
    def failed_authentications_per_minute(self) -> int | None:
        """How many failed authentications per application and client IP are allowed in a minute; ``None``: no limit."""
        value: int | None = self._get("FAILED_AUTHENTICATIONS_PER_MINUTE", 30)
        return value

    @property
    def keep_ip_addresses(self) -> bool:
        """Whether the audit trail stores the client IP; of IPv6, the /64 network."""
        value: bool = self._get("KEEP_IP_ADDRESSES", False)
        return value

    @property
    def audit_retention_days(self) -> int | None:
        """For how many days ``delete_old_audit_events`` keeps audit events; ``None``: for ever."""
        value: int | None = self._get("AUDIT_RETENTION_DAYS", None)
        return value

    @property
    def mail_on_reuse(self) -> bool:
        """Whether users get a mail when a code or refresh token for their account is reused."""
        value: bool = self._get("MAIL_ON_REUSE", True)
        return value

    @property
    def mail_on_first_authorization(self) -> bool:
        """Whether users get a mail when they allow an application for the first time, or again after a revocation."""
        value: bool = self._get("MAIL_ON_FIRST_AUTHORIZATION", True)
        return value

    @property
    def mail_on_more_access(self) -> bool:
        """Whether users get a mail when they grant more scopes to an application."""
        value: bool = self._get("MAIL_ON_MORE_ACCESS", True)
        return value

    @property
    def mail_on_revocation(self) -> bool:
        """Whether users get a mail when somebody else revokes an authorization of theirs."""
        value: bool = self._get("MAIL_ON_REVOCATION", True)
        return value

    @property
    def user_language_attribute(self) -> str | None:
        """The user's attribute with the language of mails, as a dotted path; ``None``: not known."""
        value: str | None = self._get("USER_LANGUAGE_ATTRIBUTE", None)
        return value

    @property
    def realm(self) -> str:
        """The protection space named in ``WWW-Authenticate`` (RFC 9110 section 11.5)."""
        value: str = self._get("REALM", "api")
        return value

    def proxies(self) -> int | None:
        """Return DRF's ``NUM_PROXIES``: how many proxies are in front of the site; ``None`` where it is not set."""
        value: int | None = getattr(settings, "REST_FRAMEWORK", {}).get("NUM_PROXIES")
        return value

    def asset_origins(self) -> list[str]:
        """Return the origins of ``STATIC_URL`` and ``MEDIA_URL`` where they are not the site's own, such as a CDN."""
        parts = [urlsplit(getattr(settings, name, None) or "") for name in ("STATIC_URL", "MEDIA_URL")]
        return sorted({f"{part.scheme}://{part.netloc}" for part in parts if part.scheme and part.netloc})


KNOWN_KEYS = frozenset(name.upper() for name, member in vars(Settings).items() if isinstance(member, property))
"""The keys that ``settings.FOURME_OAUTH`` may have."""

app_settings = Settings()
