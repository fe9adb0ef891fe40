"""The administration. The toolkit registers our applications with the class that its settings name."""

from django.apps import apps

# Without the toolkit there are no tables to administer; the system check that says so must get a chance to run.
if apps.is_installed("oauth2_provider"):
    from .applications import ApplicationAdmin
    from .audit_events import AuditEventAdmin
    from .authorizations import AuthorizationAdmin
    from .failed_requests import FailedRequestAdmin
    from .roles import RoleAdmin, ScopesOfRoleInline
    from .scopes import ScopeAdmin
    from .tokens import HiddenAdmin
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
