"""The toolkit's view of the scope catalogue."""

from collections.abc import Iterable
from typing import Any

from oauth2_provider.scopes import BaseScopes

from ..bearer.authentication import row_used_now
from ..models import AccessToken, Application, Scope


class ScopesBackend(BaseScopes):
    """Answers from the tables; the toolkit's ``SCOPES`` setting is not read."""

    def get_all_scopes(self) -> dict[str, str]:
        """Return wire names and consent wording of the whole catalogue."""
        return Scope.objects.in_catalogue().wording()

    def get_available_scopes(
        self, application: Application | None = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        """Return what an administrator allows to ``application``; without one, the whole catalogue."""
        scopes = Scope.objects.in_catalogue()
        return sorted((scopes.allowed_to(application) if application else scopes).names())

    def get_default_scopes(
        self, application: Application | None = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        """Without a ``scope`` parameter an application asks for everything it is allowed (RFC 6749 section 3.3)."""
        return self.get_available_scopes(application=application)

    def are_in_effect(self, token: AccessToken, scopes: Iterable[str]) -> bool:
        """
        Is the ``token`` that somebody presented alive, and are all of ``scopes`` in effect? Notes the use.

        ``AccessToken.is_valid`` asks, and so do all protections of the toolkit's that loaded the row themselves.
        """
        access = row_used_now(token)
        return access is not None and access.effective_scopes.issuperset(scopes)
