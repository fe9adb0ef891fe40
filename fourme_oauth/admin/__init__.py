"""The administration. The toolkit registers our applications with the class that its settings name."""

from .applications import ApplicationAdmin
from .audit_events import AuditEventAdmin
from .authorizations import AuthorizationAdmin
from .scopes import ScopeAdmin
from .tokens import HiddenAdmin

__all__ = ["ApplicationAdmin", "AuditEventAdmin", "AuthorizationAdmin", "HiddenAdmin", "ScopeAdmin"]
