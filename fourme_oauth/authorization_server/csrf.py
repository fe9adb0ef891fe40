"""Django's CSRF check with an error page of our own: the form may just be older than the last sign-in."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render


def protected(request: HttpRequest, handler: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """
    Return ``handler()`` with the CSRF cookie set: the site may not have Django's middleware.

    It is not called for a form of another site, or one older than the last sign-in: Django logs the reason, and the
    user gets an error page.
    """
    check = CsrfViewMiddleware(_out_of_date)
    check.process_request(request)
    if check.process_view(request, _out_of_date, (), {}) is not None:
        return _out_of_date(request)
    return check.process_response(request, handler())


def _out_of_date(request: HttpRequest) -> HttpResponse:
    """Render the page for an outdated form."""
    return render(request, "fourme_oauth/out_of_date.html", {"here": request.get_full_path()}, status=403)
