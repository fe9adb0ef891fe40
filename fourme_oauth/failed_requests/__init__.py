"""
What went wrong with an application's request, and why? Kept for administrators, in words that they can act on.

Of one client ID no more than one failure in ten seconds is looked into, and no application has one kind of failure
written more often than once a minute: whoever goes on failing costs hardly more than before. Unknown client IDs belong
to no application and leave nothing.
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

LOOKED_INTO_SECONDS = 10
MOST_OF_AN_APPLICATION = 50
MOST_OF_A_KIND = 10
"""How many different failures of one kind are kept, so that one kind does not push the others out."""
NOT_SOONER_THAN = timedelta(minutes=1)
"""A failure of the same kind and application is written no sooner than this after the last: nobody fills the table."""


@contextmanager
def _never_raising() -> Iterator[None]:
    """Nothing may break because of what is only kept for information."""
    try:
        yield
    except Exception as fault:
        # Its type, not its text: some databases repeat the statement in it.
        logger.warning("A failed request could not be recorded: %s", type(fault).__name__)


@_never_raising()
def look_into(client_id: str, error: str, *, parameters: dict[str, str], client_secret: str | None = None) -> None:
    """
    Find out why a request was refused, and record it. Never raises.

    ``error`` is what the answer said, or ``redirect_uri`` where nothing could be answered by a redirect;
    ``client_secret`` is what the application presented.
    """
    if not cache.add(f"fourme_oauth.failed_requests.{digest(f'{client_id} {error}')}", 1, LOOKED_INTO_SECONDS):
        return
    application = token_endpoint_queries.find_application(client_id)
    if application is not None:
        now = timezone.now()
        refused = RefusedRequest(application, error, parameters=parameters, client_secret=client_secret, now=now)
        kind, details = refused.reason()
        record(application, kind, now=now, details=details)


@_never_raising()
@transaction.atomic
def record(application: Application, kind: str, *, now: datetime, details: dict[str, Any]) -> None:
    """Keep a failed request, or count it to the same one. ``details``: JSON without any credential. Never raises."""
    own = application.failed_requests
    if own.filter(kind=kind, last_at__gt=now - NOT_SOONER_THAN).exists():
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
    """Say what happened, in the language of whoever reads it."""
    details: defaultdict[str, Any] = defaultdict(str, failed.details)
    moment = parse_datetime(details["at"])
    details["at"] = date_format(localtime(moment), "SHORT_DATETIME_FORMAT") if moment else ""
    details["parts"] = ", ".join(str(PARTS[part]) for part in details["parts"])
    unknown = [_("some that are not in the catalogue")] if details["unknown"] else []
    details["names"] = ", ".join([*details["names"], *unknown])
    return str(KINDS[failed.kind].sentence) % details
