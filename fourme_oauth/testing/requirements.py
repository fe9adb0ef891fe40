"""Assertion that an endpoint requires a scope."""

from collections.abc import Iterable
from typing import Any
from urllib.request import parse_http_list, parse_keqv_list

from django.contrib.auth.models import AbstractUser, Group

from ..models import Scope
from .clients import BearerClient, bearer_client
from .factories import RoleFactory, ScopeFactory, UserFactory


def assert_requires_scope(
    url: str,
    method: str,
    scope: str,
    *,
    also: Iterable[str] = (),
    user: AbstractUser | None = None,
    **content: Any,
) -> None:
    """
    Fail unless the endpoint answers 403 ``insufficient_scope`` without ``scope``, and neither 401 nor 403 with it.

    ``also`` are the other scopes that the endpoint requires; both tokens have them. ``user`` is a new one who has the
    roles that permit them all, unless given; a scope that is permitted to nobody gets a role first. ``content`` goes to
    DRF's client: ``data``, ``format``, headers. With the scope, the request is really made; any other status passes,
    400 for missing data too.
    """
    others = set(also) - {scope}
    caller = user or _permitted_user({scope, *others})
    where = f"{method.upper()} {url}"
    refused = _call(bearer_client(caller, others), method, url, content)
    if fault := _fault_of_refusal(refused, scope):
        raise AssertionError(f"{where} without {scope!r} should answer 403 insufficient_scope, but {fault}")
    let_through = _call(bearer_client(caller, {scope, *others}), method, url, content)
    if let_through.status_code in (401, 403):
        raise AssertionError(f"{where} with {scope!r} should be let through, but {_said(let_through)}")


def _call(client: BearerClient, method: str, url: str, content: dict[str, Any]) -> Any:
    return getattr(client, method.lower())(url, **content)


def _permitted_user(scopes: Iterable[str]) -> AbstractUser:
    user: AbstractUser = UserFactory()
    for name in scopes:
        ScopeFactory(name=name)
    for scope in Scope.objects.filter(name__in=scopes).permitted_to_nobody():
        role: Group = RoleFactory()
        scope.roles.add(role)
    user.groups.set(Group.objects.filter(permitted_scopes__name__in=scopes))
    return user


def _fault_of_refusal(response: Any, scope: str) -> str:
    if response.status_code != 403:
        return _said(response)
    _, _, parameters = response.get("WWW-Authenticate", "").partition(" ")
    challenge = parse_keqv_list(parse_http_list(parameters))
    if challenge.get("error") != "insufficient_scope":
        return f"another rule refused it: {_said(response)}"
    if scope not in challenge.get("scope", "").split():
        return f"it requires {challenge.get('scope')!r} instead"
    return ""


def _said(response: Any) -> str:
    return f"it answered {response.status_code}: {response.content.decode(errors='replace')[:500]}"
