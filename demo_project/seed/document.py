"""Seed the demo and describe it in one document: URLs, users, applications, scopes."""

from typing import NotRequired, TypedDict

from django.db import transaction

from demo_project.seed.applications import seed_application, seed_scopes, seed_secret
from demo_project.seed.contents import ENDPOINTS, SCOPES, USERS, DemoApplication, DemoUser, api_page, applications
from demo_project.seed.people import seed_requests, seed_roles, seed_users


class UserEntry(TypedDict):
    """A user. `password` is null unless this run set it."""

    username: str
    password: str | None
    roles: list[str]
    is_superuser: NotRequired[bool]


class ApplicationEntry(TypedDict):
    """An application. `client_secret` is null unless this run issued it."""

    name: str
    client_type: str
    grant: NotRequired[str]
    client_id: str
    client_secret: str | None
    redirect_uris: NotRequired[list[str]]
    linked_user: NotRequired[str]
    scopes: list[str]


class Document(TypedDict):
    """The JSON document of `manage.py demo --json`."""

    base_url: str
    endpoints: dict[str, str]
    users: dict[str, UserEntry]
    applications: dict[str, ApplicationEntry]
    scopes: dict[str, list[str]]


@transaction.atomic
def seed(*, base_url: str, rotate_secrets: bool) -> Document:
    """
    Create or reset the demo's data and return the document. Idempotent.

    Passwords and secrets are in the document only of the run that sets them: the first, or one that rotates them.
    """
    seed_roles()
    passwords = seed_users(fresh_passwords=rotate_secrets)
    seed_requests()
    seed_scopes()
    seed_application(api_page(base_url))
    return {
        "base_url": base_url,
        "endpoints": dict(ENDPOINTS),
        "users": {user.username: _user_entry(user, passwords[user.username]) for user in USERS},
        "applications": {
            application.key: _application_entry(application, rotate_secrets=rotate_secrets)
            for application in applications(base_url)
        },
        "scopes": {scope.name: list(scope.roles) for scope in SCOPES},
    }


def _user_entry(user: DemoUser, password: str | None) -> UserEntry:
    entry: UserEntry = {"username": user.username, "password": password, "roles": list(user.roles)}
    if user.is_superuser:
        entry["is_superuser"] = True
    return entry


def _application_entry(demo_application: DemoApplication, *, rotate_secrets: bool) -> ApplicationEntry:
    application = seed_application(demo_application)
    entry: ApplicationEntry = {
        "name": demo_application.name,
        "client_type": demo_application.client_type,
        "client_id": application.client_id,
        "client_secret": seed_secret(application, rotate=rotate_secrets),
        "scopes": list(demo_application.scopes),
    }
    if demo_application.linked_user:
        return entry | {"grant": demo_application.grant, "linked_user": demo_application.linked_user}
    return entry | {"redirect_uris": list(demo_application.redirect_uris)}
