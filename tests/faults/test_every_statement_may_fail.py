"""
The database fails at the first statement of a request, at the second, and so on.

After the 503 a retry succeeds: the transaction was rolled back.
"""

from itertools import count

import pytest
from django.db import OperationalError, connection

from fourme_oauth.models import AccessToken, Authorization, RefreshToken
from tests.factories import PublicApplicationFactory
from tests.third_party import CHALLENGE, VERIFIER, ThirdParty


def failing(number):
    """Let the statement of this number fail, and no other; return the wrapper for it."""
    numbers = count(1)

    def fail(execute, sql, parameters, many, context):
        if next(numbers) == number:
            raise OperationalError("the server went away")
        return execute(sql, parameters, many, context)

    return fail


def outcomes(begin, act):
    """
    For each statement of ``act``: the answer when it fails, and the answer to the same request after that.

    ``begin`` makes what is presented, afresh for each.
    """
    found = []
    for number in range(1, 100):
        presented = begin()
        with connection.execute_wrapper(failing(number)):
            response = act(presented)
        if response.status_code not in {500, 503}:
            break
        found.append((number, response.status_code, act(presented).status_code))
    return found


def later_then(status, found):
    """What ``outcomes`` finds where every failure is a 503, and the next attempt is answered with ``status``."""
    assert len(found) > 3
    return [(number, 503, status) for number, *_ in found]


@pytest.fixture(autouse=True)
def signed_in(client, user):
    client.force_login(user)


@pytest.fixture
def script(client, db):
    """A public application in a page of another origin."""
    origin = "https://third-party.example"
    application = PublicApplicationFactory(
        scopes=["request:read"], redirect_uris=f"{origin}/callback", allowed_origins=origin
    )
    script = ThirdParty(client, application)
    script.back_channel.defaults["HTTP_ORIGIN"] = origin
    return script


@pytest.fixture(params=["third_party", "script"])
def caller(request):
    return request.getfixturevalue(request.param)


def new_code(caller):
    return caller.code(code_challenge=CHALLENGE, code_challenge_method="S256")


def exchange(caller, code):
    return caller.exchange(code, code_verifier=VERIFIER)


def new_refresh_token(caller):
    return exchange(caller, new_code(caller)).json()["refresh_token"]


def test_exchange_can_be_retried_after_a_failed_statement(caller):
    found = outcomes(lambda: new_code(caller), lambda code: exchange(caller, code))
    assert found == later_then(200, found)


def test_refresh_can_be_retried_after_a_failed_statement(caller):
    found = outcomes(lambda: new_refresh_token(caller), caller.refresh)
    assert found == later_then(200, found)


def test_token_revocation_can_be_retried_after_a_failed_statement(caller):
    found = outcomes(lambda: new_refresh_token(caller), caller.revoke)
    assert found == later_then(200, found)
    assert not RefreshToken.objects.unused().exists()
    assert not AccessToken.objects.exists()


def test_consent_can_be_retried_after_a_failed_statement(third_party, user):
    def prompt():
        Authorization.objects.all().delete()
        return third_party.authorize()

    found = outcomes(prompt, lambda page: third_party.answer("allow", page=page))
    assert found == later_then(302, found)


def test_user_revocation_can_be_retried_after_a_failed_statement(third_party, client, user):
    def standing():
        third_party.tokens()
        return Authorization.objects.standing().get()

    found = outcomes(standing, lambda each: client.post(f"/access-and-security/{each.pk}/revoke/"))
    assert found == later_then(302, found)
    assert not Authorization.objects.standing().exists()
