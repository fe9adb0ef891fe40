"""The authorization endpoint (RFC 6749 section 3.1): validate, ask for consent where necessary, redirect back."""

from dataclasses import replace
from functools import partial
from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_deny
from django.views.decorators.csrf import csrf_exempt
from oauthlib.oauth2.rfc6749 import errors

from .. import consent
from ..actor import Actor
from ..authenticated_request import AuthenticatedHttpRequest
from ..conf import app_settings
from . import addresses, authorization_request, authorization_response, csrf, error_page, failed_requests, sign_in
from .authorization_request import AuthorizationRequest
from .consent_form import ConsentForm
from .consent_page import ConsentPage
from .parameters import MalformedRequest, from_query
from .redaction import RedactingReporterFilter


@method_decorator([login_not_required, csrf_exempt, never_cache, xframe_options_deny], name="dispatch")
class AuthorizationView(View):
    """Validate the request before anything else, so that an invalid one never reaches the login page."""

    http_method_names = ["get", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.exception_reporter_filter = RedactingReporterFilter()
        parameters: dict[str, str] = {}
        try:
            parameters = from_query(request)
            oauth_request = authorization_request.validated(request, parameters)
        except (MalformedRequest, errors.FatalClientError) as fault:
            response = _with_headers(error_page.page(request, fault, parameters))
            return failed_requests.keep_refused_request(response, parameters, fault)
        except errors.OAuth2Error as fault:
            issuer = addresses.issuer(request)
            response = authorization_response.send_back(fault.redirect_uri, dict(fault.twotuples), issuer=issuer)
            return failed_requests.keep_refused_request(_with_headers(response), parameters, fault)
        if request.user.is_authenticated:
            # The view is exempt from the site's own CSRF check, which runs before this one and explains nothing.
            handler = partial(super().dispatch, request, oauth_request)
            return _with_headers(csrf.protected(request, handler))
        response = sign_in.start(request, oauth_request)
        return _with_headers(response) if oauth_request.demand.no_page else response

    def get(self, request: AuthenticatedHttpRequest, oauth_request: AuthorizationRequest) -> HttpResponseBase:
        step = sign_in.pending_step(request, oauth_request)
        if step is not None:
            return step
        page = ConsentPage(request, oauth_request, consent.question(oauth_request.access_request()))
        if not page.question.must_ask:
            return _with_code(page)
        if _is_trusted(page):
            return _allow_or_ask_again(page)
        if oauth_request.demand.no_page:
            return authorization_response.with_error(oauth_request, "consent_required")
        return _ask(page)

    def post(self, request: AuthenticatedHttpRequest, oauth_request: AuthorizationRequest) -> HttpResponseBase:
        if "deny" in request.POST:
            return authorization_response.with_error(oauth_request, "access_denied")
        if "another_account" in request.POST:
            logout(request)
            return sign_in.start(request, oauth_request)
        step = sign_in.pending_step(request, oauth_request)
        if step is not None:
            return step
        page = ConsentPage(request, oauth_request, consent.question(oauth_request.access_request()))
        if not page.question.must_ask:
            # The form was submitted twice, or in another tab.
            return _with_code(page)
        form = ConsentForm(request.POST, page=page)
        if not form.is_valid():
            return _ask(page, status=400)
        if form.cleaned_data.get("continue_without"):
            # The user keeps the authorization as it is.
            return authorization_response.with_code(oauth_request, page.question.standing, page.question.stands)
        return _allow_or_ask_again(page)


def _is_trusted(page: ConsentPage) -> bool:
    # A trusted application still needs consent for scopes that the user withdrew, and where the request demands it.
    must_ask = "consent" in page.oauth_request.demand.prompt or page.question.is_withdrawn
    return bool(page.oauth_request.application.skip_authorization) and not must_ask


def _ask(page: ConsentPage, *, status: int = 200) -> HttpResponseBase:
    context = page.context() | {"form": ConsentForm(page=page), "stale": status != 200}
    response = render(page.request, "fourme_oauth/consent.html", context, status=status)
    return failed_requests.keep_prompt_without_effect(response, context)


def _allow_or_ask_again(page: ConsentPage) -> HttpResponseBase:
    try:
        return _allow(page)
    except consent.Outdated:
        page = replace(page, question=consent.question(page.oauth_request.access_request()))
    return _ask(page, status=400) if page.question.must_ask else _with_code(page)


@transaction.atomic
def _allow(page: ConsentPage) -> HttpResponseBase:
    wording, by = page.oauth_request.access.wording, Actor.of(page.request)
    authorization = consent.allow(page.question, by=by, wording=wording)
    return authorization_response.with_code(page.oauth_request, authorization, page.question.requested)


def _with_code(page: ConsentPage) -> HttpResponseBase:
    return authorization_response.with_code(page.oauth_request, page.question.standing, page.question.requested)


def _with_headers(response: HttpResponseBase) -> HttpResponseBase:
    # RFC 9700 section 4.2.4: no other site gets this URL. "no-referrer" would make the form's Origin header null.
    response.headers["Referrer-Policy"] = "same-origin"
    own = " ".join(["'self'", *app_settings.asset_origins()])
    # No form-action: Chromium applies it to every redirect after a form submission, also those of the application.
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src {own}; img-src {own}; base-uri 'none'; frame-ancestors 'none'"
    )
    return response
