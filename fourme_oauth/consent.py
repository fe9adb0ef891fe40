"""Consent: must the user be asked, and how is an approval stored?"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.auth.models import AbstractUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from .actor import Actor
from .models import Application, AuditEvent, Authorization, Scope
from .signals import authorization_granted

WRITTEN_BY_CONSENT = (
    "granted_at",
    "scopes",
    "withdrawn_scopes",
    "wording",
    "client_id",
    "application_name",
    "confirmed_at",
    "revoked_at",
    "revoked_by",
)
"""Not the generation, which is only ever incremented, in the database."""


class Outdated(Exception):
    """The authorization has changed since the user was asked."""


@dataclass(frozen=True, kw_only=True)
class AccessRequest:
    """The part of an authorization request that consent depends on."""

    user: AbstractUser
    application: Application
    scopes: frozenset[str]
    redirect_uri: str = ""
    """Where the authorization response goes."""
    named: frozenset[str] | None = None
    """The scopes in the request's ``scope`` parameter; ``None`` counts as all of ``scopes``."""
    prompt: frozenset[str] = frozenset()
    """The values of OpenID Connect's ``prompt`` parameter; only ``consent`` matters here."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What the consent page asks, and the state of the authorization that it was computed from."""

    access_request: AccessRequest
    requested: frozenset[str]
    """What an approval grants: the requested scopes without withdrawn ones that the request does not name."""
    new: frozenset[str]
    """What the user has not granted yet."""
    standing: Authorization | None
    """The user's authorization, unless it is revoked."""
    asked: frozenset[str]
    """The scopes that the page shows: the new ones, or all where the user is asked each time."""
    state: str
    """A fingerprint of the authorization, which changes with every change of it. Empty where there was none."""
    is_withdrawn: bool
    """Whether it would grant again what the user withdrew or revoked: then even a trusted application must ask."""

    @property
    def must_ask(self) -> bool:
        return bool(self.asked) or self.standing is None

    @property
    def stands(self) -> frozenset[str]:
        """The requested scopes that are granted already."""
        return self.requested - self.new

    @property
    def shows_only_what_is_new(self) -> bool:
        return self.standing is not None and self.asked == self.new


def question(access_request: AccessRequest) -> Question:
    """
    Return what the user must be asked before the application gets what it requests.

    Consent is remembered for the same or a narrower request, however old it is and whether or not a token is valid;
    except where the application can't be identified (RFC 6749 section 10.2), or ``prompt`` has ``consent``. Withdrawn
    scopes are asked for again only where the request names them, or ``prompt`` has ``consent``.
    """
    requested, named = access_request.scopes, access_request.named
    found = Authorization.objects.between(access_request.user, access_request.application).first()
    standing = found if found and found.revoked_at is None else None
    granted = standing.granted if standing else frozenset()
    withdrawn_scopes = _withdrawn_scopes(standing)
    anew = "consent" in access_request.prompt
    if not anew:
        requested -= withdrawn_scopes - (requested if named is None else named)
    new = requested - granted
    whole = anew or not access_request.application.is_identified_by(access_request.redirect_uri)
    return Question(
        access_request=access_request,
        requested=requested,
        new=new,
        standing=standing,
        asked=requested if whole else new,
        state=_state(found),
        is_withdrawn=_is_revoked_by(access_request.user, found) or not withdrawn_scopes.isdisjoint(new),
    )


def allow(question: Question, *, by: Actor, wording: Mapping[str, str] | None = None) -> Authorization:
    """
    Store the user's approval: grant what ``question`` requests, beside what is granted already.

    Returns the authorization, under which codes and tokens are issued. Stores the ``wording`` that was shown, by scope
    name; without it, that of the catalogue. Raises ``Outdated`` where the authorization has changed since ``question``
    was made, so that an approval never undoes a later revocation. ``by`` is recorded in the audit trail.
    """
    if wording is None:
        wording = Scope.objects.filter(name__in=question.requested).wording()
    shown = {name: wording[name] for name in question.requested if name in wording}
    try:
        return _allow(question, by=by, wording=shown)
    except IntegrityError:
        # A concurrent approval has inserted the row: now the question is outdated. Another cause raises again.
        return _allow(question, by=by, wording=shown)


@transaction.atomic
def _allow(question: Question, *, by: Actor, wording: dict[str, str]) -> Authorization:
    user, application = question.access_request.user, question.access_request.application
    locked = Authorization.objects.between(user, application).select_for_update().first()
    if question.state != _state(locked):
        raise Outdated
    now, requested = timezone.now(), question.requested
    authorization = locked or Authorization(user_id=user.pk, revoked_at=now)
    # Set for the receivers of the signal, which then need no query.
    authorization.user = user  # type: ignore[assignment] # the site's own user model
    authorization.application = application
    new, is_new = requested - authorization.granted, authorization.revoked_at is not None
    authorization.confirmed_at = now
    if is_new:
        authorization.granted_at = now
    _write_yes(authorization, requested, wording)
    AuditEvent.objects.record(
        AuditEvent.Kind.AUTHORIZED, application=application, user=user, by=by, scopes=sorted(requested)
    )
    authorization_granted.send(sender=Authorization, authorization=authorization, new_scopes=new, is_new=is_new)
    return authorization


def _write_yes(authorization: Authorization, requested: frozenset[str], wording: dict[str, str]) -> None:
    granted, application = authorization.granted, authorization.application
    assert application is not None  # noqa: S101 - only that of a deleted application is None
    authorization.wording = {name: words for name, words in authorization.wording.items() if name in granted} | wording
    standing = None if authorization.revoked_at else authorization
    authorization.scopes = " ".join(sorted(granted | requested))
    authorization.withdrawn_scopes = " ".join(sorted(_withdrawn_scopes(standing) - requested))
    authorization.client_id = application.client_id
    authorization.application_name = application.name
    authorization.revoked_at = authorization.revoked_by = None
    authorization.save(update_fields=WRITTEN_BY_CONSENT if authorization.pk else None)


def _withdrawn_scopes(standing: Authorization | None) -> frozenset[str]:
    return frozenset(standing.withdrawn_scopes.split()) if standing else frozenset()


def _is_revoked_by(user: AbstractUser, found: Authorization | None) -> bool:
    return found is not None and found.revoked_at is not None and found.revoked_by_id == user.pk


def _state(found: Authorization | None) -> str:
    return f"{found.generation} {found.confirmed_at.isoformat()} {found.scopes}" if found else ""
