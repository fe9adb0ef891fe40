"""Say "later" instead of "error" while the database does not answer."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 5

View = Callable[..., HttpResponseBase]


def unavailable_as_json(view: View) -> View:
    """Wrap an endpoint that applications call. RFC 7009 section 2.2.1: 503 says that the token may still live."""
    return _answer_unavailable(view, _document)


def unavailable_as_page(view: View) -> View:
    """Wrap a page."""
    return _answer_unavailable(view, _page)


def _answer_unavailable(view: View, answer: Callable[[], HttpResponse]) -> View:
    # A transaction around the whole request would be committed after the answer is decided, on a connection that may be
    # gone. The rules have transactions of their own.
    @transaction.non_atomic_requests
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except (OperationalError, InterfaceError) as fault:
            # Its type, not its text: some databases repeat the statement in it.
            logger.error("The database did not answer: %s", type(fault).__name__)
        response = answer()
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        response.headers["Cache-Control"] = "no-store"
        return response

    return wrapped


def _document() -> HttpResponse:
    description = "The service can't answer now. Try again."
    return JsonResponse({"error": "temporarily_unavailable", "error_description": description}, status=503)


def _page() -> HttpResponse:
    # Without the request: what a site adds to every page may need the database.
    return HttpResponse(render_to_string("fourme_oauth/unavailable.html"), status=503)
