"""A state machine for Hypothesis: each step runs in the model and on the site, with the same result."""

from contextlib import ExitStack, contextmanager
from datetime import timedelta
from itertools import combinations
from unittest.mock import patch

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from fourme_oauth.authorization_server import reuse
from tests.promises.the_law_in_sets import ROLES, SCOPES, USERS, Application, Law
from tests.promises.the_site_under_the_law import Site

APPLICATIONS = 3
"""With more of them, hardly anything would happen to any."""
A_MOMENT = timedelta(seconds=1)
"""What comes after it does not come at the same time."""
WAITS = (
    timedelta(seconds=15),
    timedelta(minutes=2),
    timedelta(minutes=59, seconds=50),
    timedelta(hours=1),
    timedelta(days=9),
)

users, scopes, roles = (st.sampled_from(names) for names in (USERS, SCOPES, ROLES))
whichever = st.integers(0, 5)
"""An application or a pair of tokens, counted from the newest."""
most_scopes = st.sampled_from([set(each) for size in (4, 3, 2) for each in combinations(SCOPES, size)])
requests = st.sampled_from([None] * 6 + [set(each) for size in (1, 2) for each in combinations(SCOPES, size)])
"""The ``scope`` parameter: absent, or some names."""
rarely = st.sampled_from([False] * 5 + [True])

STEPS = {
    "register": {"ticked": most_scopes, "public": rarely, "trusted": rarely, "linked_user": st.none() | users},
    "change_application": {"application": whichever, "ticked": most_scopes, "linked_user": users},
    "disable": {"pair": whichever, "removing": rarely},
    "enable": {},
    "delete": {"application": whichever},
    "change_user": {"user": users, "roles": st.sets(roles), "inactive": rarely},
    "change_scope": {"scope": scopes, "roles": st.sets(roles), "for_everyone": rarely, "retired": rarely},
    "delete_role": {"role": roles},
    "allow": {"user": users, "application": whichever, "requested": requests},
    "deny": {"user": users, "application": whichever, "requested": requests},
    "connect": {"user": users, "application": whichever, "requested": requests},
    "revoke": {"pair": whichever},
    "narrow": {"pair": whichever, "scope": scopes},
    "exchange": {"code": whichever},
    "exchange_again": {"pair": whichever},
    "refresh": {"pair": whichever, "requested": requests},
    "refresh_again": {"pair": whichever},
    "use_own_credentials": {"application": whichever, "requested": requests},
    "write_with_the_toolkit_alone": {"user": users, "application": whichever},
    "give_up": {"pair": whichever},
    "wait": {"wait": st.sampled_from(WAITS)},
}
CHANGES = ("change_application", "change_scope", "change_user")
OFTEN = (*CHANGES, "connect", "connect", "enable", "refresh", "refresh", "wait")
steps = st.sampled_from([*STEPS, *OFTEN]).flatmap(
    lambda name: st.tuples(st.just(name), st.fixed_dictionaries(STEPS[name]))
)


