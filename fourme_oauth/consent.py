"""Must we ask this user, and what did they answer?"""

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
"""The generation is not among them: it only ever moves on."""


class Outdated(Exception):
    """What stands between user and application is no longer what it was when the user was asked."""


@dataclass(frozen=True, kw_only=True)
class AccessRequest:
    """What an application asks of a user, as far as consent depends on it."""

    user: AbstractUser
    application: Application
    scopes: frozenset[str]
    redirect_uri: str = ""
    """Where the response would go."""
    named: frozenset[str] | None = None
    """The scopes that the request spells out; ``None`` for all of them."""
    prompt: frozenset[str] = frozenset()
    """OpenID Connect's ``prompt``, of which only ``consent`` counts here."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a consent page has to ask."""

    access_request: AccessRequest
    requested: frozenset[str]
    """What a yes gives: what is asked for, without what the user took back and nobody names again."""
    new: frozenset[str]
    """What the user has not granted yet."""
    standing: Authorization | None
    """What the user allowed before, if it still stands."""
    asked: frozenset[str]
    """What the page shows: what is new, or everything where the user is asked each time."""
    state: str
    """What there was between the two when this was asked; another text as soon as anything of it has changed."""
    is_withdrawn: bool
    """Whether the user took back what this would give again: an administrator's trust does not answer for that."""

    @property
    def must_ask(self) -> bool:
        return bool(self.asked) or self.standing is None

    @property
    def stands(self) -> frozenset[str]:
        """What the application gets of its request without another yes."""
        return self.requested - self.new

    @property
    def shows_only_what_is_new(self) -> bool:
        return self.standing is not None and self.asked == self.new


def question(access_request: AccessRequest) -> Question:
    """
    Return what the user must be asked before the application gets what it requests.

    The same or a narrower request is not asked again, however long ago it was allowed and whether or not a token lives;
    unless somebody else could be asking in the application's name (RFC 6749 section 10.2), or ``prompt`` has
    ``consent``. What the user took back is asked for again only where the request names it, or ``prompt`` has
    ``consent``.
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
    Register the yes to ``question``: what was granted before, if it still stands, and what is requested.

    Returns the authorization, which codes and tokens are to be minted under. Keeps the ``wording`` that was shown, by
    scope name; without it, the catalogue's. Raises ``Outdated`` where there is something else between user and
    application by now than when the question was asked, so that no yes undoes a revocation that came after it. The
    audit trail says that it was done ``by`` the user, and from where.
    """
    if wording is None:
        wording = Scope.objects.filter(name__in=question.requested).wording()
    shown = {name: wording[name] for name in question.requested if name in wording}
    try:
        return _allow(question, by=by, wording=shown)
    except IntegrityError:
        # The same user said yes to the same application elsewhere, in this very moment: now the row is there, and the
        # question outdated. Whatever else is wrong raises again.
        return _allow(question, by=by, wording=shown)


@transaction.atomic
def _allow(question: Question, *, by: Actor, wording: dict[str, str]) -> Authorization:
    user, application = question.access_request.user, question.access_request.application
    locked = Authorization.objects.between(user, application).select_for_update().first()
    if question.state != _state(locked):
        raise Outdated
    now, requested = timezone.now(), question.requested
    authorization = locked or Authorization(user_id=user.pk, revoked_at=now)
    # Whoever is told of the yes needs no query to see whose it is.
    authorization.user = user  # type: ignore[assignment] # whatever the user model of the site is
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
    assert application is not None  # noqa: S101 - nobody says yes to an application that is gone
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
