"""Test clients that call the API for a user, through an application."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.test import Client
from rest_framework.test import APIClient

from .. import client_secrets
from ..models import Application, Authorization
from .factories import ApplicationFactory, AuthorizationFactory, ScopeFactory, mint_access_token
from .third_party import ThirdParty


class BearerClient(APIClient):
    """DRF's test client with a bearer token. ``.authorization`` is the user's authorization."""

    def __init__(self, authorization: Authorization, token: str, **options: Any) -> None:
        super().__init__(**options)
        self.authorization = authorization
        self.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")


def bearer_client(
    user: AbstractUser, scopes: Iterable[str] = (), *, application: Application | None = None
) -> BearerClient:
    """
    Return a client whose token ``user`` has granted for exactly ``scopes``, to ``application`` or a new one.

    Scopes that the catalogue lacks are added, for everyone; those that the application lacks are allowed to
    it. Roles are not changed: where none of the user's permits a scope, the API refuses it with ``not_permitted``. A
    retired scope stays retired.
    """
    names = sorted(set(scopes))
    application = _allowed(application, names)
    authorization: Authorization = AuthorizationFactory(user=user, application=application, scopes=names)
    return BearerClient(authorization, mint_access_token(authorization, scope=" ".join(names)))


def third_party_for(
    user: AbstractUser, scopes: Iterable[str] = (), *, application: Application | None = None
) -> ThirdParty:
    """
    Return a third-party application that is allowed ``scopes``, with ``user`` signed in to its browser.

    A confidential ``application`` is given another secret.
    """
    application = _allowed(application, scopes)
    browser = Client()
    browser.force_login(user)  # type: ignore[arg-type] # the site's own user model
    secret = None if application.is_public else client_secrets.issue(application=application).plaintext
    return ThirdParty(browser, application, secret)


def _allowed(application: Application | None, scopes: Iterable[str]) -> Application:
    allowed: Application = application or ApplicationFactory()
    allowed.scopes.add(*(ScopeFactory(name=name) for name in scopes))
    return allowed
