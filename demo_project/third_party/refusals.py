"""How the service says no, told apart, each with words for people. No text in here ever has a token in it."""

from collections.abc import Mapping

REASONS = {
    "not_permitted": "no role permits it now",
    "not_allowed": "the administrator does not allow it to Acme Dashboard",
    "not_granted": "it was not granted to Acme Dashboard; connecting again can help",
    "user_inactive": "the account is switched off",
    "application_disabled": "Acme Dashboard is switched off at the service desk",
}


def reason(verdict: str) -> str:
    """Say why a scope is not in effect. A service may learn verdicts that this application does not know yet."""
    return REASONS.get(verdict, f"the service desk says “{verdict}”")


class RefusalError(Exception):
    """Something that the service did not do. Its `words` are for the page and for the command's output."""

    words: str
    technical = False
    """Whether nobody but an operator can do something about it."""

    def __str__(self) -> str:
        return self.words


class UnavailableError(RefusalError):
    """Too late, too busy, or nothing that this application understands. The tokens may well be good."""

    words = "The service desk did not answer. Nothing is lost: it can be tried again in a moment."
    technical = True


class ApplicationRefusedError(RefusalError):
    """The client ID or the client secret is not accepted, which says nothing about the user's tokens."""

    words = "The service desk does not accept the credentials of Acme Dashboard. Whoever runs it has to look into that."
    technical = True


class GrantRefusedError(RefusalError):
    """`invalid_grant` (RFC 6749 section 5.2) for a code."""

    words = "The service desk did not accept this answer: it was too old, or used before. Connect again."


class AccessEndedError(RefusalError):
    """`invalid_grant` for a refresh token: there is nothing left to wait for."""

    words = "The service desk no longer gives us access: it was revoked, or has expired. We have forgotten the tokens."


class TokenRefusedError(UnavailableError):
    """The access token has ended. A refresh may help; where one did not, the service contradicts itself."""


class NotInEffectError(RefusalError):
    """The token is alive, and a scope is out of its reach. That can change at any time, so the tokens are kept."""

    def __init__(self, verdicts: Mapping[str, str]) -> None:
        reasons = (f"“{scope}” is out of our reach: {reason(verdict)}." for scope, verdict in verdicts.items())
        self.words = " ".join(reasons) or "The service desk did not permit it."
        super().__init__(self.words)
