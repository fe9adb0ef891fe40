"""Answer 503 with ``Retry-After`` while the database is unavailable."""

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
    """Wrap an endpoint for applications: 503 as JSON (RFC 7009 section 2.2.1: the token may still be valid)."""
    return _answer_unavailable(view, _document)


def unavailable_as_page(view: View) -> View:
    """Wrap a page for people: 503 as HTML."""
    return _answer_unavailable(view, _page)


def _answer_unavailable(view: View, answer: Callable[[], HttpResponse]) -> View:
    # With ATOMIC_REQUESTS, the commit would come after the response is decided, on a connection that may be lost. The
    # rules have transactions of their own.
    @transaction.non_atomic_requests
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except (OperationalError, InterfaceError) as fault:
            # The type alone: the text may contain the SQL with its parameters.
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
    # Without the request: context processors may need the database.
    return HttpResponse(render_to_string("fourme_oauth/unavailable.html"), status=503)
