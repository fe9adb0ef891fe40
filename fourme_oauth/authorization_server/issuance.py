"""
Mint tokens: in one transaction, lock the authorization, invalidate the code or refresh token, store its successors.

Successors inherit the generations of what they replace. So a concurrent revocation needs no lock of ours: tokens minted
during it are invalid.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractUser
from django.db import transaction

from ..models import AccessToken, Application, Authorization, Grant, RefreshToken
from ..models.credentials import digest

USED_CODE_RETENTION = timedelta(days=366)
"""How long a used code is kept, so that its replay revokes its tokens: the toolkit's clean-up goes by ``expires``."""


class NoLongerValid(Exception):
    """A race was lost: a concurrent request has used the code or refresh token, or revoked access."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewTokens:
    """The plaintext tokens for the response, and what is stored with them."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False, default="")
    scope: str
    """The scopes of the access token: wire names separated by spaces."""
    now: datetime
    ip: str | None = None
    """The client IP, for the audit trail of a site that keeps IP addresses."""


@transaction.atomic(savepoint=False)
def exchange_code(code: Grant, tokens: NewTokens) -> AccessToken:
    """Mark ``code`` as used and store the first token pair of its family. Raises ``NoLongerValid``."""
    _lock_authorization(code)
    family = uuid.uuid4()
    # Compare-and-swap: of concurrent exchanges exactly one updates the row.
    pending = Grant.objects.filter(pk=code.pk).pending(tokens.now)
    if not pending.update(used_at=tokens.now, token_family=family, expires=tokens.now + USED_CODE_RETENTION):
        raise NoLongerValid
    return _store_pair(code, tokens, family=family, whole_scope=code.scope)


@transaction.atomic(savepoint=False)
def rotate(refresh_token: RefreshToken, tokens: NewTokens) -> AccessToken:
    """Replace ``refresh_token`` and its access token. Raises ``NoLongerValid``."""
    standing = _lock_authorization(refresh_token)
    unused = RefreshToken.objects.filter(pk=refresh_token.pk).unused()
    if not unused.update(revoked=tokens.now, access_token=None):
        raise NoLongerValid
    family = refresh_token.token_family or uuid.uuid4()
    AccessToken.objects.filter(token_family=family).delete_rows()
    own = Authorization.objects.filter(pk=standing.pk)
    own.note_renewal(tokens.now, before=standing.renewed_at, ip=tokens.ip)
    return _store_pair(refresh_token, tokens, family=family, whole_scope=refresh_token.scope)


def mint_for_linked_user(application: Application, user: AbstractUser, tokens: NewTokens) -> AccessToken:
    """Store an access token for client credentials (RFC 6749 4.4); it acts as ``user`` and can't be refreshed."""
    return AccessToken.objects.create(
        user=user,  # type: ignore[misc] # the user model is the site's
        application=application,
        application_generation=application.generation,
        by_client_credentials=True,
        token_checksum=digest(tokens.access_token),
        expires=tokens.now + application.access_token_lifetime,
        scope=tokens.scope,
    )


def _lock_authorization(minted: Grant | RefreshToken) -> Authorization:
    standing = Authorization.objects.lock_standing(
        minted.user_id, minted.application_id, generation=minted.authorization_generation
    )
    if standing is None:
        raise NoLongerValid
    return standing


def _store_pair(source: Grant | RefreshToken, tokens: NewTokens, *, family: uuid.UUID, whole_scope: str) -> AccessToken:
    inherited = {
        "user": source.user,
        "application": source.application,
        "application_generation": source.application_generation,
        "authorization_generation": source.authorization_generation,
        "token_family": family,
    }
    access_token = AccessToken.objects.create(
        **inherited,
        token_checksum=digest(tokens.access_token),
        expires=tokens.now + source.application.access_token_lifetime,
        scope=tokens.scope,
    )
    RefreshToken.objects.create(
        **inherited,
        access_token=access_token,  # the toolkit's clean-up deletes refresh tokens without one
        token_checksum=digest(tokens.refresh_token),
        expires=tokens.now + source.application.refresh_token_lifetime,
        scope=whole_scope,
    )
    return access_token
