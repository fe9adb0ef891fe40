"""Record refused requests for administrators, after the response, so that its timing reveals nothing."""

import json
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from oauthlib.oauth2.rfc6749 import errors

from ..failed_requests import look_into, record
from .after_response import Response, after_response
from .client_authentication import Credentials


def keep_refused_call(response: HttpResponse, parameters: dict[str, str], credentials: Credentials) -> HttpResponse:
    """Record a back-channel ``response`` that is an error, once it is sent."""
    if response.status_code < 400:
        return response
    error, secret = json.loads(response.content)["error"], credentials.client_secret
    act = partial(look_into, credentials.client_id, error, parameters=parameters, client_secret=secret)
    return after_response(response, act)


def keep_refused_request(response: Response, parameters: dict[str, str], fault: Exception) -> Response:
    """Record a refused authorization request, once the response is sent."""
    is_fatal = not isinstance(fault, errors.OAuth2Error) or isinstance(fault, errors.FatalClientError)
    error = "redirect_uri" if is_fatal else str(getattr(fault, "error", ""))
    return after_response(response, partial(look_into, parameters.get("client_id", ""), error, parameters=parameters))


def keep_prompt_without_effect(response: Response, context: dict[str, Any]) -> Response:
    """Record a consent page whose user's roles permit none of its scopes, once it is sent."""
    if not context["has_no_effect"]:
        return response
    names = [scope["name"] for scope in context["scopes"]][:10]
    details = {"user": context["user"].get_username(), "names": names}
    act = partial(record, context["application"], "not_permitted", now=timezone.now(), details=details)
    return after_response(response, act)
