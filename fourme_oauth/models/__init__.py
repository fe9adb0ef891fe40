"""Fields, constraints and querysets; no HTTP."""

from ..conf import require_complete_settings

# Defined beside the toolkit's own, our models would clash with those in some twenty ways that Django has messages for.
require_complete_settings()

from .application import Application
from .audit_event import AuditEvent
from .authorization import Authorization
from .client_secret import ClientSecret
from .failed_request import FailedRequest
from .scope import Scope
from .tokens import AccessToken, DeviceGrant, Grant, IDToken, RefreshToken

__all__ = [
    "AccessToken",
    "Application",
    "AuditEvent",
    "Authorization",
    "ClientSecret",
    "DeviceGrant",
    "FailedRequest",
    "Grant",
    "IDToken",
    "RefreshToken",
    "Scope",
]
