"""
What does a view declare?

``required_scopes`` on a view, a viewset or, with the decorator of that name, a function view:

    required_scopes = ["request:read"]                                        # all of them, for every method
    required_scopes = {"GET": ["request:read"], "close": ["request:update"]}  # by HTTP method, or by action
    required_scopes = any_of("request:read", ["account:read", "person:read"]) # the first, or both of the others
    required_scopes = []                                                      # any living token will do

A view that declares nothing is closed to tokens. HEAD is GET, and an action comes before its method.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any, TypeVar

FunctionView = TypeVar("FunctionView", bound=Callable[..., Any])


@dataclass(frozen=True)
class Declaration:
    """What a token needs: one of several sets of scopes, and of that set every scope."""

    alternatives: tuple[frozenset[str], ...]

    @property
    def scopes(self) -> frozenset[str]:
        """Every name that is mentioned."""
        return frozenset().union(*self.alternatives)

    def satisfied_by(self, effective_scopes: Set[str]) -> bool:
        """Is one of the alternatives in effect, whole? An empty one always is: any living token will do."""
        return any(alternative <= effective_scopes for alternative in self.alternatives)


def any_of(*alternatives: str | Iterable[str]) -> Declaration:
    """Declare alternatives, in the order in which a refusal names them: each one scope, or several (all of them)."""
    declaration = Declaration(tuple(_all_of(each) for each in alternatives))
    if not declaration.alternatives or frozenset() in declaration.alternatives:
        raise TypeError("any_of() takes at least one scope per alternative. Where any token will do, declare [].")
    return declaration


def required_scopes(declared: Any) -> Callable[[FunctionView], FunctionView]:
    """Declare for a function view what ``required_scopes`` declares in a class. Goes above ``@api_view``."""
    for each in declared.values() if isinstance(declared, Mapping) else [declared]:
        _read(each)

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
    if isinstance(found, Mapping):
        method = method.upper()
        found = found.get(action, found.get("GET" if method == "HEAD" else method))
    return _read(found)


def _of_extra_action(view_class: Any, action: str | None) -> Any:
    """What ``@action(required_scopes=…)`` declares: DRF gives it to instances only."""
    for extra in getattr(view_class, "get_extra_actions", list)():
        if action in extra.mapping.values():
            return extra.kwargs.get("required_scopes")
    return None


def _read(found: Any) -> Declaration | None:
    return found if found is None or isinstance(found, Declaration) else Declaration((_all_of(found),))


def _all_of(scopes: Any) -> frozenset[str]:
    names = [scopes] if isinstance(scopes, str) else scopes
    if not isinstance(names, Collection) or not all(isinstance(name, str) for name in names):
        raise TypeError(f"{scopes!r} declares no scopes: give names, a list of names, or any_of(…) of these.")
    return frozenset(names)
