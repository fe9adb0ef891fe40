"""
What does a view declare?

``required_scopes`` on a view, a viewset or, with the decorator of that name, a function view:

    required_scopes = ["request:read"]                                         # all of them, for every method
    required_scopes = {"GET": ["request:read"], "close": ["request:update"]}   # by HTTP method, or by action
    required_scopes = any_of("request:read", ["account:read", "person:read"])  # the first, or both of the others
    required_scopes = []                                                       # any living token will do

A view that declares nothing is closed to tokens. HEAD is GET, and an action comes before its method.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from ..bearer.declaration import Declaration, any_of, for_method, refuse_what_declares_nothing

__all__ = ["Declaration", "any_of", "declared", "required_scopes"]

FunctionView = TypeVar("FunctionView", bound=Callable[..., Any])


def required_scopes(declared: Any) -> Callable[[FunctionView], FunctionView]:
    """Declare for a function view what ``required_scopes`` declares in a class. Goes above ``@api_view``."""
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
    Return what ``view``, a class or an instance of it, declares for ``method``; ``None`` where it declares nothing.

    ``action`` is a viewset's; an instance knows its own. What is no declaration raises ``TypeError``.
    """
    action = action or getattr(view, "action", None)
    found = _of_extra_action(view, action) if isinstance(view, type) else None
    if found is None:
        found = getattr(view, "required_scopes", None)
    return for_method(found, method, action)


def _of_extra_action(view_class: Any, action: str | None) -> Any:
    """What ``@action(required_scopes=…)`` declares: DRF gives it to instances only."""
    for extra in getattr(view_class, "get_extra_actions", list)():
        if action in extra.mapping.values():
            return extra.kwargs.get("required_scopes")
    return None
