"""
End it: one authorization, all of an application, all of a user, everything since a moment, one family of tokens.

The only place where access ends. A generation that moves on ends every code and token at once, whenever it was minted;
the rows are removed after it, upstream first, so that nothing still alive can mint a successor. ``address`` is where it
was asked from, for the audit trail of a site that keeps addresses.
"""

from ..models.holdings import Ended
from .at_stake import AtStake, AtStakeOfUser, at_stake, at_stake_of_user, who_granted, who_would_be_asked
from .authorizations import reduce, revoke, revoke_all, revoke_several
from .families import end_family, end_reused_family, end_token
from .incidents import alive, disable, end_application, end_since, standing_of
from .receivers import (
    end_access_before_account,
    end_access_with_account,
    end_deleted_application,
    end_deleted_user,
    retire_scopes_of_deleted_role,
    revoke_all_of_deactivated_holder,
)

__all__ = [
    "AtStake",
    "AtStakeOfUser",
    "Ended",
    "alive",
    "at_stake",
    "at_stake_of_user",
    "disable",
    "end_access_before_account",
    "end_access_with_account",
    "end_application",
    "end_deleted_application",
    "end_deleted_user",
    "end_family",
    "end_reused_family",
    "end_since",
    "end_token",
    "reduce",
    "retire_scopes_of_deleted_role",
    "revoke",
    "revoke_all",
    "revoke_all_of_deactivated_holder",
    "revoke_several",
    "standing_of",
    "who_granted",
    "who_would_be_asked",
]
