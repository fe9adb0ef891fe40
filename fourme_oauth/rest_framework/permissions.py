"""DRF permission: the required scopes are in effect."""

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
    # A circular import otherwise: DRF's views import the classes that its settings name, such as this one.
    from rest_framework.views import APIView


class InsufficientScope(PermissionDenied):
    """403 with the missing scopes and the reasons in the body and the challenge."""

    def __init__(self, refused: Forbidden) -> None:
        super().__init__(refused.body)
        # PermissionDenied turns every value into text; verdicts and booleans must stay.
        self.detail: Any = refused.body
        if refused.challenge is not None:
            self.auth_header = refused.challenge


class HasEffectiveScope(BasePermission):
    """
    Require that the declared scopes are in effect for the token. A view without a declaration is closed to tokens.

    Scopes don't apply to a user who is signed in with a session: other permissions do.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        access = request.auth
        if not isinstance(access, EffectiveAccess):
            # The toolkit's own authentication sets the row: an application, whose scopes have not been checked.
            return not isinstance(access, AccessToken) and bool(request.user and request.user.is_authenticated)
        refused = forbidden(request, access, declared(view, request.method or ""))
        if refused is not None:
            _explain_if_denied(view, refused)
        return refused is None


def _explain_if_denied(view: APIView, refused: Forbidden) -> None:
    """
    Replace the view's 403 by one that explains, if this permission is what denies the request.

    In a composition with ``|`` or ``~`` another permission may allow it, and DRF drops the message of a permission that
    is part of one.
    """
    # On the instance, which DRF makes for each request.
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
    """Is it ``HasEffectiveScope``, or composed of it? DRF keeps the operands in ``op1`` and ``op2``."""
    parts = [getattr(permission, name) for name in ("op1", "op2") if hasattr(permission, name)]
    return isinstance(permission, HasEffectiveScope) or any(is_made_of_scopes(part) for part in parts)
