"""
What was wrong with a request that was refused, found out once it has been answered.

Whoever asks learns no more than the standard says; an administrator learns which part it was. Nothing that could be
used again leaves this module: no code, token, verifier or secret, and of a URI only what names a place.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..client_secrets import stored_form
from ..models import AccessToken, Application, ClientSecret, Grant, RefreshToken, Scope, Trouble
from ..trouble import redirect_uri_details
from .client_authentication import Credentials
from .proof_of_possession import proves_possession

Kind = Trouble.Kind
Found = tuple[str, dict[str, Any]]
"""A kind of trouble, and its details."""

TOLD_ERRORS = frozenset(
    {"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type"}
    | {"unsupported_response_type", "invalid_scope", "unsupported_token_type"}
)


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A request of a known application that was refused."""

    application: Application
    parameters: dict[str, str] = field(repr=False)
    error: str
    now: datetime
    credentials: Credentials | None = field(default=None, repr=False)

    def diagnosis(self) -> Found:
        """Say what was wrong with it."""
        if self.application.disabled:
            return Kind.DISABLED, {}
        found = _DIAGNOSES.get(self.error, _other)(self)
        return found or _other(self)


def of_redirect_uri(refused: Refused) -> Found | None:
    """Say why an authorization request can't be answered by a redirect."""
    asked, registered = refused.parameters.get("redirect_uri"), refused.application.redirect_uris.split()
    if not asked:
        return (Kind.REDIRECT_URI_MISSING, {}) if len(registered) != 1 else None
    if not registered or refused.application.redirect_uri_allowed(asked):
        return None
    return Kind.REDIRECT_URI_DIFFERS, redirect_uri_details(asked, registered)


def _of_client(refused: Refused) -> Found | None:
    presented = refused.credentials.client_secret if refused.credentials else None
    if refused.application.is_public:
        return (Kind.SECRET_NEEDLESS, {}) if presented else None
    if not presented:
        return Kind.SECRET_MISSING, {}
    known = ClientSecret.objects.filter(application=refused.application, digest=stored_form(presented)).first()
    if known is None:
        return Kind.SECRET_WRONG, {}
    if known.retired_at is not None:
        return Kind.SECRET_RETIRED, {"hint": known.hint, "at": known.retired_at.isoformat()}
    if known.expires_at is not None and known.expires_at <= refused.now:
        return Kind.SECRET_EXPIRED, {"hint": known.hint, "at": known.expires_at.isoformat()}
    return None


def _of_grant(refused: Refused) -> Found | None:
    if "code" in refused.parameters:
        return _of_code(refused)
    return _of_refresh_token(refused) if "refresh_token" in refused.parameters else None


def _of_code(refused: Refused) -> Found:
    codes = Grant.objects.by_text(refused.parameters["code"]).filter(application=refused.application)
    code = codes.select_related("user").first()
    if code is None:
        return Kind.CODE_UNKNOWN, {}
    code.application = refused.application
    if unproven := _unproven(code, refused.parameters):
        return unproven, {}
    if code.used_at is not None:
        return Kind.CODE_USED, {"at": code.used_at.isoformat()}
    if code.expires <= refused.now:
        return Kind.CODE_EXPIRED, {"at": code.expires.isoformat()}
    if not code.is_pending(refused.now):
        return Kind.CODE_BURNT, {}
    return _of_user(code)


def _unproven(code: Grant, parameters: dict[str, str]) -> str | None:
    verifier, redirect_uri = parameters.get("code_verifier"), parameters.get("redirect_uri")
    if proves_possession(code, redirect_uri=redirect_uri, code_verifier=verifier):
        return None
    if redirect_uri != code.redirect_uri and (redirect_uri is not None or code.redirect_uri_given):
        return Kind.CODE_REDIRECT_URI
    if not code.code_challenge:
        return Kind.VERIFIER_NEEDLESS if verifier is not None else Kind.CHALLENGE_MISSING
    return Kind.VERIFIER_WRONG if verifier is not None else Kind.VERIFIER_MISSING


def _of_refresh_token(refused: Refused) -> Found:
    tokens = RefreshToken.objects.by_text(refused.parameters["refresh_token"]).filter(application=refused.application)
    token = tokens.select_related("user").first()
    if token is None:
        return Kind.REFRESH_TOKEN_UNKNOWN, {}
    if token.revoked is not None:
        return Kind.REFRESH_TOKEN_ROTATED, {"at": token.revoked.isoformat()}
    if token.expires is not None and token.expires <= refused.now:
        return Kind.REFRESH_TOKEN_EXPIRED, {"at": token.expires.isoformat()}
    return _of_user(token)


def _of_user(minted: Grant | RefreshToken | AccessToken) -> Found:
    if not minted.user.is_active:
        return Kind.USER_INACTIVE, {"user": minted.user.get_username()}
    return Kind.REVOKED, {}


def _of_registration(refused: Refused) -> Found | None:
    application = refused.application
    by_own_credentials = refused.parameters.get("grant_type") == "client_credentials"
    if by_own_credentials and application.allows_grant_type(Application.GRANT_CLIENT_CREDENTIALS):
        return Kind.LINKED_USER, {}
    return Kind.GRANT_NOT_OFFERED, {}


def _of_scope(refused: Refused) -> Found | None:
    allowed = Scope.objects.allowed_to(refused.application).names()
    if not allowed:
        return Kind.NOTHING_ALLOWED, {}
    beyond = set(refused.parameters.get("scope", "").split(" ")) - {""} - allowed
    # What is not in the catalogue may be anything, a token in the wrong place as well: it is not repeated.
    names = sorted(Scope.objects.filter(name__in=list(beyond)[:100]).names() & beyond)[:10]
    unknown = len(beyond) - len(names)
    return (Kind.SCOPE_NOT_ALLOWED, {"names": names, "unknown": min(unknown, 1)}) if beyond else None


def _of_request(refused: Refused) -> Found | None:
    if "response_type" not in refused.parameters:
        return None
    if refused.application.pkce_required and "code_challenge" not in refused.parameters:
        return Kind.CHALLENGE_MISSING, {}
    if "code_challenge" in refused.parameters and refused.parameters.get("code_challenge_method") != "S256":
        return Kind.CHALLENGE_METHOD, {}
    return None


def _throttled(refused: Refused) -> Found:
    return Kind.THROTTLED, {}


def _other(refused: Refused) -> Found:
    return Kind.OTHER, {"error": refused.error if refused.error in TOLD_ERRORS else "invalid_request"}


_DIAGNOSES = {
    "invalid_client": _of_client,
    "invalid_grant": _of_grant,
    "unauthorized_client": _of_registration,
    "invalid_scope": _of_scope,
    "invalid_request": _of_request,
    "redirect_uri": of_redirect_uri,
    "temporarily_unavailable": _throttled,
}
