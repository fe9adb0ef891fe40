from urllib.request import parse_http_list, parse_keqv_list

import pytest
from django.test import Client

from fourme_oauth import revocation
from fourme_oauth.models import Application
from fourme_oauth.models.credentials import ACCESS_TOKEN_PREFIX, generate
from tests.factories import mint_access_token, mint_refresh_token


@pytest.fixture
def call():
    """Call the API as an application does: no cookies, one header."""

    def call(path, token=None, *, method="GET", header=None, **content):
        authorization = header if token is None else f"Bearer {token}"
        headers = {} if authorization is None else {"Authorization": authorization}
        return Client().generic(method, path, headers=headers, **content)

    return call


@pytest.fixture
def challenge_of():
    """Read a ``WWW-Authenticate: Bearer`` header as a client library does."""

    def challenge_of(response):
        scheme, _, parameters = response["WWW-Authenticate"].partition(" ")
        assert scheme == "Bearer"
        return parse_keqv_list(parse_http_list(parameters))

    return challenge_of


def unknown(authorization):
    return generate(ACCESS_TOKEN_PREFIX)


def expired(authorization):
    return mint_access_token(authorization, expires_in=-1)


def refresh_token_instead(authorization):
    return mint_refresh_token(authorization)


def revoked(authorization):
    text = mint_access_token(authorization)
    revocation.revoke(authorization)
    return text


def of_disabled_application(authorization):
    text = mint_access_token(authorization)
    revocation.disable(authorization.application)
    return text


def of_application_disabled_in_the_table(authorization):
    Application.objects.filter(pk=authorization.application.pk).update(disabled=True)
    return mint_access_token(authorization)


def of_inactive_user(authorization):
    authorization.user.is_active = False
    authorization.user.save()
    return mint_access_token(authorization)


@pytest.fixture(
    params=[
        unknown,
        expired,
        refresh_token_instead,
        revoked,
        of_disabled_application,
        of_application_disabled_in_the_table,
        of_inactive_user,
    ],
    ids=lambda kind: kind.__name__,
)
def invalid_token(request, authorization):
    """A well-formed token that is invalid."""
    return request.param(authorization)
