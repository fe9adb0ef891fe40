"""What a view requires of a token."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from ..bearer.forbidden import Forbidden, forbidden
from ..effective_access import EffectiveAccess
from ..models import AccessToken
from .declarations import declared

if TYPE_CHECKING:
    # DRF's views read the settings that name this class while they are imported.
    from rest_framework.views import APIView


class InsufficientScope(PermissionDenied):
    """403 whose body and challenge say what is missing and why."""

    def __init__(self, refused: Forbidden) -> None:
        super().__init__(refused.body)
        # DRF writes words only; a verdict and a truth value stay what they are.
        self.detail: Any = refused.body
        if refused.challenge is not None:
            self.auth_header = refused.challenge


class HasEffectiveScope(BasePermission):
    """
    Every required scope is in effect for the token. A view that declares none is closed to tokens.

    A person signed in with a session has no token: roles limit them, scopes do not apply.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        access = request.auth
        if not isinstance(access, EffectiveAccess):
            # The toolkit's own authentication leaves the row: an application, though nobody has asked what it may do.
            return not isinstance(access, AccessToken) and bool(request.user and request.user.is_authenticated)
        refused = forbidden(request, access, declared(view, request.method or ""))
        if refused is not None:
            _explain_if_denied(view, refused)
        return refused is None


def _explain_if_denied(view: APIView, refused: Forbidden) -> None:
    """
    Let the view say why, if this is what denies the request.

    In a composition with ``|`` or ``~`` the other side may allow it, and DRF forgets the message of a permission that
    is part of one.
    """
    # On the instance, which lives for one request.
    if "permission_denied" not in vars(view):
        vars(view)["permission_denied"] = partial(_denied, view, view.permission_denied, refused)


def _denied(
    view: APIView,
    fallback: Callable[..., NoReturn],
    refused: Forbidden,
    request: Request,
    message: Any = None,
    code: str | None = None,
) -> NoReturn:
    denying = next((each for each in view.get_permissions() if not each.has_permission(request, view)), None)
    if is_made_of_scopes(denying):
        raise InsufficientScope(refused)
    fallback(request, message=message, code=code)


def is_made_of_scopes(permission: Any) -> bool:
    """Is it, or does it consist of, a demand for scopes? DRF keeps what it composed in ``op1`` and ``op2``."""
    parts = [getattr(permission, name) for name in ("op1", "op2") if hasattr(permission, name)]
    return isinstance(permission, HasEffectiveScope) or any(is_made_of_scopes(part) for part in parts)
