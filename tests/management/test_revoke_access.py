from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from fourme_oauth.models import AccessToken, Authorization
from tests.factories import ApplicationFactory, UserFactory, authorize, mint_access_token, mint_code, mint_refresh_token


@pytest.fixture
def held(authorization):
    mint_code(authorization)
    mint_access_token(authorization)
    mint_refresh_token(authorization)
    return authorization


def revoke_access(*arguments):
    output = StringIO()
    call_command("revoke_access", *arguments, stdout=output)
    return [line.strip() for line in output.getvalue().splitlines()]


EVERYTHING = ["users: 1", "applications: 1", "codes: 1", "refresh tokens: 1", "access tokens: 1"]


def test_all_of_a_user_is_revoked_and_printed(held, user):
    assert revoke_access("--user", user.username) == ["Ended:", *EVERYTHING]
    assert not AccessToken.objects.exists()


def test_all_of_an_application_ends(held, application):
    assert revoke_access("--application", application.client_id) == ["Ended:", *EVERYTHING]
    assert Authorization.objects.get().application.generation == 1


def test_everything_since_a_moment_ends(held):
    since = (timezone.now() - timedelta(days=1)).isoformat()
    assert revoke_access("--since", since) == ["Ended:", *EVERYTHING]


def test_a_moment_may_be_in_the_sites_own_time(held):
    assert revoke_access("--since", "2000-01-01T00:00") == ["Ended:", *EVERYTHING]


def test_a_user_and_an_application_together_name_one_authorization(held, user, application):
    authorize(UserFactory(), application)
    authorize(user, ApplicationFactory(scopes=["request:read"]))
    revoke_access("--user", user.username, "--application", application.client_id)
    assert Authorization.objects.standing().count() == 2


def test_a_dry_run_says_the_same_and_changes_nothing(held, user):
    assert revoke_access("--user", user.username, "--dry-run") == ["This would end:", *EVERYTHING]
    assert AccessToken.objects.exists()
    assert Authorization.objects.standing().exists()


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ([], "Say what to end"),
        (["--user", "nobody"], "no user 'nobody'"),
        (["--application", "unknown"], "no application with the client ID 'unknown'"),
        (["--since", "yesterday"], "'yesterday' is no moment"),
        (["--since", "2026-02-31T00:00"], "is no moment"),
    ],
)
def test_what_is_not_there_is_said(db, arguments, fault):
    with pytest.raises(CommandError, match=fault):
        revoke_access(*arguments)
