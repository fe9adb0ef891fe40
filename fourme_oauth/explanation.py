"""Effective access of an application for a user, explained in words: for the admin and ``explain_access``."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.utils.translation import gettext as _

from . import effective_access
from .effective_access import EffectiveAccess, Verdict
from .models import Application, Authorization, Scope


@dataclass(frozen=True, kw_only=True)
class Line:
    """One scope: granted, allowed, permitted, and the verdict."""

    scope: str
    wording: str
    granted: bool
    allowed: bool
    permitted: bool
    verdict: Verdict
    reason: str


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """The explanation for all scopes of one application and one user."""

    application: Application
    user: AbstractUser
    authorization: Authorization | None
    """The user's authorization, unless it is revoked."""
    roles: tuple[str, ...]
    lines: tuple[Line, ...]
    own: tuple[Line, ...]
    """The same for client credentials, where this is the application's linked user; otherwise empty."""

    def document(self) -> dict[str, Any]:
        """Return it as a JSON document."""
        standing = self.authorization
        return {
            "application": self.application.client_id,
            "user": self.user.get_username(),
            "roles": list(self.roles),
            "authorized_since": standing.granted_at.isoformat() if standing else None,
            "last_used": standing.last_used_at.isoformat() if standing and standing.last_used_at else None,
            "scopes": [vars(line) for line in self.lines],
            "by_own_credentials": [vars(line) for line in self.own],
        }


def explain(user: AbstractUser, application: Application) -> Explanation:
    """Explain every scope of the catalogue and every granted one. At most six queries."""
    authorization = Authorization.objects.between(user, application).standing().first()
    access = effective_access.of_user(user, application)
    roles = Scope.objects.role_names()
    own = access.with_granted(access.allowed) if _acts_as(user, application) else None
    return Explanation(
        application=application,
        user=user,
        authorization=authorization,
        roles=tuple(sorted(user.groups.values_list("name", flat=True))),
        lines=_lines(access, roles),
        own=_lines(own, roles) if own else (),
    )


def _acts_as(user: AbstractUser, application: Application) -> bool:
    own_credentials = application.allows_grant_type(Application.GRANT_CLIENT_CREDENTIALS)
    return own_credentials and application.linked_user_id == user.pk


def _lines(access: EffectiveAccess, roles: dict[str, list[str]]) -> tuple[Line, ...]:
    return tuple(
        Line(
            scope=name,
            wording=access.wording.get(name, ""),
            granted=name in access.granted,
            allowed=name in access.allowed,
            permitted=name in access.permitted,
            verdict=verdict,
            reason=_reason(verdict, roles.get(name, [])),
        )
        for name, verdict in access.explain(sorted({*access.catalogue, *access.granted})).items()
    )


def _reason(verdict: Verdict, roles: list[str]) -> str:
    if verdict is not Verdict.NOT_PERMITTED:
        return verdict.reason
    if not roles:
        return _("No role permits it yet, and it is not for everyone.")
    helpful = _("These would: %(roles)s.") % {"roles": ", ".join(roles)}
    return f"{verdict.reason} {helpful}"
