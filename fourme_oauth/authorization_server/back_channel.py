"""The endpoints that applications call themselves: token, revocation, introspection."""

import json
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from oauthlib.oauth2.rfc6749.errors import OAuth2Error

from .. import effective_access, revocation
from ..actor import client_ip
from ..conf import app_settings
from ..effective_access import EffectiveAccess
from ..models import AccessToken, Application
from . import addresses, client_authentication, cors, failed_requests
from .after_response import after_response
from .client_authentication import Credentials, InvalidClient
from .parameters import MalformedRequest, from_body
from .redaction import NothingToSee
from .server import authorization_server
from .throttling import Caller, TooManyFailures

# oauthlib takes every parameter for an attribute of its request, "client" and "user" too: it gets none but these.
KNOWN_PARAMETERS = frozenset(
    {"grant_type", "code", "redirect_uri", "code_verifier", "refresh_token", "scope", "token", "token_type_hint"}
)


@method_decorator([csrf_exempt, login_not_required], name="dispatch")
class BackChannelView(View):
    """What they have in common: POST, strict parameters, one client identity, JSON errors, nothing stored."""

    http_method_names = ["post", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.exception_reporter_filter = NothingToSee()
        return super().dispatch(request, *args, **kwargs)

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return cors.answer_preflight(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            parameters = from_body(request)
            # Not before: whoever holds the body back would have been there before a code's first use.
            received_at = timezone.now()
            credentials = client_authentication.from_request(request.headers.get("Authorization", ""), parameters)
        except MalformedRequest as fault:
            return _finished(error_response("invalid_request", str(fault)), cors.headers_for(request))
        except InvalidClient as fault:
            return _finished(error_response("invalid_client", str(fault), status=401), cors.headers_for(request))
        # Looked up before anything is done: once tokens are stored, nothing may keep the answer back.
        headers = cors.headers_for(request, client_id=credentials.client_id)
        answer = _finished(self._answer_unless_throttled(request, parameters, credentials, received_at), headers)
        return failed_requests.keep_refused_call(answer, parameters, credentials)

    def _answer_unless_throttled(
        self, request: HttpRequest, parameters: dict[str, str], credentials: Credentials, received_at: datetime
    ) -> HttpResponse:
        caller = Caller(client_id=credentials.client_id, address=client_ip(request.META))
        known = {name: value for name, value in parameters.items() if name in KNOWN_PARAMETERS}
        try:
            if credentials.client_secret:
                # Who presents no secret guesses none, so nobody locks a public application out.
                caller.refuse_if_too_many_failures()
            headers = {"received_at": received_at.isoformat(), "address": caller.address}
            response = self.answer(request, known, credentials, headers)
        except TooManyFailures as fault:
            return _too_many_failures(fault.retry_after)
        except MalformedRequest as fault:
            return error_response("invalid_request", str(fault))
        except OAuth2Error as fault:
            response = HttpResponse(fault.json, status=fault.status_code)
        if response.status_code == 401 and credentials.client_secret:
            caller.note_failure()
        elif response.status_code == 200 and credentials.client_secret:
            caller.note_success()
        return response

    def answer(
        self, request: HttpRequest, parameters: dict[str, str], credentials: Credentials, headers: dict[str, str]
    ) -> HttpResponse:
        raise NotImplementedError


class TokenView(BackChannelView):
    """RFC 6749 section 3.2."""

    def answer(
        self, request: HttpRequest, parameters: dict[str, str], credentials: Credentials, headers: dict[str, str]
    ) -> HttpResponse:
        if "grant_type" not in parameters:
            raise MalformedRequest("The grant_type is missing.")
        _, body, status = authorization_server().create_token_response(
            request.path, "POST", _with_client(parameters, credentials), headers
        )
        return HttpResponse(body, status=status)


class RevocationView(BackChannelView):
    """RFC 7009."""

    def answer(
        self, request: HttpRequest, parameters: dict[str, str], credentials: Credentials, headers: dict[str, str]
    ) -> HttpResponse:
        _, body, status = authorization_server().create_revocation_response(
            request.path, "POST", _with_client(parameters, credentials), headers
        )
        return HttpResponse(body, status=status)


class IntrospectionView(BackChannelView):
    """RFC 7662: an application learns about its own tokens only, unless it is a resource server."""

    def answer(
        self, request: HttpRequest, parameters: dict[str, str], credentials: Credentials, headers: dict[str, str]
    ) -> HttpResponse:
        now = timezone.now()
        application = client_authentication.find_application(credentials.client_id)
        if not client_authentication.authenticate(application, credentials.client_secret, now=now):
            return error_response("invalid_client", "Client authentication failed.", status=401)
        if "token" not in parameters:
            raise MalformedRequest("The token is missing.")
        access = effective_access.of_access_token(parameters["token"], now=now)
        access = access or effective_access.of_refresh_token(parameters["token"], now=now)
        if access is None:
            revocation.revoke_all_of_deactivated_holder(parameters["token"])
        if access is None or application is None or not _may_see(application, access):
            return JsonResponse({"active": False})
        answer = JsonResponse(_introspected(access, issuer=addresses.issuer(request)))
        if not _is_used_elsewhere(application, access):
            return answer
        # Without an address: the one that asks is the resource server's, and says nothing of where the token is.
        return after_response(answer, partial(effective_access.note_use, access, now=now))


def _is_used_elsewhere(application: Application, access: EffectiveAccess) -> bool:
    """Was it presented to ``application``, a resource server? Who asks about a token of its own is not using it."""
    return access.application != application and isinstance(access.token, AccessToken)


def _may_see(application: Application, access: EffectiveAccess) -> bool:
    return application.resource_server or access.application == application


def _introspected(access: EffectiveAccess, *, issuer: str) -> dict[str, Any]:
    token = access.token
    assert token is not None  # noqa: S101 - access that was found by its token
    assert token.expires is not None  # noqa: S101 - a living token ends some day
    answer: dict[str, Any] = {
        "active": True,
        "iss": issuer,
        "client_id": access.application.client_id,
        "username": access.user.get_username(),
        "scope": " ".join(sorted(access.effective_scopes)),
        "iat": int(token.created.timestamp()),
        "exp": int(token.expires.timestamp()),
    }
    return answer | {"token_type": "Bearer"} if isinstance(token, AccessToken) else answer


def _with_client(parameters: dict[str, str], credentials: Credentials) -> list[tuple[str, str]]:
    client = {"client_id": credentials.client_id, "client_secret": credentials.client_secret}
    return [*parameters.items(), *((name, value) for name, value in client.items() if value)]


def error_response(error: str, description: str, *, status: int = 400) -> HttpResponse:
    """Return an error as RFC 6749 section 5.2 words it."""
    return HttpResponse(json.dumps({"error": error, "error_description": description}), status=status)


def _too_many_failures(retry_after: int) -> HttpResponse:
    response = error_response("temporarily_unavailable", "Too many failures. Try again later.", status=429)
    response.headers["Retry-After"] = str(retry_after)
    return response


def _finished(response: HttpResponse, headers: dict[str, str]) -> HttpResponse:
    for name, value in headers.items():
        response.headers[name] = value
    response.headers["Content-Type"] = "application/json"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = f'Basic realm="{app_settings.realm}"'
    return response
