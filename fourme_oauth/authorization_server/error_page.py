"""The error page for an authorization request that can't be redirected back, for users and developers."""

import logging
import secrets
from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from oauthlib.oauth2.rfc6749 import errors

from .parameters import MalformedRequest

logger = logging.getLogger(__name__)

MISSING = _("The client_id is missing.")
NOT_REGISTERED = _(
    "There is no enabled application with this client_id and this redirect_uri. Compare both, character by character, "
    "with what the administrator registered; an application with several redirect URIs must name one."
)
"""One text for every mismatch with the registration, so that it does not reveal which client IDs exist."""


def page(
    request: HttpRequest, fault: MalformedRequest | errors.FatalClientError, parameters: Mapping[str, str]
) -> HttpResponse:
    """Return the error page. The log has the exact reason, under the reference that the page shows."""
    reference = secrets.token_hex(4)
    client_id = parameters.get("client_id", "")[:100]
    reason = str(fault) if isinstance(fault, MalformedRequest) else fault.description or fault.error
    logger.warning("Authorization request refused (%s): %s client_id=%r", reference, reason, client_id)
    context = {"description": _description(fault), "reference": reference}
    return render(request, "fourme_oauth/authorization_error.html", context, status=400)


def _description(fault: MalformedRequest | errors.FatalClientError) -> str:
    if isinstance(fault, MalformedRequest):
        return gettext(str(fault))
    return str(MISSING if isinstance(fault, errors.MissingClientIdError) else NOT_REGISTERED)
