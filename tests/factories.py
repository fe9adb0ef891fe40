"""The kit's factories, under the name that the tests know."""

from fourme_oauth.testing.factories import (
    PASSWORD,
    ApplicationFactory,
    LinkedApplicationFactory,
    PublicApplicationFactory,
    RoleFactory,
    ScopeFactory,
    UserFactory,
    authorize,
    issue_secret,
    mint_access_token,
    mint_code,
    mint_own_access_token,
    mint_refresh_token,
)

__all__ = [
    "PASSWORD",
    "ApplicationFactory",
    "LinkedApplicationFactory",
    "PublicApplicationFactory",
    "RoleFactory",
    "ScopeFactory",
    "UserFactory",
    "authorize",
    "issue_secret",
    "mint_access_token",
    "mint_code",
    "mint_own_access_token",
    "mint_refresh_token",
]
