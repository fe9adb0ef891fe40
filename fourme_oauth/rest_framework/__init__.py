"""Authentication, permission and throttling classes for DRF views."""

from .authentication import OAuth2Authentication
from .declarations import any_of, declared, required_scopes
from .permissions import HasEffectiveScope
from .throttling import ApplicationRateThrottle

__all__ = [
    "ApplicationRateThrottle",
    "HasEffectiveScope",
    "OAuth2Authentication",
    "any_of",
    "declared",
    "required_scopes",
]
