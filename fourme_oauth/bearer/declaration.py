"""Declarations of required scopes: one or more alternatives, each a set of scopes that are all required."""

from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Declaration:
    """Required scopes: all scopes of one of the alternatives."""

    alternatives: tuple[frozenset[str], ...]

    @property
    def scopes(self) -> frozenset[str]:
        """All scopes of all alternatives."""
        return frozenset().union(*self.alternatives)

    def satisfied_by(self, effective_scopes: Set[str]) -> bool:
        """Are all scopes of an alternative in effect? Of an empty one they always are: any valid token will do."""
        return any(alternative <= effective_scopes for alternative in self.alternatives)


def any_of(*alternatives: str | Iterable[str]) -> Declaration:
    """Declare alternatives, in order of preference: each is one scope, or several that are all required."""
    declaration = Declaration(tuple(_all_of(each) for each in alternatives))
    if not declaration.alternatives or frozenset() in declaration.alternatives:
        raise TypeError("any_of() takes at least one scope per alternative. Where any token will do, declare [].")
    return declaration


def for_method(declared: Any, method: str, action: str | None = None) -> Declaration | None:
    """
    Return the declaration for an HTTP ``method``, or for a viewset's ``action``, which takes precedence. HEAD is GET.

    ``None`` where there is none. Raises ``TypeError`` for what can't be read.
    """
    if isinstance(declared, Mapping):
        method = method.upper()
        declared = declared.get(action, declared.get("GET" if method == "HEAD" else method))
    if declared is None or isinstance(declared, Declaration):
        return declared
    return Declaration((_all_of(declared),))


def refuse_what_declares_nothing(declared: Any) -> None:
    """Raise ``TypeError`` for an empty or unreadable declaration, when the module is imported."""
    for each in declared.values() if isinstance(declared, Mapping) else [declared]:
        if for_method(each, "GET") is None:
            raise TypeError("None declares nothing: give names, a list of names, or any_of(…) of these.")


def _all_of(scopes: Any) -> frozenset[str]:
    names = [scopes] if isinstance(scopes, str) else scopes
    if not isinstance(names, Collection) or not all(isinstance(name, str) for name in names):
        raise TypeError(f"{scopes!r} declares no scopes: give names, a list of names, or any_of(…) of these.")
    return frozenset(names)
