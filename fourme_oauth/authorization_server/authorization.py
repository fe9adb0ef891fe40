"""The authorization endpoint (RFC 6749 section 3.1): validate, ask the user if need be, send the browser back."""

from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils.decorators import method_decorator
from django.utils.encoding import iri_to_uri
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_deny
from django.views.decorators.csrf import csrf_exempt
from oauthlib.common import Request, add_params_to_uri
from oauthlib.oauth2.rfc6749 import errors

from .. import consent
from ..actor import client_ip
from ..conf import app_settings
from ..consent import Question
from ..models import Authorization
from ..models.avatars import initials_of
from . import addresses, consent_page, consent_signature, csrf, error_page, failed_requests, reauthentication
from .parameters import MalformedRequest, from_query
from .redaction import NothingToSee
from .server import authorization_server

KNOWN_PARAMETERS = frozenset(
    {"response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method"}
)


class AuthenticatedHttpRequest(HttpRequest):
    user: AbstractUser  # type: ignore[assignment]


@method_decorator([login_not_required, csrf_exempt, never_cache, xframe_options_deny], name="dispatch")
class AuthorizationView(View):
    """Validate the request before anything else: an invalid one leads nowhere, not even to a login page."""

    http_method_names = ["get", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.exception_reporter_filter = NothingToSee()
        self.server = authorization_server()
        self.parameters: dict[str, str] = {}
        try:
            self.parameters = from_query(request)
            self.oauth_request = self._validated(request)
        except (MalformedRequest, errors.FatalClientError) as fault:
            answer = self._finished(error_page.page(request, fault, self.parameters))
            return failed_requests.keep_refused_request(answer, self.parameters, fault)
        except errors.OAuth2Error as fault:
            answer = self._send_back(request, fault.redirect_uri, dict(fault.twotuples))
            return failed_requests.keep_refused_request(answer, self.parameters, fault)
        if not request.user.is_authenticated:
            return self._sign_in(request)
        # Exempt from the site's own check, which comes before ours and explains nothing.
        if csrf.is_forged(request):
            return self._finished(csrf.page(request))
        return self._finished(csrf.with_cookie(request, super().dispatch(request, *args, **kwargs)))

    def get(self, request: AuthenticatedHttpRequest) -> HttpResponseBase:
        if reauthentication.must_sign_in(request, self.demand, self.parameters):
            return self._sign_in_again(request)
        if reauthentication.must_choose_account(request, self.demand, self.parameters):
            return self._choose_account(request)
        question = self._question(request)
        if not question.must_ask:
            return self._with_code(request, question.standing, question.requested)
        if self._is_trusted(question):
            return self._allowed(request, question)
        if self.demand.no_page:
            return self._refuse(request, "consent_required")
        return self._ask(request, question)

    def post(self, request: AuthenticatedHttpRequest) -> HttpResponseBase:
        if "deny" in request.POST:
            return self._refuse(request, "access_denied")
        if "another_account" in request.POST:
            logout(request)
            return self._sign_in(request)
        if reauthentication.must_sign_in(request, self.demand, self.parameters):
            return self._sign_in_again(request)
        if reauthentication.must_choose_account(request, self.demand, self.parameters):
            return self._account_chosen(request)
        return self._answered(request, self._question(request))

    def _answered(self, request: AuthenticatedHttpRequest, question: Question) -> HttpResponseBase:
        if not question.must_ask:
            # A double click, or the same prompt answered in another tab.
            return self._with_code(request, question.standing, question.requested)
        displayed = consent_signature.prompt_page(request, self._as_sent, question)
        if not consent_signature.verify(request.POST.get("shown", ""), displayed):
            return self._ask(request, question, status=400)
        if "continue_without" in request.POST and question.shows_only_what_is_new and question.stands:
            return self._with_code(request, question.standing, question.stands)
        if "allow" not in request.POST or consent_page.has_no_effect(self.oauth_request.access, question):
            return self._ask(request, question, status=400)
        return self._allowed(request, question)

    def _validated(self, request: HttpRequest) -> Request:
        known = [(name, value) for name, value in self.parameters.items() if name in KNOWN_PARAMETERS]
        oauth_request = Request(request.path, http_method="GET", body=known)
        # RFC 6749 section 3.3: separated by spaces, and by nothing else that Unicode takes for one.
        named = sorted(set((oauth_request.scope or "").split(" ")) - {""})
        oauth_request.scopes, oauth_request.user = named, request.user
        grant = self.server.response_types.get(oauth_request.response_type, self.server.auth_grant)
        grant.validate_authorization_request(oauth_request)
        oauth_request.named = named
        try:
            self.demand = reauthentication.demand_of(self.parameters)
        except reauthentication.ContradictoryPrompt as fault:
            raise errors.InvalidRequestError(str(fault), request=oauth_request) from None
        return oauth_request

    @property
    def _as_sent(self) -> dict[str, str]:
        return reauthentication.without_marker(self.parameters)

    def _question(self, request: AuthenticatedHttpRequest) -> Question:
        asking = self.oauth_request
        return consent.question(
            request.user,
            asking.client,
            asking.scopes,
            redirect_uri=asking.redirect_uri,
            named=asking.named,
            prompt=self.demand.prompt,
        )

    def _is_trusted(self, question: Question) -> bool:
        # An administrator's trust answers neither for what the user took back nor for what the request wants asked.
        is_asked_for = "consent" in self.demand.prompt
        return bool(self.oauth_request.client.skip_authorization) and not (is_asked_for or question.is_withdrawn)

    # Who is there

    def _sign_in(self, request: HttpRequest) -> HttpResponseBase:
        if self.demand.no_page:
            return self._refuse(request, "login_required")
        back_here = request.get_full_path()
        if self.demand.about_account:
            back_here = self._marked(request, reauthentication.marker_of_sign_in(self.parameters))
        # Django's own redirect refuses long addresses, and a state may have 4 kB.
        login = urlsplit(resolve_url(settings.LOGIN_URL))
        query = "&".join(filter(None, [login.query, urlencode({REDIRECT_FIELD_NAME: back_here}, safe="/")]))
        return _redirect(urlunsplit(login._replace(query=query)))

    def _sign_in_again(self, request: AuthenticatedHttpRequest) -> HttpResponseBase:
        # A login page may send whoever is signed in straight back: then only signing out first helps.
        if reauthentication.was_sent_to_sign_in(self.parameters):
            return self._choose_account(request)
        return self._sign_in(request)

    def _choose_account(self, request: AuthenticatedHttpRequest) -> HttpResponseBase:
        context = {
            "application": self.oauth_request.client,
            "initials": initials_of(self.oauth_request.client.name),
            "user": request.user,
            "must_sign_in": reauthentication.must_sign_in(request, self.demand, self.parameters),
            "shown": consent_signature.sign(consent_signature.account_page(request, self._as_sent)),
            "here": request.get_full_path(),
        }
        return render(request, "fourme_oauth/account.html", context)

    def _account_chosen(self, request: AuthenticatedHttpRequest) -> HttpResponseBase:
        displayed = consent_signature.account_page(request, self._as_sent)
        if "this_account" in request.POST and consent_signature.verify(request.POST.get("shown", ""), displayed):
            return _redirect(self._marked(request, reauthentication.marker_of_choice(request, self.parameters)))
        return self._choose_account(request)

    def _marked(self, request: HttpRequest, marker: str) -> str:
        return f"{request.path}?{urlencode(self._as_sent | {reauthentication.MARKER: marker})}"

    # Answers

    def _ask(self, request: AuthenticatedHttpRequest, question: Question, *, status: int = 200) -> HttpResponseBase:
        context = consent_page.context_of(request, self.oauth_request, question)
        context["shown"] = consent_signature.sign(consent_signature.prompt_page(request, self._as_sent, question))
        context["stale"] = status != 200
        page = render(request, "fourme_oauth/consent.html", context, status=status)
        return failed_requests.keep_prompt_without_effect(page, context)

    def _allowed(self, request: AuthenticatedHttpRequest, question: Question) -> HttpResponseBase:
        try:
            return self._allow(request, question)
        except consent.Outdated:
            question = self._question(request)
        if question.must_ask:
            return self._ask(request, question, status=400)
        return self._with_code(request, question.standing, question.requested)

    @transaction.atomic
    def _allow(self, request: AuthenticatedHttpRequest, question: Question) -> HttpResponseBase:
        authorization = consent.allow(
            request.user,
            self.oauth_request.client,
            question.requested,
            shown=self.oauth_request.access.wording,
            state=question.state,
            ip=client_ip(request.META),
        )
        return self._with_code(request, authorization, question.requested)

    def _with_code(
        self, request: AuthenticatedHttpRequest, authorization: Authorization | None, scopes: frozenset[str]
    ) -> HttpResponseBase:
        if not scopes:
            # The user took back all that is asked for, and the request names nothing of it.
            return self._refuse(request, "access_denied")
        self.oauth_request.standing_authorization, self.oauth_request.scopes = authorization, sorted(scopes)
        grant = self.server.auth_grant
        answer = grant.create_authorization_code(self.oauth_request)
        grant.request_validator.save_authorization_code(self.oauth_request.client_id, answer, self.oauth_request)
        return self._send_back(request, self.oauth_request.redirect_uri, answer)

    def _refuse(self, request: HttpRequest, error: str) -> HttpResponseBase:
        answer = {"error": error}
        if self.oauth_request.state:
            answer["state"] = self.oauth_request.state
        return self._send_back(request, self.oauth_request.redirect_uri, answer)

    def _send_back(self, request: HttpRequest, redirect_uri: str, answer: dict[str, str]) -> HttpResponseBase:
        # RFC 9207: the issuer is in every answer, errors included.
        location = add_params_to_uri(redirect_uri, [*answer.items(), ("iss", addresses.issuer(request))])
        return self._finished(_redirect(iri_to_uri(location)))

    def _finished(self, response: HttpResponseBase) -> HttpResponseBase:
        # RFC 9700 section 4.2.4: no other site sees this address. "no-referrer" would make the form's origin null.
        response.headers["Referrer-Policy"] = "same-origin"
        own = " ".join(["'self'", *app_settings.asset_origins()])
        # No form-action: Chromium holds every redirect that follows a form against it, the application's own as well.
        response.headers["Content-Security-Policy"] = (
            f"default-src 'none'; style-src {own}; img-src {own}; base-uri 'none'; frame-ancestors 'none'"
        )
        return response


def _redirect(location: str) -> HttpResponse:
    # Django's own redirect knows web addresses only, not the private-use schemes of native applications.
    return HttpResponse(status=302, headers={"Location": location})
