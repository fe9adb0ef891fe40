"""
An independent model of effective access: sets, and which tokens are invalid.

It uses nothing of the package, so that the two are not wrong in the same way.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

SCOPES = ("account:read", "person:read", "request:create", "request:read")
ROLES = ("auditor", "specialist")
USERS = ("aud", "sam")

CODE_LIVES = timedelta(seconds=60)
ACCESS_TOKEN_LIVES = timedelta(hours=1)
REFRESH_TOKEN_LIVES = timedelta(days=14)
RENEWABLE_FOR = timedelta(days=20)
RETRY_WITHIN = timedelta(seconds=10)


@dataclass(eq=False)
class Application:
    ticked: set[str]
    public: bool = False
    trusted: bool = False
    linked_user: str | None = None
    disabled: bool = False
    """Also when it is deleted: refused everywhere."""


@dataclass(eq=False)
class Authorization:
    granted: set[str]
    confirmed_at: datetime


@dataclass(eq=False, kw_only=True)
class Minted:
    """A code or a token."""

    text: str = field(repr=False)
    user: str
    application: Application
    carried: frozenset[str]
    expires: datetime
    dead: bool = False


@dataclass(eq=False, kw_only=True)
class Token(Minted):
    family: list["Token"] = field(repr=False)
    renews: bool = False
    """It is a refresh token."""
    rotated_at: datetime | None = None
    own: bool = False
    """It comes from the application's own credentials."""


@dataclass(eq=False, kw_only=True)
class Code(Minted):
    family: list[Token] | None = field(default=None, repr=False)
    """What its first use gave."""


@dataclass(frozen=True, eq=False)
class Pair:
    access_token: Token
    refresh_token: Token


