"""The API's endpoints and the scopes that they require, read from the URLconf without requests or queries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.admindocs.views import simplify_regex
from django.http import HttpRequest
from django.urls import URLResolver, get_resolver
from rest_framework.permissions import NOT, AllowAny
from rest_framework.request import Request
from rest_framework.routers import APIRootView
from rest_framework.views import APIView

from ..bearer.declaration import Declaration, for_method
from ..rest_framework import HasEffectiveScope, OAuth2Authentication, declared

ANY_METHOD = "ANY"
CONVERTER = re.compile(r"<(?:[^>:]+:)?(\w+)>")
# DRF's format suffix, such as ".json".
FORMAT_SUFFIX = re.compile(r"[^/]\{format\}/?\Z")


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One method of one path that accepts bearer tokens."""

    path: str
    method: str
    """In capitals; ``ANY`` where a function view declares the same for all methods."""
    view: str
    """Its dotted path."""
    action: str = ""
    """The action, where the view is a viewset."""
    declares: bool = True
    """Whether the view declares anything, for this method or others."""
    declaration: Declaration | None
    """What it declares for this method; ``None``: the method is closed to tokens."""
    asks_for_scopes: bool = True
    """Whether ``HasEffectiveScope`` is among its permissions; otherwise a declaration has no effect."""
    mistake: str = ""
    """Why its ``required_scopes`` can't be read; empty where it can."""

    @property
    def scopes(self) -> frozenset[str]:
        return self.declaration.scopes if self.declaration else frozenset()


def endpoints() -> list[Endpoint]:
    """
    Return the endpoints that accept bearer tokens, DRF views and function views, sorted by path and method.

    Leaves out views that are explicitly open to everybody (``AllowAny``), and DRF's API root views.
    """
    if not getattr(settings, "ROOT_URLCONF", None):
        return []
    routed = _routed(get_resolver().url_patterns, "")
    found = (each for path, callback in routed for each in _endpoints_of(path, callback))
    return sorted(found, key=lambda each: (each.path, each.method))


def _routed(patterns: Iterable[Any], prefix: str) -> Iterator[tuple[str, Any]]:
    """Yield path and callback of each URL pattern, included ones too."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routed(pattern.url_patterns, route)
        else:
            yield CONVERTER.sub(r"{\1}", simplify_regex(route)), pattern.callback


def _endpoints_of(path: str, callback: Any) -> Iterator[Endpoint]:
    view_class = getattr(callback, "cls", None)
    if isinstance(view_class, type) and issubclass(view_class, APIView):
        if not issubclass(view_class, APIRootView) and not FORMAT_SUFFIX.search(path):
            yield from _of_rest_framework(path, callback)
    elif getattr(callback, "required_scopes", None) is not None:
        yield from _of_plain_view(path, callback)


def _of_plain_view(path: str, callback: Any) -> Iterator[Endpoint]:
    """Yield the methods of a view with ``effective_scope_required``."""
    found, named = callback.required_scopes, getattr(callback, "view_class", callback)
    view = f"{named.__module__}.{named.__qualname__}"
    for method in found if isinstance(found, Mapping) else [ANY_METHOD]:
        yield Endpoint(path=path, method=method, view=view, declaration=for_method(found, method))


def _of_rest_framework(path: str, callback: Any) -> Iterator[Endpoint]:
    for method in _methods(callback):
        view = _prepared(callback, method)
        permissions = list(_flat(_made(view.get_permissions, view.permission_classes)))
        declares = _declares(view)
        if _takes_tokens(view) and (declares or not _is_for_anybody(view, permissions)):
            declaration, mistake = _declaration(view, method)
            yield Endpoint(
                path=path,
                method=method,
                view=f"{type(view).__module__}.{type(view).__name__}",
                action=view.action or "",
                declares=declares,
                declaration=declaration,
                asks_for_scopes=any(isinstance(each, HasEffectiveScope) for each in permissions),
                mistake=mistake,
            )


def _methods(callback: Any) -> list[str]:
    """Return the methods that the view handles, without OPTIONS (open to any token) and HEAD (as GET)."""
    view = callback.cls(**callback.initkwargs)
    answered = {name for name in view.http_method_names if name in _actions(callback) or hasattr(view, name)}
    return sorted(name.upper() for name in answered - {"options", "head"})


def _actions(callback: Any) -> dict[str, str]:
    """Return the actions of a viewset by method."""
    return getattr(callback, "actions", None) or {}


def _prepared(callback: Any, method: str) -> Any:
    """Return a view instance with a request, for hooks such as ``get_permissions``."""
    view = callback.cls(**callback.initkwargs)
    request = HttpRequest()
    request.method = method
    view.request, view.args, view.kwargs, view.format_kwarg = Request(request), (), {}, None
    view.action_map, view.action = _actions(callback), _actions(callback).get(method.lower())
    return view


def _made(hook: Callable[[], Iterable[Any]], classes: Iterable[Any]) -> list[Any]:
    try:
        return list(hook())
    except Exception:
        # The site's own hook may need more of a request than this one has.
        return [each() for each in classes]


def _flat(permissions: Iterable[Any]) -> Iterator[Any]:
    """Yield the parts of compositions with ``&`` and ``|``; a negated permission stays one."""
    for each in permissions:
        parts = [] if isinstance(each, NOT) else [getattr(each, name) for name in ("op1", "op2") if hasattr(each, name)]
        yield from _flat(parts) if parts else [each]


def _takes_tokens(view: Any) -> bool:
    found = _made(view.get_authenticators, view.authentication_classes)
    return any(isinstance(each, OAuth2Authentication) for each in found)


def _is_for_anybody(view: Any, permissions: list[Any]) -> bool:
    """Is the view explicitly open to everybody? DRF's default alone doesn't count."""
    untouched = type(view).get_permissions is APIView.get_permissions
    said = not untouched or view.permission_classes is not APIView.permission_classes
    return said and all(isinstance(each, AllowAny) for each in permissions)


def _declares(view: Any) -> bool:
    found = getattr(view, "required_scopes", None)
    return any(each is not None for each in (found.values() if isinstance(found, Mapping) else [found]))


def _declaration(view: Any, method: str) -> tuple[Declaration | None, str]:
    try:
        return declared(view, method), ""
    except TypeError as mistake:
        return None, str(mistake)
