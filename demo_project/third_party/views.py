"""The pages of the third-party application: connect, come back, look, refresh, disconnect."""

from secrets import compare_digest

import requests
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe
from oauthlib.oauth2 import OAuth2Error

from demo_project.third_party import credentials
from demo_project.third_party.credentials import NotRegisteredError
from demo_project.third_party.service import Overview, Service
from demo_project.third_party.visitors import Visitor

NOT_REGISTERED = "This application has no credentials yet. Run “manage.py demo” to register it."
NO_LONGER = "The service no longer accepts our tokens: they have expired, or the access was revoked. Connect again."
UNREACHABLE = "The service did not answer. Try again in a moment."
DENIED = "You chose not to give us access. Nothing was shared."
NOT_OURS = "This answer does not belong to a question of ours, so we ignored it. Connect again."

FAILURES = (OAuth2Error, requests.RequestException)


@require_safe
@never_cache
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show the user's data, or a way to connect."""
    visitor = Visitor.of(request)
    if not visitor.token:
        return _page(request)
    try:
        overview = Service(credentials.load(), visitor.token).overview()
    except NotRegisteredError:
        return _page(request)
    except FAILURES as failure:
        return _page(request, notice=_kindly(failure), connected=True)
    return _page(request, overview=overview, connected=True)


@require_GET
@never_cache
def connect(request: HttpRequest) -> HttpResponse:
    """Send the browser to the service."""
    try:
        departure = Service(credentials.load()).departure()
    except NotRegisteredError:
        return redirect("third-party")
    visitor = Visitor.of(request)
    visitor.state, visitor.code_verifier = departure.state, departure.code_verifier
    visitor.save()
    response = redirect(departure.url)
    visitor.mark(response, secure=request.is_secure())
    return response


@require_GET
@never_cache
def callback(request: HttpRequest) -> HttpResponse:
    """Take the user back from the service, with a code or without."""
    visitor = Visitor.of(request)
    try:
        service = Service(credentials.load())
    except NotRegisteredError:
        return _page(request)
    if not _expected(request, visitor, service):
        return _page(request, notice=NOT_OURS, status=400)
    code_verifier = visitor.code_verifier
    visitor.state = visitor.code_verifier = ""  # good for one answer
    visitor.save()
    if "error" in request.GET:
        return _page(request, notice=_refusal(request), connected=bool(visitor.token))
    try:
        visitor.token = service.exchange(request.GET.get("code", ""), code_verifier=code_verifier)
    except FAILURES as failure:
        return _page(request, notice=_kindly(failure), connected=bool(visitor.token))
    visitor.save()
    return redirect("third-party")


@require_POST
def refresh(request: HttpRequest) -> HttpResponse:
    """Swap the refresh token for new tokens."""
    visitor = Visitor.of(request)
    try:
        visitor.token = Service(credentials.load(), visitor.token).refresh()
    except NotRegisteredError:
        return redirect("third-party")
    except FAILURES as failure:
        return _page(request, notice=_kindly(failure), connected=bool(visitor.token))
    visitor.save()
    return redirect("third-party")


@require_POST
def disconnect(request: HttpRequest) -> HttpResponse:
    """Give the access back, and forget it."""
    visitor = Visitor.of(request)
    visitor.forget()
    try:
        if visitor.token:
            Service(credentials.load(), visitor.token).revoke()
    except (NotRegisteredError, *FAILURES):
        return _page(request, notice="We forgot your tokens, but could not tell the service.")
    return redirect("third-party")


def _expected(request: HttpRequest, visitor: Visitor, service: Service) -> bool:
    state = request.GET.get("state", "")
    ours = bool(visitor.state) and compare_digest(state.encode(), visitor.state.encode())
    return ours and ("iss" not in request.GET or service.is_issuer(request.GET["iss"]))


def _refusal(request: HttpRequest) -> str:
    if request.GET["error"] == "access_denied":
        return DENIED
    return f"The service refused: {request.GET.get('error_description') or request.GET['error']}"


def _kindly(failure: Exception) -> str:
    answer = getattr(failure, "response", None)
    rejected = answer is not None and answer.status_code in {requests.codes.bad_request, requests.codes.unauthorized}
    return NO_LONGER if rejected or isinstance(failure, OAuth2Error) else UNREACHABLE


def _page(
    request: HttpRequest,
    *,
    notice: str = "",
    overview: Overview | None = None,
    connected: bool = False,
    status: int = 200,
) -> HttpResponse:
    try:
        service_url = credentials.load().base_url
    except NotRegisteredError:
        service_url, notice = "", NOT_REGISTERED
    context = {"notice": notice, "overview": overview, "connected": connected, "service_url": service_url}
    return render(request, "third_party/dashboard.html", context, status=status)
