"""What happened, for a site that wants to act on it. Sent inside the transaction; keyword arguments as written here."""

from django.dispatch import Signal

# Sent after a user said yes to an application, for the first time, again after a revocation, or to more scopes.
# Arguments: authorization: Authorization, new_scopes: frozenset[str], empty where the yes was to the same or less,
# is_new: bool, true where nothing stood before: the first time, or again after a revocation
authorization_granted = Signal()

# Sent after a user's authorization ended.
# Arguments: authorization: Authorization, by: AbstractBaseUser | None, cause: "password" where it ended because the
# user's password was changed, "account" because that was deactivated or deleted, otherwise ""
authorization_revoked = Signal()

# Sent after a code or a refresh token was presented a second time and its whole family was ended.
# Arguments: application: Application, user: AbstractBaseUser, credential: "code" or "refresh token"
reuse_detected = Signal()
