"""DRF throttle per application and user."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from ..effective_access import EffectiveAccess

if TYPE_CHECKING:
    # A circular import otherwise: DRF's views import the classes that its settings name, such as this one.
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)


class ApplicationRateThrottle(SimpleRateThrottle):
    """
    Limit the requests with a token per application and user; other requests are not counted.

    The rate is DRF's ``DEFAULT_THROTTLE_RATES["application"]``, or that of a subclass's ``scope``; counters are in the
    cache that DRF uses. Fixed windows, so that counting is one atomic increment. While the cache is unavailable, no
    request is counted or refused.
    """

    scope = "application"
    num_requests: int
    duration: int
    now: float
    reset: float

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        """Return the cache key; ``None`` for requests without a token."""
        access = request.auth
        if not isinstance(access, EffectiveAccess):
            return None
        return self.cache_format % {"scope": self.scope, "ident": f"{access.application.pk}:{access.user.pk}"}

    def allow_request(self, request: Request, view: APIView) -> bool:
        key = self.get_cache_key(request, view)
        if self.rate is None or key is None:
            return True
        self.now = self.timer()
        self.reset = (self.now // self.duration + 1) * self.duration
        count = self._count(f"{key}:{self.reset:.0f}")
        self._tell(view, remaining=max(self.num_requests - count, 0))
        return count <= self.num_requests

    def wait(self) -> float:
        """Return the seconds until the next window: DRF's ``Retry-After``."""
        return self.reset - self.now

    def _count(self, key: str) -> int:
        try:
            # Concurrent workers: add() creates the counter once, incr() is atomic.
            self.cache.add(key, 0, timeout=self.duration)
            return int(self.cache.incr(key))
        except Exception:
            # Cache backends raise exceptions of their own. Fail open: the throttle is no access control.
            logger.exception("The requests of applications are not counted: the cache does not answer.")
            return 0

    def _tell(self, view: APIView, *, remaining: int) -> None:
        # DRF adds these to every response. Of several throttles, the tightest one is shown.
        said = view.headers.get("X-RateLimit-Remaining")
        if said is None or remaining < int(said):
            view.headers["X-RateLimit-Limit"] = str(self.num_requests)
            view.headers["X-RateLimit-Remaining"] = str(remaining)
            view.headers["X-RateLimit-Reset"] = str(math.ceil(self.reset))
