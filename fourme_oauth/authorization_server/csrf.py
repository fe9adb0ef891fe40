"""Django's check of a form's CSRF token, with an answer of our own: the form may just be older than a sign-in."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render


def is_forged(request: HttpRequest) -> bool:
    """Does the form come from another site, or from before the last sign-in? Django logs the reason."""
    check = _check()
    check.process_request(request)
    return check.process_view(request, page, (), {}) is not None


def page(request: HttpRequest) -> HttpResponse:
    """Say that nothing was done, and where to start again."""
    return render(request, "fourme_oauth/out_of_date.html", {"here": request.get_full_path()}, status=403)


def with_cookie(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Set the cookie that the form's token belongs to; a site may not have the middleware that does."""
    return _check().process_response(request, response)


def _check() -> CsrfViewMiddleware:
    return CsrfViewMiddleware(page)
