"""Signals for the site's own receivers. Sent inside the transaction, with the keyword arguments listed here."""

from django.dispatch import Signal

# Sent after a user allowed an application: for the first time, again after a revocation, or with more scopes.
# Arguments: authorization: Authorization, new_scopes: frozenset[str], empty where nothing new was granted,
# is_new: bool, true for the first time and again after a revocation
authorization_granted = Signal()

# Sent after a user's authorization ended.
# Arguments: authorization: Authorization, by: AbstractBaseUser | None, cause: "password" where it ended because the
# user's password was changed, "account" because that was deactivated or deleted, otherwise ""
authorization_revoked = Signal()

# Sent after a code or refresh token was reused and its token family revoked.
# Arguments: application: Application, user: AbstractBaseUser, credential: "code" or "refresh token"
reuse_detected = Signal()
