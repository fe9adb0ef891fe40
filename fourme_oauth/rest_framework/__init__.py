"""What a site puts on its DRF views."""

from .authentication import OAuth2Authentication
from .permissions import HasEffectiveScope

__all__ = ["HasEffectiveScope", "OAuth2Authentication"]
