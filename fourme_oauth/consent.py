"""Must we ask this user, and what did they answer?"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import AbstractUser
from django.db import transaction
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

    @property
    def must_ask(self) -> bool:
        return bool(self.new) or self.standing is None


def question(user: AbstractUser, application: Application, requested: Iterable[str]) -> Question:
    """
    Say what ``user`` must be asked before ``application`` gets ``requested``.

    The same or a narrower request is not asked again, however long ago it was allowed and whether or not a token lives.
    """
    standing = Authorization.objects.between(user, application).standing().first()
    granted = standing.granted if standing else frozenset()
    return Question(new=frozenset(requested) - granted, standing=standing)


@transaction.atomic
def allow(user: AbstractUser, application: Application, requested: Iterable[str]) -> Authorization:
    """
    Register the user's yes: what was granted before, if it still stands, and ``requested``.

    Returns the authorization, which codes and tokens are to be minted under. Keeps the wording that was shown.
    """
    now = timezone.now()
    requested = frozenset(requested)
    authorization = _locked(user, application)
    new = requested - authorization.granted
    if authorization.revoked_at is not None:
        authorization.granted_at = now
    kept = {name: wording for name, wording in authorization.wording.items() if name in authorization.granted}
    shown = dict(Scope.objects.filter(name__in=requested).values_list("name", "wording"))
    authorization.wording = kept | shown
    authorization.scopes = " ".join(sorted(authorization.granted | requested))
    authorization.client_id = application.client_id
    authorization.application_name = application.name
    authorization.confirmed_at = now
    authorization.revoked_at = authorization.revoked_by = None
    authorization.save(update_fields=WRITTEN_BY_CONSENT)
    AuditEvent.objects.record(
        AuditEvent.Kind.AUTHORIZED, application=application, user=user, by=user, scopes=sorted(requested)
    )
    authorization_granted.send(sender=Authorization, authorization=authorization, new_scopes=new)
    return authorization


def _locked(user: AbstractUser, application: Application) -> Authorization:
    """Return the one row of the two, made if need be, locked until the transaction ends."""
    now = timezone.now()
    # A row that is made here is born revoked, and stands once the yes is written.
    Authorization.objects.get_or_create(
        user_id=user.pk, application=application, defaults={"granted_at": now, "confirmed_at": now, "revoked_at": now}
    )
    return Authorization.objects.between(user, application).select_for_update().get()
