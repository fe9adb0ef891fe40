"""What a view requires of a token."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from ..effective_access import EffectiveAccess, Verdict
from .challenge import challenge

if TYPE_CHECKING:
    # DRF's views read the settings that name this class while they are imported.
    from rest_framework.views import APIView


def required_scopes(view: APIView, method: str) -> frozenset[str] | None:
    """
    Return what ``view`` declares for ``method``; ``None`` where it declares nothing.

    ``required_scopes`` is a list for all methods, or a dict by HTTP method or, on a viewset, by action. HEAD is GET.
    """
    declared: Iterable[str] | dict[str, Iterable[str]] | None = getattr(view, "required_scopes", None)
    if isinstance(declared, dict):
        by_method = declared.get("GET" if method == "HEAD" else method)
        declared = declared.get(getattr(view, "action", None) or "", by_method)
    return None if declared is None else frozenset(declared)


class HasEffectiveScope(BasePermission):
    """
    Every required scope is in effect for the token. A view that declares none is closed to tokens.

    A person signed in with a session has no token: roles limit them, scopes do not apply.
    """

    message: Any = None

    def has_permission(self, request: Request, view: APIView) -> bool:
        access = request.auth
        if not isinstance(access, EffectiveAccess):
            return bool(request.user and request.user.is_authenticated)
        if request.method == "OPTIONS":
            return True
        required = required_scopes(view, request.method or "")
        if required is None:
            self.message = _("This resource is not available to applications.")
            return False
        return self._in_effect(access, required, request, view)

    def _in_effect(self, access: EffectiveAccess, required: frozenset[str], request: Request, view: APIView) -> bool:
        verdicts = access.explain(sorted(required))
        missing = {scope: verdict for scope, verdict in verdicts.items() if verdict is not Verdict.IN_EFFECT}
        if not missing:
            return True
        self.message = {
            "detail": _("The access token does not have the scopes that this needs."),
            "error": "insufficient_scope",
            "required": sorted(required),
            "missing": missing,
        }
        # DRF sends these with whatever answer follows.
        view.headers["WWW-Authenticate"] = challenge(
            request, error="insufficient_scope", scope=" ".join(sorted(required))
        )
        return False
