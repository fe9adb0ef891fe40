"""Must we ask this user, and what did they answer?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AbstractUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from .models import Application, AuditEvent, Authorization, Scope
from .signals import authorization_granted

WRITTEN_BY_CONSENT = (
    "granted_at",
    "scopes",
    "wording",
    "client_id",
    "application_name",
    "confirmed_at",
    "revoked_at",
    "revoked_by",
)
"""The generation is not among them: it only ever moves on."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a consent page has to ask."""

    new: frozenset[str]
    """What the user has not granted yet."""
    standing: Authorization | None
    """What the user allowed before, if it still stands."""
    asked: frozenset[str]
    """What the page shows: what is new, or everything where the user is asked each time."""

    @property
    def must_ask(self) -> bool:
        return bool(self.asked) or self.standing is None


def question(user: AbstractUser, application: Application, requested: Iterable[str], *, redirect_uri: str) -> Question:
    """
    Say what ``user`` must be asked before ``application`` gets ``requested`` at ``redirect_uri``.

    The same or a narrower request is not asked again, however long ago it was allowed and whether or not a token lives;
    unless somebody else could be asking in the application's name (RFC 6749 section 10.2).
    """
    requested = frozenset(requested)
    standing = Authorization.objects.between(user, application).standing().first()
    granted = standing.granted if standing else frozenset()
    new = requested - granted
    asked = new if application.is_identified_by(redirect_uri) else requested
    return Question(new=new, standing=standing, asked=asked)


def allow(
    user: AbstractUser,
    application: Application,
    requested: Iterable[str],
    *,
    shown: Mapping[str, str] | None = None,
) -> Authorization:
    """
    Register the user's yes: what was granted before, if it still stands, and ``requested``.

    Returns the authorization, which codes and tokens are to be minted under. Keeps the wording that was ``shown``, by
    scope name; without it, the catalogue's.
    """
    requested = frozenset(requested)
    if shown is None:
        shown = dict(Scope.objects.filter(name__in=requested).values_list("name", "wording"))
    wording = {name: shown[name] for name in requested if name in shown}
    try:
        return _allow(user, application, requested, wording)
    except IntegrityError:
        # The same user said yes to the same application elsewhere, in this very moment: now the row is there.
        return _allow(user, application, requested, wording)


@transaction.atomic
def _allow(
    user: AbstractUser, application: Application, requested: frozenset[str], wording: dict[str, str]
) -> Authorization:
    locked = Authorization.objects.between(user, application).select_for_update().first()
    now = timezone.now()
    authorization = locked or Authorization(user_id=user.pk, revoked_at=now)
    # Whoever is told of the yes needs no query to see whose it is.
    authorization.user = user  # type: ignore[assignment] # whatever the user model of the site is
    authorization.application = application
    new, is_new = requested - authorization.granted, authorization.revoked_at is not None
    if is_new:
        authorization.granted_at = now
    _write_yes(authorization, requested, wording, now)
    AuditEvent.objects.record(
        AuditEvent.Kind.AUTHORIZED, application=application, user=user, by=user, scopes=sorted(requested)
    )
    authorization_granted.send(sender=Authorization, authorization=authorization, new_scopes=new, is_new=is_new)
    return authorization


def _write_yes(authorization: Authorization, requested: frozenset[str], wording: dict[str, str], now: datetime) -> None:
    granted, application = authorization.granted, authorization.application
    assert application is not None  # noqa: S101 - nobody says yes to an application that is gone
    authorization.wording = {name: words for name, words in authorization.wording.items() if name in granted} | wording
    authorization.scopes = " ".join(sorted(granted | requested))
    authorization.client_id = application.client_id
    authorization.application_name = application.name
    authorization.confirmed_at = now
    authorization.revoked_at = authorization.revoked_by = None
    authorization.save(update_fields=WRITTEN_BY_CONSENT if authorization.pk else None)
