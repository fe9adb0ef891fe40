"""Stateful test: after any sequence of acts, effective access equals that of an independent model."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant
from hypothesis.stateful import run_state_machine_as_test as run

from fourme_oauth.models import AccessToken, RefreshToken
from tests.promises.histories_of_a_site import Histories
from tests.promises.the_law_in_sets import RENEWABLE_FOR, RETRY_WITHIN, USERS


class TheLaw(Histories):
    def __init__(self):
        self.seen = {}
        super().__init__()

    def teardown(self):
        try:
            self.the_api_answers_the_same()
        finally:
            super().teardown()

    @invariant()
    def the_law_holds(self):
        for token in self.law.tokens:
            if not token.renews and self.law.of_token(token) is not None:
                assert self.site.of_access_token(token) == self.law.of_token(token), token

    @invariant()
    def nothing_else_lives(self):
        for rows, renews in ((AccessToken.objects, False), (RefreshToken.objects, True)):
            living = rows.living(self.law.now).filter(user__is_active=True, application__disabled=False)
            assert living.count() == len(self.law.living(self.law.tokens, renews=renews))

    @invariant()
    def a_family_has_one_living_pair_at_most(self):
        for token in self.law.tokens:
            for renews in (False, True):
                assert len(self.law.living(token.family, renews=renews)) <= 1

    @invariant()
    def introspection_says_the_same(self):
        for token in self.law.tokens:
            if self.is_new(token, self.law.of_token(token)) and self.law.can_be_used(token):
                assert self.site.introspect(token) == self.law.of_token(token), token

    @invariant()
    def access_and_security_shows_what_stands(self):
        for user in USERS:
            if self.is_new(user, self.law.of_authorizations(user)):
                assert self.site.access_and_security(user) == self.law.of_authorizations(user)

    def is_new(self, whom, answer):
        """Whether the result changed; only then are the slower endpoints requested."""
        before, self.seen[whom] = self.seen.get(whom, "nothing"), answer
        return before != answer

    def the_api_answers_the_same(self):
        for token in self.law.tokens:
            effective = None if token.renews else self.law.of_token(token)
            expected = 401 if effective is None else 200 if "account:read" in effective else 403
            assert self.site.call_the_api(token) == expected, token


@pytest.fixture
def reachable_limits(settings):
    """Let a history of few steps arrive at them, and let applications fail as often as they like."""
    settings.FOURME_OAUTH = {
        "AUTHORIZATION_MAX_AGE_SECONDS": RENEWABLE_FOR.total_seconds(),
        "REFRESH_TOKEN_REPLAY_GRACE_SECONDS": RETRY_WITHIN.total_seconds(),
        "FAILED_AUTHENTICATIONS_PER_MINUTE": None,
    }


def hold(**how):
    unhurried = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run(TheLaw, settings=settings(deadline=None, print_blob=True, suppress_health_check=unhurried, **how))


def test_effective_access_matches_the_model_in_every_state(db, reachable_limits):
    hold(max_examples=8, stateful_step_count=20, derandomize=True)


@pytest.mark.endurance
def test_effective_access_matches_the_model_in_a_thousand_histories(db, reachable_limits):
    hold(max_examples=1000, stateful_step_count=50, database=None)
