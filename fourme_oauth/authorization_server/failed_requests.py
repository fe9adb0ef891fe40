"""Which refusals are kept for administrators: after the response, so that it holds nobody up and tells nobody."""

import json
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from oauthlib.oauth2.rfc6749 import errors

from ..failed_requests import look_into, record
from .after_response import Answer, after_response
from .client_authentication import Credentials


def keep_refused_call(answer: HttpResponse, parameters: dict[str, str], credentials: Credentials) -> HttpResponse:
    """Arrange that an ``answer`` of a back channel is looked into if it refuses."""
    if answer.status_code < 400:
        return answer
    error, secret = json.loads(answer.content)["error"], credentials.client_secret
    act = partial(look_into, credentials.client_id, error, parameters=parameters, client_secret=secret)
    return after_response(answer, act)


def keep_refused_request(answer: Answer, parameters: dict[str, str], fault: Exception) -> Answer:
    """Arrange that a refused authorization request is looked into."""
    is_fatal = not isinstance(fault, errors.OAuth2Error) or isinstance(fault, errors.FatalClientError)
    error = "redirect_uri" if is_fatal else str(getattr(fault, "error", ""))
    return after_response(answer, partial(look_into, parameters.get("client_id", ""), error, parameters=parameters))


def keep_prompt_without_effect(answer: Answer, context: dict[str, Any]) -> Answer:
    """Arrange that it is recorded that a user was asked whose roles permit nothing of it."""
    if not context["has_no_effect"]:
        return answer
    names = [scope["name"] for scope in context["scopes"]][:10]
    details = {"user": context["user"].get_username(), "names": names}
    act = partial(record, context["application"], "not_permitted", now=timezone.now(), details=details)
    return after_response(answer, act)
