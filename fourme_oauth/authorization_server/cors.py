"""CORS for scripts of public applications, from the origins that an administrator registered and no others."""

import re

from django.http import HttpRequest, HttpResponse

from ..models import Application

ORIGIN = re.compile(r"\Ahttps?://[a-z0-9.:\[\]-]{1,255}\Z")
PREFLIGHT_HEADERS = {
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "3600",
}


def answer_preflight(request: HttpRequest) -> HttpResponse:
    """Answer a preflight request, which does not say yet which application is calling."""
    headers = headers_for(request)
    if "Access-Control-Allow-Origin" in headers:
        headers |= PREFLIGHT_HEADERS
    return HttpResponse(status=204, headers={"Allow": "POST, OPTIONS", **headers})


def headers_for(request: HttpRequest, *, client_id: str | None = None) -> dict[str, str]:
    """
    Return the headers that let scripts from the request's origin read the response, if the origin is registered.

    Never with credentials: these endpoints use no cookies. Without ``client_id``, registration by any application
    counts.
    """
    origin = request.headers.get("Origin", "")
    allowed = {"Access-Control-Allow-Origin": origin}
    may_read = ORIGIN.match(origin) and _is_registered(origin, client_id)
    return {"Vary": "Origin"} | (allowed if may_read else {})


def _is_registered(origin: str, client_id: str | None) -> bool:
    # The query preselects by substring; the application compares exactly.
    candidates = Application.objects.filter(disabled=False, allowed_origins__contains=origin)
    return any(
        application.origin_allowed(origin) and client_id in {None, application.client_id} for application in candidates
    )
