"""
Write codes and tokens: in one transaction, lock the authorization, invalidate what is exchanged, write the successors.

Successors are stamped with the generations of what they come from. So a revocation that happens meanwhile needs no lock
of ours: what is minted during it is dead.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractUser
from django.db import transaction

from ..models import AccessToken, Application, Authorization, Grant, RefreshToken
from ..models.credentials import digest

TOMBSTONE = timedelta(days=366)
"""How long a used code is kept, so that a second use can end its tokens: the toolkit's clean-up goes by ``expires``."""


class NoLongerValid(Exception):
    """Somebody else was first: the code or refresh token was used, or access was revoked, in this very moment."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewTokens:
    """The texts that the application is about to receive, and for what."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False, default="")
    scope: str
    """What the access token carries: wire names separated by spaces."""
    now: datetime
    ip: str | None = None
    """The application's, for the audit trail of a site that keeps IP addresses."""


@transaction.atomic(savepoint=False)
def exchange_code(code: Grant, tokens: NewTokens) -> AccessToken:
    """Use ``code`` up and store the first pair of its family. Raises ``NoLongerValid``."""
    _lock_authorization(code)
    family = uuid.uuid4()
    # The condition decides the race: of concurrent exchanges exactly one updates the row.
    pending = Grant.objects.filter(pk=code.pk).pending(tokens.now)
    if not pending.update(used_at=tokens.now, token_family=family, expires=tokens.now + TOMBSTONE):
        raise NoLongerValid
    return _store_pair(code, tokens, family=family, whole_scope=code.scope)


@transaction.atomic(savepoint=False)
def rotate(refresh_token: RefreshToken, tokens: NewTokens) -> AccessToken:
    """Replace ``refresh_token`` and the access token it came with. Raises ``NoLongerValid``."""
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
    """Store an access token for the application's own credentials; it acts as ``user`` and can't be refreshed."""
    return AccessToken.objects.create(
        user=user,  # type: ignore[misc] # whatever the user model of the site is
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
        access_token=access_token,  # the toolkit's own clean-up takes a refresh token without one for an orphan
        token_checksum=digest(tokens.refresh_token),
        expires=tokens.now + source.application.refresh_token_lifetime,
        scope=whole_scope,
    )
    return access_token
