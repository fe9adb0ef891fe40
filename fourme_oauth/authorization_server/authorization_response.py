"""The authorization response (RFC 6749 section 4.1.2): a code or an error, on its way to the application."""

from collections.abc import Mapping

from django.http import HttpResponse
from django.utils.encoding import iri_to_uri
from oauthlib.common import add_params_to_uri

from ..models import Authorization
from .authorization_request import AuthorizationRequest


def with_code(
    oauth_request: AuthorizationRequest, authorization: Authorization | None, scopes: frozenset[str]
) -> HttpResponse:
    """
    Store a code for ``scopes``, minted under ``authorization``, and send it to the application.

    Without any scope it is ``access_denied``: the user took back all that is asked for, and the request names nothing
    of it.
    """
    if not scopes:
        return with_error(oauth_request, "access_denied")
    minted, grant = oauth_request.oauthlib_request, oauth_request.grant
    minted.standing_authorization, minted.scopes = authorization, sorted(scopes)
    code = grant.create_authorization_code(minted)
    grant.request_validator.save_authorization_code(minted.client_id, code, minted)
    return send_back(oauth_request.redirect_uri, code, issuer=oauth_request.issuer)


def with_error(oauth_request: AuthorizationRequest, error: str) -> HttpResponse:
    """Send ``error``, one of RFC 6749 section 4.1.2.1 or of OpenID Connect Core section 3.1.2.6, to the application."""
    state = oauth_request.oauthlib_request.state
    answer = {"error": error, "state": state} if state else {"error": error}
    return send_back(oauth_request.redirect_uri, answer, issuer=oauth_request.issuer)


def send_back(redirect_uri: str, answer: Mapping[str, str], *, issuer: str) -> HttpResponse:
    """Redirect to the application with ``answer`` and the issuer, which RFC 9207 wants in errors too."""
    return redirect(iri_to_uri(add_params_to_uri(redirect_uri, [*answer.items(), ("iss", issuer)])))


def redirect(location: str) -> HttpResponse:
    # Django's own redirect knows web addresses only, not the private-use schemes of native applications.
    return HttpResponse(status=302, headers={"Location": location})
