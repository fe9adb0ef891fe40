"""
Declare the scopes that a view requires.

``required_scopes`` on a view, a viewset or, with the decorator of that name, a function view:

    required_scopes = ["request:read"]                                         # all of them, for every method
    required_scopes = {"GET": ["request:read"], "close": ["request:update"]}   # by HTTP method, or by action
    required_scopes = any_of("request:read", ["account:read", "person:read"])  # the first, or both of the others
    required_scopes = []                                                       # any valid token will do

A view that declares nothing is closed to tokens. HEAD is GET, and an action comes before its method.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from ..bearer.declaration import Declaration, any_of, for_method, refuse_what_declares_nothing

__all__ = ["Declaration", "any_of", "declared", "required_scopes"]

FunctionView = TypeVar("FunctionView", bound=Callable[..., Any])


def required_scopes(declared: Any) -> Callable[[FunctionView], FunctionView]:
    """Declare the scopes of a function view, above ``@api_view``; a class has the attribute of that name."""
    refuse_what_declares_nothing(declared)

    def declare(view: FunctionView) -> FunctionView:
        view_class = getattr(view, "cls", None)
        if view_class is None:
            raise TypeError(
                f"@required_scopes on {view!r} declares nothing: it goes above @api_view; a class has required_scopes."
            )
        view_class.required_scopes = declared
        return view

    return declare


def declared(view: Any, method: str, action: str | None = None) -> Declaration | None:
    """
    Return the declaration of ``view``, a class or an instance, for ``method``; ``None`` where there is none.

    ``action`` is that of a viewset; an instance has its own. Raises ``TypeError`` for what can't be read.
    """
    action = action or getattr(view, "action", None)
    found = _of_extra_action(view, action) if isinstance(view, type) else None
    if found is None:
        found = getattr(view, "required_scopes", None)
    return for_method(found, method, action)


def _of_extra_action(view_class: Any, action: str | None) -> Any:
    """Return the declaration of ``@action(required_scopes=…)``, which DRF sets on instances only."""
    for extra in getattr(view_class, "get_extra_actions", list)():
        if action in extra.mapping.values():
            return extra.kwargs.get("required_scopes")
    return None
