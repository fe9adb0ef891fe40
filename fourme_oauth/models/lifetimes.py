"""Token lifetimes of an application: the site's, or shorter."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from oauth2_provider.settings import oauth2_settings


def shorter(site_seconds: int, own_seconds: int | None) -> timedelta:
    """Return the shorter of the two lifetimes; ``None`` stands for the site's."""
    return timedelta(seconds=site_seconds if own_seconds is None else min(site_seconds, own_seconds))


def lifetime_faults(**own_seconds: int | None) -> dict[str, list[ValidationError]]:
    """Return errors, by field, for those of an application's lifetimes ``own_seconds`` that exceed the site's."""
    longest = {
        "access_token_seconds": oauth2_settings.ACCESS_TOKEN_EXPIRE_SECONDS,
        "refresh_token_seconds": oauth2_settings.REFRESH_TOKEN_EXPIRE_SECONDS,
    }
    message = _("The site's lifetime is %(seconds)d seconds; an application's can only be shorter.")
    return {
        name: [ValidationError(message, params={"seconds": seconds})]
        for name, seconds in longest.items()
        if (own_seconds[name] or 0) > seconds
    }
