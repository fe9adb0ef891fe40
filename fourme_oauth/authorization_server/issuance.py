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
from oauth2_provider.settings import oauth2_settings

from ..models import AccessToken, Application, Authorization, Grant, RefreshToken
from ..models.credentials import digest


class NoLongerValid(Exception):
    """Somebody else was first: the code or refresh token was used, or access was revoked, in this very moment."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewTokens:
    """The texts that the application is about to receive, and for what."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False, default="")
    scope: str
    """What the access token carries: wire names separated by spaces."""
    expires_in: int
    """Lifetime of the access token in seconds."""
    now: datetime


@transaction.atomic
def exchange_code(code: Grant, tokens: NewTokens) -> AccessToken:
    """Use ``code`` up and store the first pair of its family. Raises ``NoLongerValid``."""
    _lock_authorization(code)
    family = uuid.uuid4()
    # The condition decides the race: of concurrent exchanges exactly one updates the row.
    if not Grant.objects.filter(pk=code.pk).pending(tokens.now).update(used_at=tokens.now, token_family=family):
        raise NoLongerValid
    return _store_pair(code, tokens, family=family, whole_scope=code.scope)


def extend_burst(code: Grant, *, now: datetime) -> None:
    """
    Note that a request for a code that was just used was under way at the same time.

    Of a burst of equal requests the last may be read after the first is answered; it still belongs to the burst.
    """
    Grant.objects.filter(pk=code.pk, used_at__lt=now).update(used_at=now)


@transaction.atomic
def rotate(refresh_token: RefreshToken, tokens: NewTokens) -> AccessToken:
    """Replace ``refresh_token`` and the access token it came with. Raises ``NoLongerValid``."""
    _lock_authorization(refresh_token)
    if not RefreshToken.objects.filter(pk=refresh_token.pk).unused().update(revoked=tokens.now):
        raise NoLongerValid
    family = refresh_token.token_family or uuid.uuid4()
    AccessToken.objects.filter(token_family=family).delete()
    return _store_pair(refresh_token, tokens, family=family, whole_scope=refresh_token.scope)


def mint_for_linked_user(application: Application, user: AbstractUser, tokens: NewTokens) -> AccessToken:
    """Store an access token for the application's own credentials; it acts as ``user`` and can't be refreshed."""
    return AccessToken.objects.create(
        user_id=user.pk,
        application=application,
        application_generation=application.generation,
        authorization_generation=None,
        token_checksum=digest(tokens.access_token),
        expires=tokens.now + timedelta(seconds=tokens.expires_in),
        scope=tokens.scope,
    )


def _lock_authorization(minted: Grant | RefreshToken) -> None:
    standing = Authorization.objects.standing().filter(
        user_id=minted.user_id,
        application_id=minted.application_id,
        generation=minted.authorization_generation,  # type: ignore[misc] # what is found living has one
    )
    if not list(standing.select_for_update()):
        raise NoLongerValid


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
        expires=tokens.now + timedelta(seconds=tokens.expires_in),
        scope=tokens.scope,
    )
    RefreshToken.objects.create(
        **inherited,
        access_token=access_token,  # the toolkit's own clean-up takes a refresh token without one for an orphan
        token_checksum=digest(tokens.refresh_token),
        expires=tokens.now + timedelta(seconds=oauth2_settings.REFRESH_TOKEN_EXPIRE_SECONDS),
        scope=whole_scope,
    )
    return access_token
