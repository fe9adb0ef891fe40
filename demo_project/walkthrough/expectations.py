"""Assertions of the walkthrough, and how it prints secrets."""

import re
from typing import Any
from urllib.parse import urljoin

from demo_project.walkthrough.browser import Visit


class UnexpectedResultError(Exception):
    """A response or page is not what the documentation promises."""


def expect(condition: bool, message: str) -> None:
    """Raise `UnexpectedResultError` with `message` unless `condition` is true."""
    if not condition:
        raise UnexpectedResultError(message)


def shortened(secret: str) -> str:
    """Return the first 8 characters of a secret: enough to recognize it, too little to use it."""
    return f"{secret[:8]}…"


def expect_consent_page(visit: Visit) -> None:
    """Raise unless the page has the buttons Allow and Deny."""
    expect(visit.status == 200, f"{visit.url} returned {visit.status} instead of the consent page.")
    for choice in ("Allow", "Deny"):
        visit.page.form_with_button(choice)


def change_link(listing: Visit) -> str:
    """Return the URL of the first change page that an admin list links to."""
    for link in listing.page.links:
        if re.search(r"/\d+/change/", link):
            return urljoin(listing.url, link)
    raise UnexpectedResultError(f"{listing.url} lists nothing.")


def described(tokens: dict[str, Any]) -> str:
    """Describe a token response, with shortened tokens."""
    access, refresh = shortened(tokens["access_token"]), shortened(tokens["refresh_token"])
    return f"access token {access} for {tokens['expires_in']} s, refresh token {refresh}"
