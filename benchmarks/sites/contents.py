"""Data of every site: a confidential application, and authorization codes on demand."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone
from oauth2_provider.models import get_application_model, get_grant_model

REDIRECT_URI = "https://third-party.example/callback"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
SCOPES = "read write"


@dataclass(frozen=True, kw_only=True)
class Contents:
    """A site's token endpoint, credentials and source of codes."""

    token_endpoint: str
    client_id: str
    client_secret: str
    new_code: Callable[[], str]
    redirect_uri: str = REDIRECT_URI
    verifier: str = VERIFIER


def application(**fields: Any) -> Any:
    """Register a confidential application."""
    return get_application_model().objects.create(
        name="Application",
        client_type="confidential",
        authorization_grant_type="authorization-code",
        redirect_uris=REDIRECT_URI,
        **fields,
    )


def store_code(code: str, **fields: Any) -> None:
    """Store an authorization code as the authorization endpoint does; ``code`` is the text or hash to store."""
    get_grant_model().objects.create(
        code=code,
        expires=timezone.now() + timedelta(minutes=1),
        redirect_uri=REDIRECT_URI,
        scope=SCOPES,
        code_challenge=CHALLENGE,
        code_challenge_method="S256",
        **fields,
    )
