"""The authorization response (RFC 6749 section 4.1.2): redirect to the application with a code or an error."""

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
    Store a code for ``scopes`` under ``authorization``, and redirect to the application with it.

    Without scopes, redirect with ``access_denied``: the user withdrew all that is requested, and the request names none
    of it.
    """
    if not scopes:
        return with_error(oauth_request, "access_denied")
    oauthlib_request, grant = oauth_request.oauthlib_request, oauth_request.grant
    oauthlib_request.standing_authorization, oauthlib_request.scopes = authorization, sorted(scopes)
    code = grant.create_authorization_code(oauthlib_request)
    grant.request_validator.save_authorization_code(oauthlib_request.client_id, code, oauthlib_request)
    return send_back(oauth_request.redirect_uri, code, issuer=oauth_request.issuer)


def with_error(oauth_request: AuthorizationRequest, error: str) -> HttpResponse:
    """Redirect with ``error``, one of RFC 6749 section 4.1.2.1 or of OpenID Connect Core section 3.1.2.6."""
    state = oauth_request.oauthlib_request.state
    parameters = {"error": error, "state": state} if state else {"error": error}
    return send_back(oauth_request.redirect_uri, parameters, issuer=oauth_request.issuer)


def send_back(redirect_uri: str, parameters: Mapping[str, str], *, issuer: str) -> HttpResponse:
    """Redirect to the application with ``parameters`` and the issuer, which RFC 9207 requires in errors too."""
    return redirect(iri_to_uri(add_params_to_uri(redirect_uri, [*parameters.items(), ("iss", issuer)])))


def redirect(location: str) -> HttpResponse:
    # Django's own redirect refuses the private-use schemes of native applications.
    return HttpResponse(status=302, headers={"Location": location})
