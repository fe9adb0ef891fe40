"""What is required of a token: one of several sets of scopes, and of that set every scope."""

from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any


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


def for_method(declared: Any, method: str, action: str | None = None) -> Declaration | None:
    """
    Return what ``declared`` says of an HTTP ``method``, or of a viewset's ``action``, which comes first. HEAD is GET.

    ``None`` where it says nothing. What is no declaration raises ``TypeError``.
    """
    if isinstance(declared, Mapping):
        method = method.upper()
        declared = declared.get(action, declared.get("GET" if method == "HEAD" else method))
    if declared is None or isinstance(declared, Declaration):
        return declared
    return Declaration((_all_of(declared),))


def refuse_what_declares_nothing(declared: Any) -> None:
    """Raise ``TypeError`` for what is no declaration: a developer's mistake shows when the module is imported."""
    for each in declared.values() if isinstance(declared, Mapping) else [declared]:
        if for_method(each, "GET") is None:
            raise TypeError("None declares nothing: give names, a list of names, or any_of(…) of these.")


def _all_of(scopes: Any) -> frozenset[str]:
    names = [scopes] if isinstance(scopes, str) else scopes
    if not isinstance(names, Collection) or not all(isinstance(name, str) for name in names):
        raise TypeError(f"{scopes!r} declares no scopes: give names, a list of names, or any_of(…) of these.")
    return frozenset(names)
