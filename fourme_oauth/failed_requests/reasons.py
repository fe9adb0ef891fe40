"""
Determine why a request was refused, after the response was sent.

The response reveals no more than the standard requires; an administrator learns which part was wrong. Nothing reusable
leaves this module: no code, token, verifier or secret, and of a requested URI only scheme, host, port and path.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..models import Application, Grant, RefreshToken, Scope

Reason = tuple[str, dict[str, Any]]
"""A kind of failed request, and its details."""

PARTS = {
    "scheme": gettext_lazy("scheme"),
    "username": gettext_lazy("user name"),
    "hostname": gettext_lazy("host"),
    "port": gettext_lazy("port"),
    "path": gettext_lazy("path"),
    "query": gettext_lazy("query"),
    "fragment": gettext_lazy("fragment"),
}
"""Labels of the parts that ``urlsplit`` returns."""
MAX_LENGTH = 200
"""Longer URIs are truncated."""


@dataclass(frozen=True)
class RefusedRequest:
    """A request of a known application that was refused."""

    application: Application
    error: str
    parameters: dict[str, str] = field(repr=False, kw_only=True)
    client_secret: str | None = field(repr=False, kw_only=True)
    now: datetime = field(kw_only=True)

    def reason(self) -> Reason:
        """Return the kind of failure, with details."""
        if self.application.disabled:
            return "disabled", {}
        examine = _BY_ERROR.get(self.error)
        error = "invalid_request" if self.error == "redirect_uri" else self.error
        return (examine and examine(self)) or ("other", {"error": error})


def _of_redirect_uri(refused: RefusedRequest) -> Reason | None:
    requested, registered = refused.parameters.get("redirect_uri"), refused.application.redirect_uris.split()
    if not requested:
        return ("redirect_uri_missing", {}) if len(registered) != 1 else None
    if not registered or refused.application.redirect_uri_allowed(requested):
        return None
    return "redirect_uri_differs", redirect_uri_details(requested, registered)


def _of_client(refused: RefusedRequest) -> Reason | None:
    if refused.application.is_public:
        return ("secret_needless", {}) if refused.client_secret else None
    if not refused.client_secret:
        return "secret_missing", {}
    secret = refused.application.client_secrets.by_text(refused.client_secret).first()
    if secret is None:
        return "secret_wrong", {}
    if secret.retired_at is not None:
        return "secret_retired", {"hint": secret.hint, "at": secret.retired_at.isoformat()}
    if secret.expires_at is not None and secret.expires_at <= refused.now:
        return "secret_expired", {"hint": secret.hint, "at": secret.expires_at.isoformat()}
    return None


def _of_grant(refused: RefusedRequest) -> Reason | None:
    if "code" in refused.parameters:
        return _of_code(refused)
    return _of_refresh_token(refused) if "refresh_token" in refused.parameters else None


def _of_code(refused: RefusedRequest) -> Reason:
    codes = Grant.objects.by_text(refused.parameters["code"]).filter(application=refused.application)
    code = codes.select_related("application", "user").first()
    if code is None:
        return "code_unknown", {}
    if not code.accepts_redirect_uri(refused.parameters.get("redirect_uri")):
        return "code_redirect_uri", {}
    if not code.accepts_verifier(refused.parameters.get("code_verifier")):
        return _of_verifier(code, refused.parameters.get("code_verifier")), {}
    if code.used_at is not None:
        return "code_used", {"at": code.used_at.isoformat()}
    if code.expires <= refused.now:
        return "code_expired", {"at": code.expires.isoformat()}
    return _of_user(code) if code.is_pending(refused.now) else ("code_burnt", {})


def _of_verifier(code: Grant, code_verifier: str | None) -> str:
    if not code.code_challenge:
        return "verifier_needless" if code_verifier is not None else "challenge_missing"
    return "verifier_wrong" if code_verifier is not None else "verifier_missing"


def _of_refresh_token(refused: RefusedRequest) -> Reason:
    tokens = RefreshToken.objects.by_text(refused.parameters["refresh_token"]).filter(application=refused.application)
    token = tokens.select_related("user").first()
    if token is None:
        return "refresh_token_unknown", {}
    if token.revoked is not None:
        return "refresh_token_rotated", {"at": token.revoked.isoformat()}
    if token.expires is not None and token.expires <= refused.now:
        return "refresh_token_expired", {"at": token.expires.isoformat()}
    return _of_user(token)


def _of_user(minted: Grant | RefreshToken) -> Reason:
    return ("revoked", {}) if minted.user.is_active else ("user_inactive", {"user": minted.user.get_username()})


def _of_registration(refused: RefusedRequest) -> Reason:
    is_offered = refused.application.allows_grant_type(Application.GRANT_CLIENT_CREDENTIALS)
    by_own_credentials = refused.parameters.get("grant_type") == "client_credentials"
    return ("linked_user" if by_own_credentials and is_offered else "grant_not_offered"), {}


def _of_scope(refused: RefusedRequest) -> Reason | None:
    allowed = Scope.objects.allowed_to(refused.application).names()
    if not allowed:
        return "nothing_allowed", {}
    beyond = set(refused.parameters.get("scope", "").split(" ")) - {""} - allowed
    # A name that is not in the catalogue may be anything, even a misplaced token: it is not repeated.
    names = sorted(Scope.objects.filter(name__in=list(beyond)[:100]).names() & beyond)[:10]
    return ("scope_not_allowed", {"names": names, "unknown": int(len(beyond) > len(names))}) if beyond else None


def _of_request(refused: RefusedRequest) -> Reason | None:
    if "response_type" not in refused.parameters:
        return None
    if "code_challenge" not in refused.parameters:
        return ("challenge_missing", {}) if refused.application.pkce_required else None
    return ("challenge_method", {}) if refused.parameters.get("code_challenge_method") != "S256" else None


_BY_ERROR: dict[str, Callable[[RefusedRequest], Reason | None]] = {
    "invalid_client": _of_client,
    "invalid_grant": _of_grant,
    "unauthorized_client": _of_registration,
    "invalid_scope": _of_scope,
    "invalid_request": _of_request,
    "redirect_uri": _of_redirect_uri,
    "temporarily_unavailable": lambda refused: ("throttled", {}),
}


def redirect_uri_details(requested: str, registered: list[str]) -> dict[str, Any]:
    """
    Return in which parts ``requested`` differs from the most similar of the ``registered`` redirect URIs.

    Of ``requested``, only scheme, host, port and path are kept: the rest may be a secret.
    """
    try:
        closest = min(
            registered, key=lambda uri: (len(_differing(requested, uri)), -_common_prefix_length(requested, uri))
        )
    except ValueError:
        return {"asked": _("(not a valid URI)"), "registered": " ".join(registered)[:MAX_LENGTH], "parts": []}
    return {
        "asked": _without_credentials(urlsplit(requested)),
        "registered": closest[:MAX_LENGTH],
        "parts": _differing(requested, closest),
    }


def _common_prefix_length(one: str, other: str) -> int:
    return sum(1 for _pair in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _differing(requested: str, registered: str) -> list[str]:
    one, other = urlsplit(requested), urlsplit(registered)
    return [part for part in PARTS if getattr(one, part) != getattr(other, part)]


def _without_credentials(uri: SplitResult) -> str:
    # A long path segment is more likely a credential than a folder.
    path = "/".join(segment if len(segment) <= 40 else "…" for segment in uri.path.split("/"))
    host = uri.netloc.rpartition("@")[2]
    return (f"{uri.scheme}://{host}{path}" if host else f"{uri.scheme}:{path}")[:MAX_LENGTH]
