"""Users who each have a role with the permission that the APIs check."""

from django.contrib.auth.models import Group, Permission, User

COUNT = 20


def users_with_role() -> tuple[Group, list[User]]:
    """Create a role and users who have it, and return both."""
    role = Group.objects.create(name="role")
    role.permissions.set(Permission.objects.filter(codename="view_user"))
    users = [User.objects.create(username=f"user{number}") for number in range(COUNT)]
    role.user_set.set(users)
    return role, users
