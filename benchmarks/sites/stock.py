"""The toolkit's own token endpoint."""

import secrets

from django.contrib.auth.models import User

from benchmarks.sites.contents import Contents, application, store_code


def fill() -> Contents:
    """Fill an empty site, and return its credentials and a source of codes."""
    client_secret = secrets.token_urlsafe(64)
    user, registered = User.objects.create(username="user"), application(client_secret=client_secret)

    def new_code() -> str:
        code = secrets.token_urlsafe(32)
        store_code(code, user=user, application=registered)
        return code

    return Contents(
        token_endpoint="/o/token/",  # noqa: S106 - an address
        client_id=registered.client_id,
        client_secret=client_secret,
        new_code=new_code,
    )
