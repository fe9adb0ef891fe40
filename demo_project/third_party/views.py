"""Views of the third-party application: dashboard, connect, callback, refresh, disconnect."""

from secrets import compare_digest

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from demo_project.third_party import credentials, errands
from demo_project.third_party.credentials import NotRegisteredError
from demo_project.third_party.errands import Overview
from demo_project.third_party.refusals import RefusalError
from demo_project.third_party.service import Service
from demo_project.third_party.visitors import Visitor

NOT_REGISTERED = "This application has no credentials yet. Run “manage.py demo” to register it."
DENIED = "You denied us access. Nothing was shared."
NOT_OURS = "This response does not belong to a request of ours, so we ignored it. Connect again."
NOT_REVOKED = "We deleted your tokens, but could not revoke them at the service desk: revoke our access there too."


@require_safe
@never_cache
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show the user's data, or a link to connect."""
    visitor = Visitor.of(request)
    if not visitor.token:
        return _page(request)
    try:
        overview = errands.overview(visitor)
    except NotRegisteredError:
        return _page(request)
    except RefusalError as refusal:
        return _page(request, notice=str(refusal), connected=bool(visitor.token))
    return _page(request, overview=overview, connected=True)


@require_GET
@never_cache
def connect(request: HttpRequest) -> HttpResponse:
    """Redirect to the authorization endpoint."""
    try:
        authorization_request = Service(credentials.load()).authorization_request()
    except NotRegisteredError:
        return redirect("third-party")
    visitor = Visitor.of(request)
    with visitor.locked():
        visitor.state, visitor.code_verifier = authorization_request.state, authorization_request.code_verifier
        visitor.save()
    response = redirect(authorization_request.url)
    visitor.mark(response, secure=request.is_secure())
    return response


@require_GET
@never_cache
def callback(request: HttpRequest) -> HttpResponse:
    """Handle the authorization response: exchange the code, or show the error."""
    visitor = Visitor.of(request)
    try:
        service = Service(credentials.load())
    except NotRegisteredError:
        return _page(request)
    code_verifier = _pop_code_verifier(request, visitor, service)
    if code_verifier is None:
        return _page(request, notice=NOT_OURS, connected=bool(visitor.token), status=400)
    if "error" in request.GET:
        return _page(request, notice=_refusal(request), connected=bool(visitor.token))
    return _exchange(request, visitor, service, code_verifier=code_verifier)


@require_POST
def refresh(request: HttpRequest) -> HttpResponse:
    """Refresh the tokens now, though the access token has not expired."""
    visitor = Visitor.of(request)
    try:
        if visitor.token:
            errands.refresh(visitor)
    except NotRegisteredError:
        return redirect("third-party")
    except RefusalError as refusal:
        return _page(request, notice=str(refusal), connected=bool(visitor.token))
    return redirect("third-party")


@require_POST
def disconnect(request: HttpRequest) -> HttpResponse:
    """Delete the tokens, and revoke them at the service."""
    visitor = Visitor.of(request)
    try:
        if visitor.token:
            errands.disconnect(visitor)
    except (NotRegisteredError, RefusalError):
        return _page(request, notice=NOT_REVOKED)
    return redirect("third-party")


def _pop_code_verifier(request: HttpRequest, visitor: Visitor, service: Service) -> str | None:
    """Return the code verifier that belongs to `state`, once; None for an unknown `state` or a wrong `iss`."""
    if not visitor.state:
        return None
    with visitor.locked():
        if not _is_expected(request, visitor, service):
            return None
        code_verifier = visitor.code_verifier
        visitor.state = visitor.code_verifier = ""
        visitor.save()
    return code_verifier


def _is_expected(request: HttpRequest, visitor: Visitor, service: Service) -> bool:
    state = request.GET.get("state", "")
    known = bool(visitor.state) and compare_digest(state.encode(), visitor.state.encode())
    return known and ("iss" not in request.GET or service.is_issuer(request.GET["iss"]))


def _exchange(request: HttpRequest, visitor: Visitor, service: Service, *, code_verifier: str) -> HttpResponse:
    try:
        token = service.exchange(request.GET.get("code", ""), code_verifier=code_verifier)
    except RefusalError as refusal:
        return _page(request, notice=str(refusal), connected=bool(visitor.token))
    with visitor.locked():
        visitor.username, visitor.token = "", token  # it may be another user than before
        visitor.save()
    return redirect("third-party")


def _refusal(request: HttpRequest) -> str:
    if request.GET["error"] == "access_denied":
        return DENIED
    return f"The service desk refused: {request.GET.get('error_description') or request.GET['error']}"


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
