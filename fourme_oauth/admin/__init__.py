"""The model admins. The toolkit registers the application model with the class that its settings name."""

from typing import Any

from ..conf import missing_settings, require_complete_settings
from .tokens import HiddenAdmin

if not missing_settings():
    from .applications import ApplicationAdmin
    from .audit_events import AuditEventAdmin
    from .authorizations import AuthorizationAdmin
    from .failed_requests import FailedRequestAdmin
    from .roles import RoleAdmin, ScopesOfRoleInline
    from .scopes import ScopeAdmin
    from .users import AccessOfUserInline, UserAdmin

__all__ = [
    "AccessOfUserInline",
    "ApplicationAdmin",
    "AuditEventAdmin",
    "AuthorizationAdmin",
    "FailedRequestAdmin",
    "HiddenAdmin",
    "RoleAdmin",
    "ScopeAdmin",
    "ScopesOfRoleInline",
    "UserAdmin",
]


def __getattr__(name: str) -> Any:
    """Handle the names that are not imported while settings are missing: there is no model to administer then."""
    if name == "ApplicationAdmin":
        return HiddenAdmin  # what the toolkit registers its default application model with
    if name in __all__:
        require_complete_settings()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
