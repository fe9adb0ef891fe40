"""The token endpoint of this package."""

import secrets

from django.contrib.auth.models import User

from benchmarks.sites.contents import SCOPES, Contents, application, store_code
from fourme_oauth import client_secrets, consent
from fourme_oauth.actor import Actor
from fourme_oauth.models import Scope
from fourme_oauth.models.credentials import digest


def fill() -> Contents:
    """Fill an empty site, and return its credentials and a source of codes."""
    user, registered = User.objects.create(username="user"), application()
    registered.scopes.set([Scope.objects.create(name=name, wording=name, for_everyone=True) for name in SCOPES.split()])
    access_request = consent.AccessRequest(user=user, application=registered, scopes=frozenset(SCOPES.split()))
    authorization = consent.allow(consent.question(access_request), by=Actor(user))
    generations = {
        "authorization_generation": authorization.generation,
        "application_generation": registered.generation,
    }

    def new_code() -> str:
        code = secrets.token_urlsafe(32)
        store_code(digest(code), user=user, application=registered, **generations)
        return code

    return Contents(
        token_endpoint="/oauth/token",  # noqa: S106 - an address
        client_id=registered.client_id,
        client_secret=client_secrets.issue(application=registered).plaintext,
        new_code=new_code,
    )
