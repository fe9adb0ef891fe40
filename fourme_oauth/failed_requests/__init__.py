"""
Failed requests of applications, recorded for administrators with a reason that they can act on.

Of one client ID and error, at most one request in ten seconds is examined; of one application and kind, at most one a
minute is stored: repeated failures cost hardly anything. Requests with an unknown client ID belong to no application
and are not recorded.
"""

import json
import logging
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from ..models import Application, FailedRequest, token_endpoint_queries
from ..models.credentials import digest
from ..models.failed_request import KINDS
from .reasons import PARTS, RefusedRequest

logger = logging.getLogger(__name__)

EXAMINE_INTERVAL_SECONDS = 10
MOST_OF_AN_APPLICATION = 50
MOST_OF_A_KIND = 10
"""How many different failures of one kind are kept, so that one kind does not displace the others."""
MIN_INTERVAL = timedelta(minutes=1)
"""Between two writes for the same application and kind, so that nobody can flood the table."""


@contextmanager
def _logged_exceptions() -> Iterator[None]:
    """Log exceptions instead of raising them: failed requests are recorded for information only."""
    try:
        yield
    except Exception as fault:
        # The type, not the text: some databases repeat the statement in it.
        logger.warning("A failed request could not be recorded: %s", type(fault).__name__)


@_logged_exceptions()
def look_into(client_id: str, error: str, *, parameters: dict[str, str], client_secret: str | None = None) -> None:
    """
    Determine why a request was refused, and record it. Never raises.

    ``error`` is that of the response, or ``redirect_uri`` where no redirect was possible; ``client_secret`` is what the
    application presented.
    """
    if not cache.add(f"fourme_oauth.failed_requests.{digest(f'{client_id} {error}')}", 1, EXAMINE_INTERVAL_SECONDS):
        return
    application = token_endpoint_queries.find_application(client_id)
    if application is not None:
        now = timezone.now()
        refused = RefusedRequest(application, error, parameters=parameters, client_secret=client_secret, now=now)
        kind, details = refused.reason()
        record(application, kind, now=now, details=details)


@_logged_exceptions()
@transaction.atomic
def record(application: Application, kind: str, *, now: datetime, details: dict[str, Any]) -> None:
    """Store a failed request, or count it if already stored. ``details``: JSON without credentials. Never raises."""
    own = application.failed_requests
    if own.filter(kind=kind, last_at__gt=now - MIN_INTERVAL).exists():
        return
    _row, is_new = own.update_or_create(
        fingerprint=digest(json.dumps([kind, details], sort_keys=True)),
        defaults={"last_at": now, "times": F("times") + 1},
        create_defaults={"kind": kind, "details": details, "first_at": now, "last_at": now},
    )
    if is_new:
        _keep_youngest(own.filter(kind=kind), MOST_OF_A_KIND)
        _keep_youngest(own.all(), MOST_OF_AN_APPLICATION)


def _keep_youngest(failed: QuerySet[FailedRequest], number: int) -> None:
    youngest = list(failed.order_by("-last_at", "-pk").values_list("pk", flat=True)[:number])
    failed.exclude(pk__in=youngest).delete()


def sentence(failed: FailedRequest) -> str:
    """Return what happened as a sentence in the active language."""
    details: defaultdict[str, Any] = defaultdict(str, failed.details)
    moment = parse_datetime(details["at"])
    details["at"] = date_format(localtime(moment), "SHORT_DATETIME_FORMAT") if moment else ""
    details["parts"] = ", ".join(str(PARTS[part]) for part in details["parts"])
    unknown = [_("some that are not in the catalogue")] if details["unknown"] else []
    details["names"] = ", ".join([*details["names"], *unknown])
    return str(KINDS[failed.kind].sentence) % details
