"""
Keep what failed, for administrators: after the answer is on its way, so that it holds nobody up and tells nobody.

Of one client ID no more than one failure in ten seconds is looked into, and no application has one kind of failure
written more often than once a minute: whoever goes on failing costs hardly more than before. Unknown client IDs belong
to no application and leave nothing.
"""

import json
import logging
from functools import partial
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.http import HttpResponse
from django.utils import timezone
from oauthlib.oauth2.rfc6749 import errors

from .. import trouble
from ..models import Application, Trouble, token_endpoint_queries
from .after_response import Answer, after_response
from .client_authentication import Credentials
from .diagnosis import Refused

logger = logging.getLogger(__name__)

LOOKED_INTO_SECONDS = 10


def keep_refused_call(answer: HttpResponse, parameters: dict[str, str], credentials: Credentials) -> HttpResponse:
    """Arrange that an ``answer`` of a back channel is looked into if it refuses."""
    if answer.status_code < 400:
        return answer
    error = json.loads(answer.content)["error"]
    return after_response(answer, partial(_look_into, credentials.client_id, error, parameters, credentials))


def keep_refused_request(answer: Answer, parameters: dict[str, str], fault: Exception) -> Answer:
    """Arrange that a refused authorization request is looked into."""
    is_fatal = not isinstance(fault, errors.OAuth2Error) or isinstance(fault, errors.FatalClientError)
    error = "redirect_uri" if is_fatal else str(getattr(fault, "error", ""))
    return after_response(answer, partial(_look_into, parameters.get("client_id", ""), error, parameters, None))


def keep_prompt_without_effect(answer: Answer, context: dict[str, Any]) -> Answer:
    """Arrange that it is noted that a user was asked whose roles permit nothing of it."""
    if not context["has_no_effect"]:
        return answer
    names = [scope["name"] for scope in context["scopes"]][:10]
    details = {"user": context["user"].get_username(), "names": names}
    return after_response(answer, partial(_note, context["application"], Trouble.Kind.NOT_PERMITTED, details))


def _look_into(client_id: str, error: str, parameters: dict[str, str], credentials: Credentials | None) -> None:
    try:
        if not _is_due(client_id, error):
            return
        application = token_endpoint_queries.find_application(client_id)
        if application is None:
            return
        refused = Refused(
            application=application, parameters=parameters, error=error, now=timezone.now(), credentials=credentials
        )
        kind, details = refused.diagnosis()
    except Exception as fault:
        # Its type, not its text: some databases repeat the statement in it.
        logger.warning("A failed attempt could not be looked into: %s", type(fault).__name__)
    else:
        _note(application, kind, details)


def _is_due(client_id: str, error: str) -> bool:
    asked = sha256(f"{client_id} {error}".encode(errors="surrogatepass")).hexdigest()
    return bool(cache.add(f"fourme_oauth.trouble.{asked}", 1, LOOKED_INTO_SECONDS))


def _note(application: Application, kind: str, details: dict[str, Any]) -> None:
    trouble.note(application, kind, now=timezone.now(), details=details)
