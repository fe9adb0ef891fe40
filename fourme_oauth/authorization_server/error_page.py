"""The page for people where an authorization request leads nowhere: what happened, and what its developer must know."""

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
"""One text for all that depends on what is registered: nobody learns here which client IDs exist."""


def page(
    request: HttpRequest, fault: MalformedRequest | errors.FatalClientError, parameters: Mapping[str, str]
) -> HttpResponse:
    """Show what went wrong. The log has what exactly, under the reference that is on the page."""
    reference = secrets.token_hex(4)
    client_id = parameters.get("client_id", "")[:100]
    exactly = str(fault) if isinstance(fault, MalformedRequest) else fault.description or fault.error
    logger.warning("Authorization request refused (%s): %s client_id=%r", reference, exactly, client_id)
    context = {"description": _told(fault), "reference": reference}
    return render(request, "fourme_oauth/authorization_error.html", context, status=400)


def _told(fault: MalformedRequest | errors.FatalClientError) -> str:
    if isinstance(fault, MalformedRequest):
        return gettext(str(fault))
    return str(MISSING if isinstance(fault, errors.MissingClientIdError) else NOT_REGISTERED)
