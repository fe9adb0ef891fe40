"""Exceptions for the ways in which the service can refuse, with messages for users. No message contains a token."""

from collections.abc import Mapping

REASONS = {
    "not_permitted": "no role permits it now",
    "not_allowed": "the administrator does not allow it to Acme Dashboard",
    "not_granted": "it was not granted to Acme Dashboard; connecting again can help",
    "user_inactive": "the account is deactivated",
    "application_disabled": "Acme Dashboard is disabled at the service desk",
}


def reason(verdict: str) -> str:
    """Explain why a scope is not in effect, also for verdicts that are not in `REASONS`."""
    return REASONS.get(verdict, f"the service desk says “{verdict}”")


class RefusalError(Exception):
    """The service did not do what was requested. `words` is shown on the page and in the command's output."""

    words: str
    technical = False
    """Whether only an operator can fix it."""

    def __str__(self) -> str:
        return self.words


class UnavailableError(RefusalError):
    """Timeout, 429, 5xx or an unexpected response. The tokens may still be valid."""

    words = "The service desk is not available. Your access is kept: try again in a moment."
    technical = True


class ApplicationRefusedError(RefusalError):
    """`invalid_client` or `unauthorized_client`. The user's tokens may still be valid."""

    words = "The service desk does not accept the credentials of Acme Dashboard. Its operator has to fix that."
    technical = True


class GrantRefusedError(RefusalError):
    """`invalid_grant` (RFC 6749 section 5.2) for a code."""

    words = "The service desk did not accept the authorization code: it has expired, or was used before. Connect again."


class AccessEndedError(RefusalError):
    """`invalid_grant` for a refresh token (RFC 6749 section 5.2): retrying can't help, so the tokens are deleted."""

    words = "The service desk no longer gives us access: it was revoked, or has expired. We have deleted the tokens."


class TokenRefusedError(UnavailableError):
    """401 for an access token. A refresh may help; a new token that is refused too is a fault of the service."""


class NotInEffectError(RefusalError):
    """403: the token is valid, but a scope is not in effect. That can change at any time, so the tokens are kept."""

    def __init__(self, verdicts: Mapping[str, str]) -> None:
        reasons = (f"“{scope}” is not in effect: {reason(verdict)}." for scope, verdict in verdicts.items())
        self.words = " ".join(reasons) or "The service desk did not permit it."
        super().__init__(self.words)
