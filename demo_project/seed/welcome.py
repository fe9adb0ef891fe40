"""The document as text, for a terminal."""

from collections.abc import Iterator

from demo_project.seed.contents import API_PAGE
from demo_project.seed.document import Document

SHOWN_ONCE = "(shown once, when it was created; --rotate-secrets sets a new one)"


def welcome(document: Document) -> str:
    """Return the URLs, users and applications as text."""
    return "\n".join([*_addresses(document), *_users(document), *_applications(document)])


def _addresses(document: Document) -> Iterator[str]:
    base_url, endpoints = document["base_url"], document["endpoints"]
    yield ""
    yield "URLs"
    for label, key in (
        ("Third-party application", "third_party"),
        ("Access & Security", "access_and_security"),
        ("Administration", "admin"),
        ("API", "api_requests"),
    ):
        yield f"  {label:<24} {base_url}{endpoints[key]}"
    yield f"  {'API in the browser':<24} {base_url}{API_PAGE}"


def _users(document: Document) -> Iterator[str]:
    yield ""
    yield "Users"
    for user in document["users"].values():
        roles = ", ".join(user["roles"]) or "no role"
        yield f"  {user['username']:<12} {roles:<24} password {user['password'] or SHOWN_ONCE}"


def _applications(document: Document) -> Iterator[str]:
    yield ""
    yield "Registered applications"
    for application in document["applications"].values():
        yield f"  {application['name']} ({application['client_type']})"
        yield f"    client ID      {application['client_id']}"
        if application["client_type"] == "confidential":
            yield f"    client secret  {application['client_secret'] or SHOWN_ONCE}"
    yield ""
