"""
Effective access: which scopes an application may use for a user now, and why each of the others is refused.

    A scope is in effect while three parties agree, now: the user *granted* it, an admin *allows* it to the application,
    and one of the user's roles *permits* it. The user is active, and the application is not disabled.

The one implementation of this rule: the API and the body of its 403, the consent page, Access & Security, the admin,
and the responses of the token and introspection endpoints use it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import cast

from django.contrib.auth.models import AbstractUser
from django.db import router, transaction
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext, gettext_noop

from .conf import app_settings
from .models import AccessToken, Application, Authorization, RefreshToken, Scope, bearer_query
from .models.scope import facts


class Verdict(StrEnum):
    """Why a scope is in effect, or not."""

    IN_EFFECT = "in_effect"
    NOT_GRANTED = "not_granted"
    """The user has not granted it: asking the user again can help, and nothing else stands in the way."""
    NOT_ALLOWED = "not_allowed"
    """No admin allows it to the application, or it is not in the catalogue."""
    NOT_PERMITTED = "not_permitted"
    """None of the user's roles permits it."""
    USER_INACTIVE = "user_inactive"
    APPLICATION_DISABLED = "application_disabled"

    @property
    def reason(self) -> str:
        """The explanation, in the active language."""
        return gettext(REASONS[self])


REASONS = {
    Verdict.IN_EFFECT: gettext_noop("In effect."),
    Verdict.NOT_GRANTED: gettext_noop("The user has not granted it."),
    Verdict.NOT_ALLOWED: gettext_noop("No administrator allows it to the application, or it is retired."),
    Verdict.NOT_PERMITTED: gettext_noop("None of the user's roles permits it."),
    Verdict.USER_INACTIVE: gettext_noop("The user is not active."),
    Verdict.APPLICATION_DISABLED: gettext_noop("The application is disabled."),
}


@dataclass(frozen=True, kw_only=True)
class EffectiveAccess:
    """What is granted, allowed and permitted now, and the verdict that follows for each scope."""

    application: Application
    user: AbstractUser
    granted: frozenset[str]
    """By the user: what the token carries and the authorization still includes."""
    allowed: frozenset[str]
    """By an admin, to the application."""
    permitted: frozenset[str]
    """By one of the user's roles, or to everyone. May be limited to the allowed scopes, where no others are needed."""
    wording: dict[str, str]
    """The words that users read for each scope of the catalogue (those that are not retired), sorted by name."""
    obstacle: Verdict | None
    """The verdict on every scope where the application is disabled or the user inactive; otherwise ``None``."""
    token: AccessToken | RefreshToken | None = field(default=None, repr=False)
    """The row of the token that was presented, if one was."""
    authorization_last_used_at: datetime | None = None
    """Where a token was presented: when its authorization was last used, as stored."""

    def verdict(self, scope: str) -> Verdict:
        """Return the verdict on one scope. Where several refuse it, what the user can't change comes first."""
        if self.obstacle is not None:
            return self.obstacle
        if scope not in self.allowed:
            return Verdict.NOT_ALLOWED
        if scope not in self.permitted:
            return Verdict.NOT_PERMITTED
        return Verdict.IN_EFFECT if scope in self.granted else Verdict.NOT_GRANTED

    @property
    def effective_scopes(self) -> frozenset[str]:
        """The wire names of the scopes in effect."""
        return frozenset(scope for scope in self.granted if self.verdict(scope) is Verdict.IN_EFFECT)

    @property
    def catalogue(self) -> tuple[str, ...]:
        """The names of all scopes that are not retired, sorted."""
        return tuple(self.wording)

    def with_granted(self, scopes: Iterable[str]) -> "EffectiveAccess":
        """Return a copy in which exactly ``scopes`` are granted."""
        return replace(self, granted=frozenset(scopes))

    def explain(self, scopes: Iterable[str] | None = None) -> dict[str, Verdict]:
        """Return the verdict on each of ``scopes``; without any, on the whole catalogue."""
        return {scope: self.verdict(scope) for scope in (self.catalogue if scopes is None else scopes)}


def of_access_token(text: str, *, now: datetime) -> EffectiveAccess | None:
    """
    Return what the access token with this ``text`` may do.

    ``None`` where it is not valid: unknown, expired or revoked, its user inactive or its application disabled.
    """
    presented = bearer_query.find(text, now=now)
    if presented is None or not presented.user.is_active:
        return None
    return EffectiveAccess(
        # Lazy: most requests need none of these, and the wording takes another query.
        application=cast("Application", SimpleLazyObject(lambda: presented.application)),
        user=presented.user,
        granted=_granted(presented.carried, presented.authorized),
        allowed=presented.allowed,
        permitted=presented.permitted,
        wording=cast("dict[str, str]", SimpleLazyObject(lambda: Scope.objects.in_catalogue().wording())),
        obstacle=None,
        token=cast("AccessToken", SimpleLazyObject(lambda: presented.token)),
        authorization_last_used_at=presented.authorization_last_used_at,
    )


