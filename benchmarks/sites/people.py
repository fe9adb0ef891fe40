"""Those who hold a token: each has a role, and the role what the API asks for."""

from django.contrib.auth.models import Group, Permission, User

COUNT = 20


def with_a_role() -> tuple[Group, list[User]]:
    """Make them and return their role with them."""
    role = Group.objects.create(name="role")
    role.permissions.set(Permission.objects.filter(codename="view_user"))
    users = [User.objects.create(username=f"user{number}") for number in range(COUNT)]
    role.user_set.set(users)
    return role, users
