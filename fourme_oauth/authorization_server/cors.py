"""Scripts of public applications may call from the origins that an administrator registered (CORS), and no others."""

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
    """Answer the browser's question before the request: it does not say yet which application is calling."""
    headers = headers_for(request)
    if "Access-Control-Allow-Origin" in headers:
        headers |= PREFLIGHT_HEADERS
    return HttpResponse(status=204, headers={"Allow": "POST, OPTIONS", **headers})


def headers_for(request: HttpRequest, *, client_id: str | None = None) -> dict[str, str]:
    """
    Return what lets scripts from the request's origin read the answer, if the application registered it.

    Never with cookies: these endpoints know none. Where the application is not known, any that registered it will do.
    """
    origin = request.headers.get("Origin", "")
    allowed = {"Access-Control-Allow-Origin": origin}
    may_read = ORIGIN.match(origin) and _is_registered(origin, client_id)
    return {"Vary": "Origin"} | (allowed if may_read else {})


def _is_registered(origin: str, client_id: str | None) -> bool:
    # The database narrows down; the application compares character by character.
    candidates = Application.objects.filter(disabled=False, allowed_origins__contains=origin)
    return any(
        application.origin_allowed(origin) and client_id in {None, application.client_id} for application in candidates
    )
