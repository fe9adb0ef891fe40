"""A deactivated user loses access at once; a setting decides whether it is revoked."""

import pytest

from fourme_oauth.models import Authorization


@pytest.fixture
def tokens(third_party):
    return third_party.tokens()


@pytest.fixture
def deactivate_and_reactivate(user):
    """Let something happen while the user is deactivated."""

    def deactivate_and_reactivate(act):
        type(user).objects.update(is_active=False)
        act()
        type(user).objects.update(is_active=True)

    return deactivate_and_reactivate


@pytest.fixture(params=["API", "refresh", "introspection", "exchange"])
def use(request, third_party, tokens):
    code = third_party.code()
    uses = {
        "API": lambda: third_party.call(tokens["access_token"]),
        "refresh": lambda: third_party.refresh(tokens["refresh_token"]),
        "introspection": lambda: third_party.introspect(tokens["access_token"]),
        "exchange": lambda: third_party.exchange(code),
    }
    return uses[request.param]


def test_what_has_not_expired_works_again(third_party, tokens, deactivate_and_reactivate, use):
    deactivate_and_reactivate(use)
    assert third_party.introspect(tokens["access_token"])["active"]


def test_first_refused_use_revokes_everything_with_the_setting_on(
    third_party, tokens, deactivate_and_reactivate, use, settings
):
    settings.FOURME_OAUTH = {"END_ACCESS_OF_DEACTIVATED_USERS": True}
    deactivate_and_reactivate(use)
    assert not third_party.introspect(tokens["access_token"])["active"]
    assert not Authorization.objects.standing().exists()


def test_without_a_use_nothing_is_revoked_with_the_setting_on(third_party, tokens, deactivate_and_reactivate, settings):
    settings.FOURME_OAUTH = {"END_ACCESS_OF_DEACTIVATED_USERS": True}
    deactivate_and_reactivate(lambda: None)
    assert third_party.introspect(tokens["access_token"])["active"]
