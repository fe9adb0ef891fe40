"""
A kit for a site's own tests: factories, clients with tokens, and a third-party application that runs in process.

Needs the extra ``testing``; docs/testing.md has examples. All of it can be imported from here. pytest imports this file
in every project, before settings are configured and also without Django: so everything else is imported on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .clients import BearerClient as BearerClient
    from .clients import bearer_client as bearer_client
    from .clients import third_party_for as third_party_for
    from .factories import AccessTokenFactory as AccessTokenFactory
    from .factories import ApplicationFactory as ApplicationFactory
    from .factories import AuthorizationFactory as AuthorizationFactory
    from .factories import LinkedApplicationFactory as LinkedApplicationFactory
    from .factories import PublicApplicationFactory as PublicApplicationFactory
    from .factories import RefreshTokenFactory as RefreshTokenFactory
    from .factories import RoleFactory as RoleFactory
    from .factories import ScopeFactory as ScopeFactory
    from .factories import UserFactory as UserFactory
    from .requirements import assert_requires_scope as assert_requires_scope
    from .third_party import ThirdParty as ThirdParty

_WHERE = {
    "AccessTokenFactory": "factories",
    "ApplicationFactory": "factories",
    "AuthorizationFactory": "factories",
    "BearerClient": "clients",
    "LinkedApplicationFactory": "factories",
    "PublicApplicationFactory": "factories",
    "RefreshTokenFactory": "factories",
    "RoleFactory": "factories",
    "ScopeFactory": "factories",
    "ThirdParty": "third_party",
    "UserFactory": "factories",
    "assert_requires_scope": "requirements",
    "bearer_client": "clients",
    "third_party_for": "clients",
}

__all__ = [*_WHERE]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
