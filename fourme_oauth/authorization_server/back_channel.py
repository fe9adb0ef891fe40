"""The endpoints that applications call directly: token, revocation, introspection."""

import json
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
from ..conf import app_settings
from ..effective_access import EffectiveAccess
from ..models import AccessToken, Application
from . import addresses, back_channel_request, client_authentication, cors, failed_requests
from .after_response import after_response
from .back_channel_request import BackChannelRequest
from .client_authentication import InvalidClient
from .parameters import MalformedRequest
from .redaction import RedactingReporterFilter
from .server import authorization_server
from .throttling import Caller, TooManyFailures


@method_decorator([csrf_exempt, login_not_required], name="dispatch")
class BackChannelView(View):
    """Base class: POST, strict parameters, one client identity, JSON errors, no caching."""

    http_method_names = ["post", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.exception_reporter_filter = RedactingReporterFilter()
        return super().dispatch(request, *args, **kwargs)

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return cors.answer_preflight(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            call = back_channel_request.from_request(request)
        except MalformedRequest as fault:
            return _with_headers(error_response("invalid_request", str(fault)), cors.headers_for(request))
        except InvalidClient as fault:
            return _with_headers(error_response("invalid_client", str(fault), status=401), cors.headers_for(request))
        # Queried before any effect: once tokens are stored, nothing may fail before the response.
        headers = cors.headers_for(request, client_id=call.credentials.client_id)
        response = _with_headers(self._answer_unless_throttled(call), headers)
        return failed_requests.keep_refused_call(response, call.parameters, call.credentials)

    def _answer_unless_throttled(self, call: BackChannelRequest) -> HttpResponse:
        credentials = call.credentials
        caller = Caller(client_id=credentials.client_id, address=call.by.ip or "")
        try:
            if credentials.client_secret:
                # A request without a secret guesses none: a limit would let anybody lock a public application out.
                caller.refuse_if_too_many_failures()
            response = self.answer(call)
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

    def answer(self, call: BackChannelRequest) -> HttpResponse:
        raise NotImplementedError


class TokenView(BackChannelView):
    """RFC 6749 section 3.2."""

    def answer(self, call: BackChannelRequest) -> HttpResponse:
        if "grant_type" not in call.parameters:
            raise MalformedRequest("The grant_type is missing.")
        server = authorization_server(call.by, call.received_at)
        _, body, status = server.create_token_response(self.request.path, "POST", call.body)
        return HttpResponse(body, status=status)


class RevocationView(BackChannelView):
    """RFC 7009."""

    def answer(self, call: BackChannelRequest) -> HttpResponse:
        _, body, status = authorization_server().create_revocation_response(self.request.path, "POST", call.body)
        return HttpResponse(body, status=status)


class IntrospectionView(BackChannelView):
    """RFC 7662: an application can introspect its own tokens only, unless it is a resource server."""

    def answer(self, call: BackChannelRequest) -> HttpResponse:
        now = timezone.now()
        application = client_authentication.find_enabled_application(call.credentials.client_id)
        if not client_authentication.authenticate(application, call.credentials.client_secret, now=now):
            return error_response("invalid_client", "Client authentication failed.", status=401)
        if "token" not in call.parameters:
            raise MalformedRequest("The token is missing.")
        token = call.parameters["token"]
        access = effective_access.of_access_token(token, now=now) or effective_access.of_refresh_token(token, now=now)
        if access is None:
            revocation.revoke_all_of_deactivated_holder(token)
        if access is None or application is None or not _may_see(application, access):
            return JsonResponse({"active": False})
        response = JsonResponse(_introspection_claims(access, issuer=addresses.issuer(self.request)))
        if not _is_presented_to(application, access):
            return response
        # Without a client IP: it is the resource server's, not that of the token's user.
        return after_response(response, partial(effective_access.note_use, access, now=now))


def _is_presented_to(application: Application, access: EffectiveAccess) -> bool:
    """Return whether ``application`` is a resource server that it was presented to, not the token's own application."""
    return access.application != application and isinstance(access.token, AccessToken)


def _may_see(application: Application, access: EffectiveAccess) -> bool:
    return application.resource_server or access.application == application


def _introspection_claims(access: EffectiveAccess, *, issuer: str) -> dict[str, Any]:
    token = access.token
    assert token is not None  # noqa: S101 - access loaded by its token
    assert token.expires is not None  # noqa: S101 - a valid token has an expiry time
    claims: dict[str, Any] = {
        "active": True,
        "iss": issuer,
        "client_id": access.application.client_id,
        "username": access.user.get_username(),
        "scope": " ".join(sorted(access.effective_scopes)),
        "iat": int(token.created.timestamp()),
        "exp": int(token.expires.timestamp()),
    }
    return claims | {"token_type": "Bearer"} if isinstance(token, AccessToken) else claims


def error_response(error: str, description: str, *, status: int = 400) -> HttpResponse:
    """Return an error response (RFC 6749 section 5.2)."""
    return HttpResponse(json.dumps({"error": error, "error_description": description}), status=status)


def _too_many_failures(retry_after: int) -> HttpResponse:
    response = error_response("temporarily_unavailable", "Too many failures. Try again later.", status=429)
    response.headers["Retry-After"] = str(retry_after)
    return response


def _with_headers(response: HttpResponse, headers: dict[str, str]) -> HttpResponse:
    for name, value in headers.items():
        response.headers[name] = value
    response.headers["Content-Type"] = "application/json"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = f'Basic realm="{app_settings.realm}"'
    return response
