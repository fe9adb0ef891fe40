"""
Rate limit of failed client authentication, in the site's cache: per application and client IP, and per client IP.

Only failures count. An application that has authenticated from an IP within a day is exempt there, whatever else fails
from it, so nobody can lock it out: not from elsewhere, and not from behind the same proxy.
"""

import logging
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.core.cache import cache

from ..conf import app_settings

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 60
KNOWN_SECONDS = 24 * 60 * 60
APPLICATIONS_PER_ADDRESS = 3
"""The limit of a client IP, in multiples of the limit of one application."""


class TooManyFailures(Exception):
    """The limit of failed authentications is reached. ``retry_after`` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The claimed application and the client IP of a request."""

    client_id: str
    address: str

    def refuse_if_too_many_failures(self) -> None:
        """Raise ``TooManyFailures`` where the limit is reached."""
        limit = app_settings.failed_authentications_per_minute
        if limit is None:
            return
        now = time.time()
        pair, address, known = self._pair(now), self._address(now), self._known
        counts = _read([pair, address, known])
        is_over = counts.get(pair, 0) >= limit or counts.get(address, 0) >= limit * APPLICATIONS_PER_ADDRESS
        if is_over and known not in counts:
            raise TooManyFailures(math.ceil(WINDOW_SECONDS - now % WINDOW_SECONDS))

    def note_failure(self) -> None:
        """Count a failure in the current minute."""
        if app_settings.failed_authentications_per_minute is not None:
            now = time.time()
            _count(self._pair(now), self._address(now))

    def note_success(self) -> None:
        """Exempt the application from the limit at this client IP for a day."""
        if app_settings.failed_authentications_per_minute is not None:
            _remember(self._known)

    def _pair(self, now: float) -> str:
        return _key("pair", f"{self.client_id} {self.address} {now // WINDOW_SECONDS}")

    def _address(self, now: float) -> str:
        return _key("address", f"{self.address} {now // WINDOW_SECONDS}")

    @property
    def _known(self) -> str:
        return _key("known", f"{self.client_id} {self.address}")


def _key(kind: str, what: str) -> str:
    return f"fourme_oauth.{kind}.{sha256(what.encode(errors='surrogatepass')).hexdigest()}"


# The token endpoint must work while the cache is down, whichever exception its client library raises.


def _read(keys: list[str]) -> Mapping[str, Any]:
    try:
        return cache.get_many(keys)
    except Exception:
        logger.exception("The cache is down: failed authentications are not counted.")
        return {}


def _count(*keys: str) -> None:
    try:
        for key in keys:
            if not cache.add(key, 1, 2 * WINDOW_SECONDS):
                cache.incr(key)
    except Exception:
        logger.exception("The cache is down: failed authentications are not counted.")


def _remember(key: str) -> None:
    try:
        cache.set(key, 1, KNOWN_SECONDS)
    except Exception:
        logger.exception("The cache is down: failed authentications are not counted.")
