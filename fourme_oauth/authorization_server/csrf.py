"""Django's check of a form's CSRF token, with an answer of our own: the form may just be older than a sign-in."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render


def protected(request: HttpRequest, answer: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """
    Return ``answer()``, with the cookie that its form's token belongs to: a site may not have the middleware that does.

    It is not called for a form that comes from another site, or from before the last sign-in: Django logs the reason,
    and the user gets a page.
    """
    check = CsrfViewMiddleware(_page)
    check.process_request(request)
    if check.process_view(request, _page, (), {}) is not None:
        return _page(request)
    return check.process_response(request, answer())


def _page(request: HttpRequest) -> HttpResponse:
    """Say that nothing was done, and where to start again."""
    return render(request, "fourme_oauth/out_of_date.html", {"here": request.get_full_path()}, status=403)
