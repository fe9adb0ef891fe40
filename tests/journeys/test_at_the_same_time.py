"""Concurrent requests: one succeeds, and none is a server error."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from fourme_oauth.models import AccessToken, Authorization, RefreshToken
from fourme_oauth.revocation import revoke
from tests.journeys.conftest import allow

AT_ONCE = 16


def at_once(act):
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda _: act(), range(AT_ONCE)))


def token_request(third_party, **parameters):
    return requests.post(f"{third_party.site.oauth}/token", data=parameters | third_party.credentials, timeout=30)


def assert_one_succeeds(responses):
    assert sorted(response.status_code for response in responses) == [200] + [400] * (AT_ONCE - 1)
    assert {response.json().get("error") for response in responses} == {None, "invalid_grant"}


def valid_pairs(third_party):
    its_own = {"application__name": third_party.name}
    return AccessToken.objects.filter(**its_own).count(), RefreshToken.objects.unused().filter(**its_own).count()


@pytest.fixture
def code(registered, specialist):
    return allow(specialist, registered)["code"]


def test_of_concurrent_exchanges_of_one_code_one_succeeds(registered, code):
    responses = at_once(
        lambda: token_request(
            registered,
            grant_type="authorization_code",
            code=code,
            redirect_uri="https://third-party.example/callback",
        )
    )
    assert_one_succeeds(responses)
    assert max(valid_pairs(registered)) <= 1


def test_of_concurrent_refreshes_of_one_token_one_succeeds(connected):
    refresh_token = connected.token["refresh_token"]
    responses = at_once(lambda: token_request(connected, grant_type="refresh_token", refresh_token=refresh_token))
    assert_one_succeeds(responses)
    assert valid_pairs(connected) == (1, 1)


def test_no_token_survives_a_revocation_among_refreshes(connected):
    refresh_token = connected.token["refresh_token"]

    def act():
        response = token_request(connected, grant_type="refresh_token", refresh_token=refresh_token)
        return response.json().get("access_token")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        minted = [pool.submit(act) for _ in range(AT_ONCE)]
        revoke(Authorization.objects.get(application__name=connected.name))
    tokens = [future.result() for future in minted if future.result()]
    for token in [connected.token["access_token"], *tokens]:
        headers = {"Authorization": f"Bearer {token}"}
        assert requests.get(f"{connected.site.base_url}/api/me/", headers=headers, timeout=30).status_code == 401