class Law:
    """The facts that effective access depends on, and what follows from them."""

    def __init__(self):
        self.now = datetime(2026, 3, 2, 9, tzinfo=UTC)
        self.applications = []
        self.authorizations = {}
        self.withdrawn_scopes = set()
        """Which users revoked which applications themselves, and have not said yes again."""
        self.codes = []
        self.tokens = []
        self.inactive = set()
        self.retired = set()
        self.roles_of_user = {user: set() for user in USERS}
        self.roles_of_scope = {scope: set() for scope in SCOPES}
        self.for_everyone = set(SCOPES)

    # What follows

    def allowed(self, application):
        return application.ticked - self.retired

    def permitted(self, user):
        own = self.roles_of_user[user]
        return self.for_everyone | {scope for scope, roles in self.roles_of_scope.items() if roles & own}

    def granted(self, user, application):
        standing = self.authorizations.get((user, application))
        return standing.granted if standing else set()

    def in_effect(self, user, application, granted):
        if application.disabled or user in self.inactive:
            return frozenset()
        return frozenset(granted & self.allowed(application) & self.permitted(user))

    def of_token(self, token):
        """The scopes in effect for it; ``None`` when it is invalid."""
        application, user = token.application, token.user
        ended = token.dead or token.rotated_at is not None or token.expires <= self.now
        if ended or application.disabled or user in self.inactive:
            return None
        if token.own:
            return self.in_effect(user, application, token.carried) if application.linked_user == user else None
        return self.in_effect(user, application, token.carried & self.granted(user, application))

    def living(self, tokens, *, renews):
        return [each for each in tokens if each.renews == renews and self.of_token(each) is not None]

    def can_be_used(self, token):
        """Whether it is no refresh token past its absolute end."""
        standing = self.authorizations.get((token.user, token.application))
        return not token.renews or standing is None or self.now < standing.confirmed_at + RENEWABLE_FOR

    def of_authorizations(self, user):
        """What Access & Security shows; ``None`` for who can't sign in."""
        if user in self.inactive:
            return None
        standing = {application: each for (whose, application), each in self.authorizations.items() if whose == user}
        return {each: self.in_effect(user, each, authorization.granted) for each, authorization in standing.items()}

    # What users and applications do: each returns the error that it meets, empty for none

    def asked_for(self, application, requested):
        return frozenset(self.allowed(application) if requested is None else requested)

    def authorize(self, user, application, requested, button):
        scopes = self.asked_for(application, requested)
        if application.disabled:
            return "no redirect"
        if not scopes or not scopes <= self.allowed(application):
            return "invalid_scope"
        if user in self.inactive:
            return "sign in"
        # Any program can use the redirect URI of a public application here, which is asked about each time.
        asked = scopes if application.public else scopes - self.granted(user, application)
        if not asked:
            return ""
        # Trust does not replace the consent of a user who withdrew it.
        if not application.trusted or (user, application) in self.withdrawn_scopes:
            if button == "deny":
                return "access_denied"
            if not asked & self.permitted(user):
                return "no redirect"  # consent to what no role permits has no effect
        self.withdrawn_scopes.discard((user, application))
        granted = self.granted(user, application) | scopes
        self.authorizations[user, application] = Authorization(granted, confirmed_at=self.now)
        return ""

    def exchange(self, code):
        if code.application.disabled:
            return "invalid_client"
        if code.family is not None:
            self.end(code.family)
            return "invalid_grant"
        is_good = not code.dead and self.now < code.expires and code.user not in self.inactive
        return "" if is_good else "invalid_grant"

    def refresh(self, token, requested):
        if token.application.disabled:
            return "invalid_client"
        if token.rotated_at is not None and self.now > token.rotated_at + RETRY_WITHIN:
            self.end(token.family)
        if self.of_token(token) is None or not self.can_be_used(token):
            return "invalid_grant"
        return "" if requested is None or requested <= token.carried else "invalid_scope"

    def use_own_credentials(self, application, requested):
        scopes = self.asked_for(application, requested)
        if application.disabled or application.public:
            return "invalid_client"
        if application.linked_user is None or application.linked_user in self.inactive:
            return "unauthorized_client"
        return "" if scopes and scopes <= self.allowed(application) else "invalid_scope"

    # What is issued

    def code_of(self, pair):
        return next(code for code in self.codes if code.family is pair.access_token.family)

    def mint_code(self, text, user, application, requested):
        code = Code(
            text=text,
            user=user,
            application=application,
            carried=self.asked_for(application, requested),
            expires=self.now + CODE_LIVES,
        )
        self.codes.append(code)
        return code

    def mint_first_pair(self, answer, code):
        code.family = []
        return self._mint_pair(answer, code, carried=code.carried)

    def mint_next_pair(self, answer, token, requested):
        token.rotated_at = self.now
        for each in token.family:
            each.dead = each.dead or not each.renews
        return self._mint_pair(answer, token, carried=token.carried if requested is None else frozenset(requested))

    def mint_own(self, answer, application, requested):
        token = Token(
            text=answer["access_token"],
            user=application.linked_user,
            application=application,
            carried=self.asked_for(application, requested),
            expires=self.now + ACCESS_TOKEN_LIVES,
            family=[],
            own=True,
        )
        self.tokens.append(token)
        return token

    def mint_without_authorization(self, text, user, application, *, renews):
        """As the toolkit alone writes it, without an authorization."""
        held = {"text": text, "user": user, "application": application, "carried": frozenset(application.ticked)}
        expires = self.now + ACCESS_TOKEN_LIVES
        self.tokens.append(Token(**held, expires=expires, family=[], renews=renews, dead=True))

    def _mint_pair(self, answer, source, *, carried):
        access = {"text": answer["access_token"], "carried": carried, "expires": self.now + ACCESS_TOKEN_LIVES}
        whole = {"text": answer["refresh_token"], "carried": source.carried, "expires": self.now + REFRESH_TOKEN_LIVES}
        inherited = {"user": source.user, "application": source.application, "family": source.family}
        pair = Pair(Token(**access, **inherited), Token(**whole, **inherited, renews=True))
        source.family += [pair.access_token, pair.refresh_token]
        self.tokens += [pair.access_token, pair.refresh_token]
        return pair

    # Revocation

    def end(self, minted):
        for each in minted:
            each.dead = True

    def disable(self, application):
        application.disabled = True
        self.end(each for each in [*self.codes, *self.tokens] if each.application is application)

    def delete(self, application):
        self.disable(application)
        self.applications.remove(application)
        for user in USERS:
            self.authorizations.pop((user, application), None)

    def revoke(self, user, application):
        if self.authorizations.pop((user, application), None) is None:
            return
        if user not in self.inactive:
            self.withdrawn_scopes.add((user, application))
        tokens = [token for token in self.tokens if not token.own]
        self.end(each for each in [*self.codes, *tokens] if (each.user, each.application) == (user, application))

    def delete_role(self, role):
        for roles in (*self.roles_of_scope.values(), *self.roles_of_user.values()):
            roles.discard(role)