def of_refresh_token(text: str, *, now: datetime) -> EffectiveAccess | None:
    """Return what an access token from this refresh token could do; ``None`` where it is not valid."""
    tokens = RefreshToken.objects.by_text(text).living(now).select_related("user", "application")
    return _of_living_token(tokens.first())


def of_row(token: AccessToken, *, now: datetime) -> EffectiveAccess | None:
    """Return what ``token``, a row loaded earlier, may do now; ``None`` where it is no longer valid."""
    tokens = AccessToken.objects.filter(pk=token.pk).living(now).select_related("user", "application")
    return _of_living_token(tokens.first())


def of_minted(token: AccessToken, *, authorized_scopes: str) -> EffectiveAccess:
    """Return what ``token``, just minted under an authorization that includes ``authorized_scopes``, may do."""
    granted = frozenset(token.scope.split()) & frozenset(authorized_scopes.split())
    return _now(application=token.application, user=token.user, granted=granted, token=token)


def of_user(user: AbstractUser, application: Application) -> EffectiveAccess:
    """Return what ``application`` may do for ``user`` under the authorization that stands, if any."""
    authorization = Authorization.objects.between(user, application).standing().first()
    granted = authorization.granted if authorization else frozenset()
    return _now(application=application, user=user, granted=granted)


def of_authorizations(authorizations: Iterable[Authorization]) -> dict[int, EffectiveAccess]:
    """
    Return what each of the ``authorizations`` gives to its application, by its primary key.

    Leaves out those whose application was deleted. Two queries, if users and applications have been fetched.
    """
    known = {each.pk: each for each in authorizations}
    allowed: dict[int, set[str]] = defaultdict(set)
    permitted: dict[int, set[str]] = defaultdict(set)
    for pk, name, is_permitted in Authorization.objects.filter(pk__in=known).allowed_scopes():
        allowed[pk].add(name)
        if is_permitted:
            permitted[pk].add(name)
    wording = Scope.objects.in_catalogue().wording()
    return {
        pk: EffectiveAccess(
            application=each.application,
            user=each.user,
            granted=each.granted,
            allowed=frozenset(allowed[pk]),
            permitted=frozenset(permitted[pk]),
            wording=wording,
            obstacle=_obstacle(each.application, each.user),
        )
        for pk, each in known.items()
        if each.application is not None
    }


def if_granted(user: AbstractUser, application: Application, scopes: Iterable[str]) -> EffectiveAccess:
    """Return what ``application`` could do for ``user`` if ``scopes`` were granted; ``user`` may be anonymous."""
    return _now(application=application, user=user, granted=frozenset(scopes))


def note_use(access: EffectiveAccess, *, now: datetime, get_ip: Callable[[], str | None] = lambda: None) -> None:
    """
    Store when the authorization was last used, at most once per interval, and record it in the audit trail once a day.

    ``get_ip`` returns the client IP. Written after the commit of the transaction that this is called in, if any, so
    that no row lock is held until the site's view ends. Errors are logged and not raised.
    """
    before = access.authorization_last_used_at
    due = now - timedelta(seconds=app_settings.last_used_interval_seconds)
    if before is not None and before > due:
        return
    if not isinstance(access.token, AccessToken) or access.token.by_client_credentials:
        return
    used, ip = Authorization.objects.between(access.user, access.application), get_ip()

    # A named function, not a partial: Django logs the representation of what failed, and that of a queryset is a query.
    def write() -> None:
        used.note_use(now, before=before, ip=ip)

    transaction.on_commit(write, using=router.db_for_write(Authorization), robust=True)


def _of_living_token(token: AccessToken | RefreshToken | None) -> EffectiveAccess | None:
    if token is None or _obstacle(token.application, token.user) is not None:
        return None
    granted = _granted(token.scope, token.authorized_scopes)
    access = _now(application=token.application, user=token.user, granted=granted, token=token)
    return replace(access, authorization_last_used_at=token.authorization_last_used_at)


def _obstacle(application: Application, user: AbstractUser) -> Verdict | None:
    if application.disabled:
        return Verdict.APPLICATION_DISABLED
    return None if user.is_active else Verdict.USER_INACTIVE


def _granted(carried: str, authorized: str | None) -> frozenset[str]:
    """Return what the token carries and the authorization still includes; ``authorized`` is ``None`` without one."""
    granted = frozenset(carried.split())
    return granted if authorized is None else granted.intersection(authorized.split())


def _now(
    *,
    application: Application,
    user: AbstractUser,
    granted: frozenset[str],
    token: AccessToken | RefreshToken | None = None,
) -> EffectiveAccess:
    rows = facts(application, user)
    return EffectiveAccess(
        application=application,
        user=user,
        granted=granted,
        allowed=frozenset(row.name for row in rows if row.allowed),
        permitted=frozenset(row.name for row in rows if row.permitted),
        wording={row.name: row.wording for row in rows},
        obstacle=_obstacle(application, user),
        token=token,
    )
