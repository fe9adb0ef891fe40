"""Models: fields, constraints and querysets; no HTTP."""

from ..conf import require_complete_settings

# Without the swap settings, our models would clash with the toolkit's, in some twenty system check errors.
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
