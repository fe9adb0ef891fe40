"""The pages of the third-party application: connect, come back, look, refresh, disconnect."""

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
DENIED = "You chose not to give us access. Nothing was shared."
NOT_OURS = "This answer does not belong to a question of ours, so we ignored it. Connect again."
FORGOTTEN_HERE = "We forgot your tokens, but could not tell the service desk: revoke our access there too."


@require_safe
@never_cache
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show the user's data, or a way to connect."""
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
    """Send the browser to the service."""
    try:
        departure = Service(credentials.load()).departure()
    except NotRegisteredError:
        return redirect("third-party")
    visitor = Visitor.of(request)
    with visitor.alone():
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
    code_verifier = _left_behind(request, visitor, service)
    if code_verifier is None:
        return _page(request, notice=NOT_OURS, connected=bool(visitor.token), status=400)
    if "error" in request.GET:
        return _page(request, notice=_refusal(request), connected=bool(visitor.token))
    return _exchange(request, visitor, service, code_verifier=code_verifier)


@require_POST
def refresh(request: HttpRequest) -> HttpResponse:
    """Swap the refresh token for new tokens now, though the hour is not over."""
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
    """Give the access back, and forget it."""
    visitor = Visitor.of(request)
    try:
        if visitor.token:
            errands.disconnect(visitor)
    except (NotRegisteredError, RefusalError):
        return _page(request, notice=FORGOTTEN_HERE)
    return redirect("third-party")


def _left_behind(request: HttpRequest, visitor: Visitor, service: Service) -> str | None:
    """Return the code verifier of the question that this answers: once, and not for what nobody has asked."""
    if not visitor.state:
        return None
    with visitor.alone():
        if not _expected(request, visitor, service):
            return None
        code_verifier = visitor.code_verifier
        visitor.state = visitor.code_verifier = ""
        visitor.save()
    return code_verifier


def _expected(request: HttpRequest, visitor: Visitor, service: Service) -> bool:
    state = request.GET.get("state", "")
    ours = bool(visitor.state) and compare_digest(state.encode(), visitor.state.encode())
    return ours and ("iss" not in request.GET or service.is_issuer(request.GET["iss"]))


def _exchange(request: HttpRequest, visitor: Visitor, service: Service, *, code_verifier: str) -> HttpResponse:
    try:
        token = service.exchange(request.GET.get("code", ""), code_verifier=code_verifier)
    except RefusalError as refusal:
        return _page(request, notice=str(refusal), connected=bool(visitor.token))
    with visitor.alone():
        visitor.username, visitor.token = "", token  # it may be somebody else this time
        visitor.save()
    return redirect("third-party")


def _refusal(request: HttpRequest) -> str:
    if request.GET["error"] == "access_denied":
        return DENIED
    return f"The service refused: {request.GET.get('error_description') or request.GET['error']}"


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
