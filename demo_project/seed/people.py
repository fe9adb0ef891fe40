"""Seed roles, users, their organizations and their requests."""

import secrets

from django.contrib.auth.models import Group, User

from demo_project.seed.contents import CUSTOMER, DESK, REQUESTS, ROLES, USERS, DemoUser
from demo_project.service_desk.models import Organization, Person, Request


def seed_roles() -> None:
    """Create the roles that are missing."""
    for name in ROLES:
        Group.objects.get_or_create(name=name)


def seed_users(*, fresh_passwords: bool) -> dict[str, str | None]:
    """Create the users, or reset them to what is documented. Return the password that this call set, by username."""
    for name in (DESK, CUSTOMER):
        Organization.objects.get_or_create(name=name)
    return {demo_user.username: _seed_user(demo_user, fresh_password=fresh_passwords) for demo_user in USERS}


def _seed_user(demo_user: DemoUser, *, fresh_password: bool) -> str | None:
    flags = {"is_active": True, "is_staff": demo_user.is_superuser, "is_superuser": demo_user.is_superuser}
    user, created = User.objects.update_or_create(
        username=demo_user.username,
        defaults=flags,
        create_defaults=flags | {"email": f"{demo_user.username}@example.com"},
    )
    user.groups.set(Group.objects.filter(name__in=demo_user.roles))
    organization = Organization.objects.get(name=demo_user.organization)
    Person.objects.get_or_create(user=user, defaults={"name": demo_user.name, "organization": organization})
    if not created and not fresh_password:
        return None
    password = secrets.token_hex(10)
    user.set_password(password)
    user.save(update_fields=["password"])
    return password


def seed_requests() -> None:
    """Create the sample requests if there are none at all: existing ones belong to the users and are not reset."""
    if Request.objects.exists():
        return
    for subject, status, username in REQUESTS:
        person = Person.objects.select_related("user").get(user__username=username)
        Request.objects.create(
            subject=subject, status=status, requested_by=person.user, organization=person.organization
        )
