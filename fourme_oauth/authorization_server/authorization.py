"""The authorization endpoint (RFC 6749 section 3.1): validate, ask the user if need be, send the browser back."""

import logging
import secrets
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AbstractUser
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.encoding import iri_to_uri
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_deny
from oauthlib.common import Request, add_params_to_uri
from oauthlib.oauth2.rfc6749 import errors

from .. import consent
from ..conf import app_settings
from ..consent import Question
from ..models import Authorization
from . import addresses
from .parameters import MalformedRequest, from_query
from .redaction import NothingToSee
from .server import authorization_server

logger = logging.getLogger(__name__)

KNOWN_PARAMETERS = frozenset(
    {"response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method"}
)
SHOWN_SALT = "fourme_oauth.consent"
SHOWN_MAX_AGE_SECONDS = 60 * 60


class AuthenticatedHttpRequest(HttpRequest):
    user: AbstractUser  # type: ignore[assignment]


@method_decorator([login_not_required, never_cache, xframe_options_deny], name="dispatch")
class AuthorizationView(View):
    """Validate the request before anything else: an invalid one leads nowhere, not even to a login page."""

    http_method_names = ["get", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.exception_reporter_filter = NothingToSee()
        self.server = authorization_server()
        try:
            self.parameters = from_query(request)
            self.oauth_request = self._validated(request)
        except MalformedRequest as fault:
            return self._error_page(request, str(fault))
        except errors.FatalClientError as fault:
            return self._error_page(request, fault.description)
        except errors.OAuth2Error as fault:
            return self._send_back(request, fault.redirect_uri, dict(fault.twotuples))
        if not request.user.is_authenticated:
            return self._sign_in(request)
        return self._finished(super().dispatch(request, *args, **kwargs))

    def get(self, request: AuthenticatedHttpRequest) -> HttpResponseBase:
        question = self._question(request)
        if not question.must_ask:
            return self._with_code(request, question.standing)
        if self.oauth_request.client.skip_authorization:
            return self._allow(request)
        if self._prompt == "none":
            return self._refuse(request, "consent_required")
        return self._ask(request, question)

    def post(self, request: AuthenticatedHttpRequest) -> HttpResponseBase:
        if "deny" in request.POST:
            return self._refuse(request, "access_denied")
        question = self._question(request)
        if not question.must_ask:
            # A double click, or the same prompt answered in another tab.
            return self._with_code(request, question.standing)
        if "allow" not in request.POST or not self._is_what_was_shown(request, question):
            return self._ask(request, question, stale=True)
        return self._allow(request)

    @property
    def _prompt(self) -> str:
        return self.parameters.get("prompt", "")

    def _validated(self, request: HttpRequest) -> Request:
        known = [(name, value) for name, value in self.parameters.items() if name in KNOWN_PARAMETERS]
        oauth_request = Request(request.path, http_method="GET", body=known)
        # RFC 6749 section 3.3: separated by spaces, and by nothing else that Unicode takes for one.
        oauth_request.scopes = sorted(set((oauth_request.scope or "").split(" ")) - {""})
        oauth_request.user = request.user
        grant = self.server.response_types.get(oauth_request.response_type, self.server.auth_grant)
        grant.validate_authorization_request(oauth_request)
        return oauth_request

    def _question(self, request: AuthenticatedHttpRequest) -> Question:
        asking = self.oauth_request
        return consent.question(request.user, asking.client, asking.scopes, redirect_uri=asking.redirect_uri)

    def _sign_in(self, request: HttpRequest) -> HttpResponseBase:
        if self._prompt == "none":
            return self._refuse(request, "login_required")
        # Django's own redirect refuses long addresses, and a state may have 4 kB.
        login = urlsplit(resolve_url(settings.LOGIN_URL))
        back_here = urlencode({REDIRECT_FIELD_NAME: request.get_full_path()}, safe="/")
        query = "&".join(filter(None, [login.query, back_here]))
        return HttpResponse(status=302, headers={"Location": urlunsplit(login._replace(query=query))})

    # What was displayed is what is allowed

    def _shown(self, request: AuthenticatedHttpRequest, question: Question) -> dict[str, Any]:
        return {
            "user": str(request.user.pk),
            "client_id": self.oauth_request.client.client_id,
            "redirect_uri": self.oauth_request.redirect_uri,
            "scopes": sorted(self.oauth_request.scopes),
            "asked": sorted(question.asked),
        }

    def _is_what_was_shown(self, request: AuthenticatedHttpRequest, question: Question) -> bool:
        try:
            shown = signing.loads(request.POST.get("shown", ""), salt=SHOWN_SALT, max_age=SHOWN_MAX_AGE_SECONDS)
        except signing.BadSignature:
            return False
        return bool(shown == self._shown(request, question))

    # Answers

    def _ask(self, request: AuthenticatedHttpRequest, question: Question, *, stale: bool = False) -> HttpResponseBase:
        access = self.oauth_request.access.with_granted(self.oauth_request.scopes)
        context = {
            "application": self.oauth_request.client,
            "question": question,
            "scopes": [
                {"name": name, "wording": access.wording[name], "verdict": access.verdict(name)}
                for name in sorted(question.asked)
            ],
            "destination": _destination(self.oauth_request.redirect_uri),
            "access_and_security": reverse("fourme_oauth:access_and_security"),
            "shown": signing.dumps(self._shown(request, question), salt=SHOWN_SALT),
            "stale": stale,
        }
        return render(request, "fourme_oauth/consent.html", context, status=400 if stale else 200)

    @transaction.atomic
    def _allow(self, request: AuthenticatedHttpRequest) -> HttpResponseBase:
        asked = self.oauth_request
        authorization = consent.allow(request.user, asked.client, asked.scopes, shown=asked.access.wording)
        return self._with_code(request, authorization)

    def _with_code(self, request: AuthenticatedHttpRequest, authorization: Authorization | None) -> HttpResponseBase:
        self.oauth_request.standing_authorization = authorization
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
        # Django's own redirect knows web addresses only, not the private-use schemes of native applications.
        response = HttpResponse(status=302, headers={"Location": iri_to_uri(location)})
        return self._finished(response)

    def _error_page(self, request: HttpRequest, description: str) -> HttpResponseBase:
        reference = secrets.token_hex(4)
        client_id = self.parameters.get("client_id", "")[:100] if hasattr(self, "parameters") else ""
        logger.warning("Authorization request refused (%s): %s client_id=%r", reference, description, client_id)
        context = {"description": description, "reference": reference}
        return self._finished(render(request, "fourme_oauth/authorization_error.html", context, status=400))

    def _finished(self, response: HttpResponseBase) -> HttpResponseBase:
        # RFC 9700 section 4.2.4: no other site sees this address. "no-referrer" would make the form's origin null.
        response.headers["Referrer-Policy"] = "same-origin"
        own = " ".join(["'self'", *app_settings.asset_origins()])
        response.headers["Content-Security-Policy"] = (
            f"default-src 'none'; style-src {own}; img-src {own}; base-uri 'none'; frame-ancestors 'none'"
        )
        return response


def _destination(redirect_uri: str) -> str:
    """Return where the browser goes next, in a person's terms: a web site's host or a native application's scheme."""
    scheme, _, rest = redirect_uri.partition(":")
    return rest.removeprefix("//").partition("/")[0].partition("?")[0] if scheme in {"http", "https"} else scheme