@contextmanager
def rolled_back():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Histories(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.law = Law()
        self.pairs = []
        with ExitStack() as stack:
            stack.enter_context(patch("django.utils.timezone.now", lambda: self.law.now))
            # A single replay waits for the rest of a burst; here no requests are concurrent.
            stack.enter_context(patch.object(reuse, "time"))
            stack.enter_context(rolled_back())
            self.site = Site()
            self.begin()
            self.undo = stack.pop_all()

    def teardown(self):
        self.undo.close()

    def begin(self):
        for user, scope, role in zip(USERS, SCOPES, ROLES, strict=False):
            self.change_user(user, {role}, inactive=False)
            self.change_scope(scope, {role}, for_everyone=False, retired=False)
        self.register(set(SCOPES), public=False, trusted=False, linked_user="aud")
        for user in USERS:
            self.connect(user, 0, None)
        self.use_own_credentials(0, None)

    # One rule, not one for each step: Hypothesis leaves half of the rules out of each history, but here most of them
    # are needed until something can go wrong.
    @rule(step=steps)
    def take(self, step):
        name, arguments = step
        self.law.now += A_MOMENT
        getattr(self, name)(**arguments)

    def application(self, which):
        return self.law.applications[-1 - which % len(self.law.applications)]

    def pair(self, which):
        return self.pairs[-1 - which % len(self.pairs)]

    # Administrators

    def register(self, ticked, public, trusted, linked_user):
        if len(self.law.applications) < APPLICATIONS:
            application = Application(ticked, public, trusted and not public, None if public else linked_user)
            self.law.applications.append(application)
            self.site.register(application)

    def change_application(self, application, ticked, linked_user):
        application = self.application(application)
        application.ticked = ticked
        if application.linked_user is not None:
            application.linked_user = linked_user
        self.site.change_application(application)

    def disable(self, pair, removing):
        """By the service, or by the field alone, as a host's code might: no token becomes valid again."""
        application = self.pair(pair).access_token.application
        if application in self.law.applications:
            self.law.disable(application)
            (self.site.disable if removing else self.site.tick_disabled)(application)

    def enable(self):
        for application in self.law.applications:
            if application.disabled:
                application.disabled = False
                self.site.enable(application)

    def delete(self, application):
        if len(self.law.applications) > 1:
            application = self.application(application)
            self.law.delete(application)
            self.site.row(application).delete()

    def change_user(self, user, roles, inactive):
        self.law.roles_of_user[user] = set(roles)
        (self.law.inactive.add if inactive else self.law.inactive.discard)(user)
        self.site.change_user(user, roles, active=not inactive)

    def change_scope(self, scope, roles, for_everyone, retired):
        self.law.roles_of_scope[scope] = set(roles)
        (self.law.for_everyone.add if for_everyone else self.law.for_everyone.discard)(scope)
        (self.law.retired.add if retired else self.law.retired.discard)(scope)
        self.site.change_scope(scope, roles, for_everyone=for_everyone, retired=retired)

    def delete_role(self, role):
        self.law.delete_role(role)
        self.site.delete_role(role)

    # Users

    def allow(self, user, application, requested):
        return self.authorize(user, self.application(application), requested, "allow")

    def deny(self, user, application, requested):
        return self.authorize(user, self.application(application), requested, "deny")

    def authorize(self, user, application, requested, button):
        error = self.law.authorize(user, application, requested, button)
        answer = self.site.authorize(user, application, requested, button)
        assert answer.get("error", "") == error
        return not error and self.law.mint_code(answer["code"], user, application, requested)

    def connect(self, user, application, requested):
        if code := self.allow(user, application, requested):
            self.present_code(code)

    def revoke(self, pair):
        token = self.pair(pair).access_token
        if (token.user, token.application) in self.law.authorizations:
            self.law.revoke(token.user, token.application)
            self.site.revoke(token.user, token.application)

    def narrow(self, pair, scope):
        token = self.pair(pair).access_token
        granted = self.law.granted(token.user, token.application)
        if scope in granted:
            granted.remove(scope)
            self.site.narrow(token.user, token.application, granted)

    # Applications

    def exchange(self, code):
        self.present_code(self.law.codes[-1 - code % len(self.law.codes)])

    def exchange_again(self, pair):
        self.present_code(self.law.code_of(self.pair(pair)))

    def present_code(self, code):
        error, answer = self.law.exchange(code), self.site.exchange(code)
        assert answer.get("error", "") == error
        if not error:
            self.receive(self.law.mint_first_pair(answer, code), answer)

    def refresh(self, pair, requested):
        newest = self.pair(pair).refresh_token.family[-1]
        self.present_refresh_token(newest, requested)

    def refresh_again(self, pair):
        self.present_refresh_token(self.pair(pair).refresh_token, None)

    def present_refresh_token(self, token, requested):
        error, answer = self.law.refresh(token, requested), self.site.refresh(token, requested)
        assert answer.get("error", "") == error
        if not error:
            self.receive(self.law.mint_next_pair(answer, token, requested), answer)

    def receive(self, pair, answer):
        assert frozenset(answer["scope"].split()) == self.law.of_token(pair.access_token)
        self.pairs.append(pair)

    def use_own_credentials(self, application, requested):
        application = self.application(application)
        error = self.law.use_own_credentials(application, requested)
        answer = self.site.use_own_credentials(application, requested)
        assert answer.get("error", "") == error
        if not error:
            self.law.mint_own(answer, application, requested)

    def write_with_the_toolkit_alone(self, user, application):
        """For the linked user as for anybody else."""
        application, text = self.application(application), f"of-the-toolkit-{len(self.law.tokens)}"
        self.site.write_with_the_toolkit_alone(text, user, application, application.ticked)
        self.law.mint_without_authorization(text, user, application, renews=False)
        self.law.mint_without_authorization(f"{text}-again", user, application, renews=True)

    def give_up(self, pair):
        token = self.pair(pair).refresh_token
        self.site.give_up(token)
        if not token.application.disabled:
            self.law.end(token.family)

    # The clock

    def wait(self, wait):
        self.law.now += wait
