"""What must hold, and how it is told."""

import re
from typing import Any
from urllib.parse import urljoin

from demo_project.walkthrough.browser import Visit


class DidNotHoldError(Exception):
    """Something came back that the documentation does not promise."""


def hold(holds: bool, otherwise: str) -> None:
    """Stop the walk where something does not hold."""
    if not holds:
        raise DidNotHoldError(otherwise)


def shortened(secret: str) -> str:
    """Return enough of a secret to recognize it, and too little to use it."""
    return f"{secret[:8]}…"


def hold_that_it_is_a_prompt(visit: Visit) -> None:
    """Stop the walk where the user is not asked."""
    hold(visit.status == 200, f"{visit.url} was answered with {visit.status} instead of a prompt.")
    for choice in ("Allow", "Deny"):
        visit.page.form_with_button(choice)


def change_link(listing: Visit) -> str:
    """Find the first record that a list of the administration links to."""
    for link in listing.page.links:
        if re.search(r"/\d+/change/", link):
            return urljoin(listing.url, link)
    raise DidNotHoldError(f"{listing.url} lists nothing.")


def described(tokens: dict[str, Any]) -> str:
    """Say what the token endpoint gave."""
    access, refresh = shortened(tokens["access_token"]), shortened(tokens["refresh_token"])
    return f"access token {access} for {tokens['expires_in']} s, refresh token {refresh}"
