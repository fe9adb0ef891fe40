"""
Revocation: of one authorization, of all of an application or user, of all since a given time, of a token family.

Access ends nowhere else. Incrementing a generation invalidates every code and token at once, whenever it was issued;
the rows are deleted after it: codes, then refresh tokens, then access tokens, so that nothing valid can be exchanged
for a successor meanwhile. ``by`` is who revokes, for the audit trail.
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
