"""
End it: one authorization, all of an application, all of a user, everything since a moment, one family of tokens.

The only place where access ends. A generation that moves on ends every code and token at once, whenever it was minted;
the rows are removed after it, upstream first, so that nothing still alive can mint a successor.
``by`` is who asked for it, for the audit trail.
"""

from ..models.token_sets import TokenCounts
from .authorizations import reduce, revoke, revoke_all, revoke_several
from .automatic import (
    end_access_of_account,
    end_deleted_application,
    end_deleted_user,
    revoke_all_of_deactivated_holder,
)
from .bulk import count_live, disable, end_application, end_since, standing_authorizations
from .families import end_family, end_reused_family, end_token
from .impact import Impact, UserImpact, count_to_be_asked, granted_counts, impact_of, impact_of_user

__all__ = [
    "Impact",
    "TokenCounts",
    "UserImpact",
    "count_live",
    "count_to_be_asked",
    "disable",
    "end_access_of_account",
    "end_application",
    "end_deleted_application",
    "end_deleted_user",
    "end_family",
    "end_reused_family",
    "end_since",
    "end_token",
    "granted_counts",
    "impact_of",
    "impact_of_user",
    "reduce",
    "revoke",
    "revoke_all",
    "revoke_all_of_deactivated_holder",
    "revoke_several",
    "standing_authorizations",
]
