"""The 403 for a valid token without the required scopes (RFC 6750 section 3.1), with the verdict on each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from ..effective_access import EffectiveAccess, Verdict
from .challenge import challenge
from .declaration import Declaration


@dataclass(frozen=True, kw_only=True)
class Forbidden:
    """Body and ``WWW-Authenticate`` of a 403; without a challenge where no scope would help."""

    body: dict[str, Any]
    challenge: str | None


def forbidden(request: HttpRequest, access: EffectiveAccess, declaration: Declaration | None) -> Forbidden | None:
    """Return the 403, or ``None`` where the token has the required scopes. OPTIONS is open to any valid token."""
    if request.method == "OPTIONS":
        return None
    if declaration is None:
        return Forbidden(body={"detail": _("This resource is not available to applications.")}, challenge=None)
    if declaration.satisfied_by(access.effective_scopes):
        return None
    return _insufficient_scope(request, access, declaration)


def _insufficient_scope(request: HttpRequest, access: EffectiveAccess, declaration: Declaration) -> Forbidden:
    verdicts = access.explain(sorted(declaration.scopes))
    missing = {scope: verdict for scope, verdict in verdicts.items() if verdict is not Verdict.IN_EFFECT}
    within_reach = [each for each in declaration.alternatives if _user_can_help(each, missing)]
    required = sorted((within_reach or declaration.alternatives)[0])
    body = {
        "detail": _("The access token does not have the scopes that this needs."),
        "error": "insufficient_scope",
        "required": required,
        "missing": missing,
        "asking_again_can_help": bool(within_reach),
    }
    if len(declaration.alternatives) > 1:
        body["alternatives"] = [sorted(each) for each in declaration.alternatives]
    header = challenge(request, error="insufficient_scope", scope=" ".join(required))
    return Forbidden(body=body, challenge=header)


def _user_can_help(scopes: frozenset[str], missing: Mapping[str, Verdict]) -> bool:
    return all(missing.get(scope, Verdict.NOT_GRANTED) is Verdict.NOT_GRANTED for scope in scopes)
