"""Sign what the consent page displayed, so that a POST approves exactly that; with no state on the server."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.backends.signed_cookies import SessionStore as SignedCookieSession
from django.core import signing
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac

from ..consent import Question

SALT = "fourme_oauth.consent"
MAX_AGE_SECONDS = 60 * 60


def digest_of(parameters: Mapping[str, str]) -> str:
    """Return a digest of all parameters of an authorization request, whatever their order."""
    return hashlib.sha256(json.dumps(sorted(parameters.items())).encode()).hexdigest()


def session_of(request: HttpRequest) -> str:
    """Return an HMAC that identifies the session without revealing its key."""
    session: Any = request.session
    # A signed-cookie session gets another key whenever it is written; the user's session auth hash stays.
    key = session.get(HASH_SESSION_KEY) if isinstance(session, SignedCookieSession) else session.session_key
    return salted_hmac(SALT, key or "", algorithm="sha256").hexdigest()


def sign(page: Mapping[str, Any]) -> str:
    """Return a timestamped signature of what a page displays."""
    return signing.dumps(_digest(page), salt=SALT)


def verify(text: str, page: Mapping[str, Any]) -> bool:
    """Return whether ``text`` is a signature, at most an hour old, of what ``page`` would display now."""
    try:
        signed = signing.loads(text, salt=SALT, max_age=MAX_AGE_SECONDS)
    except signing.BadSignature:
        return False
    return isinstance(signed, str) and constant_time_compare(signed, _digest(page))


def consent_page(request: HttpRequest, parameters: Mapping[str, str], question: Question) -> dict[str, Any]:
    """Return what the consent page's signature covers, the state of the authorization included."""
    return {
        "page": "prompt",
        "user": str(request.user.pk),
        "session": session_of(request),
        "request": digest_of(parameters),
        "requested": sorted(question.requested),
        "asked": sorted(question.asked),
        "state": question.state,
    }


def account_page(request: HttpRequest, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return what the signature of the account choice covers."""
    return {
        "page": "account",
        "user": str(request.user.pk),
        "session": session_of(request),
        "request": digest_of(parameters),
    }


def _digest(page: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(page, sort_keys=True).encode()).hexdigest()
