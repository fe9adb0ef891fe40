"""Sign-in for an authorization request: redirect to the login page and back, and the choice of an account."""

from urllib.parse import urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url

from ..authenticated_request import AuthenticatedHttpRequest
from ..models.avatars import initials_of
from . import authorization_response, consent_signature, reauthentication
from .authorization_request import AuthorizationRequest
from .consent_form import AccountForm


def start(request: HttpRequest, oauth_request: AuthorizationRequest) -> HttpResponse:
    """Redirect to the site's login page and from there back; ``login_required`` with ``prompt=none``."""
    if oauth_request.demand.no_page:
        return authorization_response.with_error(oauth_request, "login_required")
    back_here = request.get_full_path()
    if oauth_request.demand.about_account:
        back_here = _marked(request, oauth_request, reauthentication.marker_of_sign_in(oauth_request.parameters))
    # Django's own redirect refuses long URLs, and a state may have 4 kB.
    login = urlsplit(resolve_url(settings.LOGIN_URL))
    query = "&".join(filter(None, [login.query, urlencode({REDIRECT_FIELD_NAME: back_here}, safe="/")]))
    return authorization_response.redirect(urlunsplit(login._replace(query=query)))


def pending_step(request: AuthenticatedHttpRequest, oauth_request: AuthorizationRequest) -> HttpResponse | None:
    """
    Return the next step before consent that ``prompt`` or ``max_age`` demands: sign in, or choose an account.

    ``None`` where nothing is demanded, or all of it has been done.
    """
    demand = oauth_request.demand
    must_sign_in = reauthentication.must_sign_in(request, demand)
    # A login page may redirect a signed-in user straight back: then they must sign out first.
    if must_sign_in and not demand.was_sent_to_sign_in:
        return start(request, oauth_request)
    if must_sign_in or reauthentication.must_choose_account(request, demand):
        return _choose_account(request, oauth_request, must_sign_in=must_sign_in)
    return None


def _choose_account(
    request: AuthenticatedHttpRequest, oauth_request: AuthorizationRequest, *, must_sign_in: bool
) -> HttpResponse:
    displayed = consent_signature.account_page(request, oauth_request.parameters)
    if not must_sign_in and AccountForm(request.POST, displayed=displayed).is_valid():
        marker = reauthentication.marker_of_choice(request, oauth_request.parameters)
        return authorization_response.redirect(_marked(request, oauth_request, marker))
    context = {
        "application": oauth_request.application,
        "initials": initials_of(oauth_request.application.name),
        "user": request.user,
        "must_sign_in": must_sign_in,
        "form": AccountForm(displayed=displayed),
        "here": request.get_full_path(),
    }
    return render(request, "fourme_oauth/account.html", context)


def _marked(request: HttpRequest, oauth_request: AuthorizationRequest, marker: str) -> str:
    return f"{request.path}?{urlencode(oauth_request.parameters | {reauthentication.MARKER: marker})}"
