"""The scope catalogue as the toolkit's scopes backend."""

from collections.abc import Iterable
from typing import Any

from oauth2_provider.scopes import BaseScopes

from ..bearer.authentication import row_used_now
from ..models import AccessToken, Application, Scope


class ScopesBackend(BaseScopes):
    """Scopes from the database; the toolkit's ``SCOPES`` setting is not read."""

    def get_all_scopes(self) -> dict[str, str]:
        """Return the consent wording of the whole catalogue by wire name."""
        return Scope.objects.in_catalogue().wording()

    def get_available_scopes(
        self, application: Application | None = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        """Return what an administrator allowed to ``application``; without one, the whole catalogue."""
        scopes = Scope.objects.in_catalogue()
        return sorted((scopes.allowed_to(application) if application else scopes).names())

    def get_default_scopes(
        self, application: Application | None = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        """Return all that the application is allowed, for requests without ``scope`` (RFC 6749 section 3.3)."""
        return self.get_available_scopes(application=application)

    def are_in_effect(self, token: AccessToken, scopes: Iterable[str]) -> bool:
        """
        Return whether the presented ``token`` is valid and all of ``scopes`` are in effect. Records the use.

        Called by ``AccessToken.is_valid``, and so by all protections of the toolkit that loaded the row themselves.
        """
        access = row_used_now(token)
        return access is not None and access.effective_scopes.issuperset(scopes)
