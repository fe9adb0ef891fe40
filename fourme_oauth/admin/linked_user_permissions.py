"""
Permission to link users to applications, and to issue the secrets of linked applications.

A secret of a linked application gives the access of its linked user. So linking is a permission of its own, and only
a superuser may link staff and superusers, who may sign in to the admin, or issue a secret for such an application.
"""

from typing import Any

from ..models import Application


def is_powerful(user: Any) -> bool:
    """Return whether ``user`` is a superuser or staff; not every user model has both fields."""
    return bool(getattr(user, "is_superuser", False) or getattr(user, "is_staff", False))


def acts_as(application: Application) -> Any:
    """Return the linked user if ``application`` may use client credentials, else ``None``."""
    is_allowed = application.allows_grant_type(Application.GRANT_CLIENT_CREDENTIALS)
    return application.linked_user if is_allowed else None


def may_link_users(by: Any) -> bool:
    """Return whether ``by`` may choose linked users at all."""
    return bool(by.has_perm("fourme_oauth.link_user"))


def may_link(by: Any, user: Any) -> bool:
    """Return whether ``by`` may let an application act as ``user``."""
    return may_link_users(by) and (getattr(by, "is_superuser", False) or not is_powerful(user))


def may_issue(by: Any) -> bool:
    """Return whether ``by`` may issue and retire secrets at all."""
    return bool(by.has_perm("fourme_oauth.issue_client_secret"))


def may_issue_for(by: Any, application: Application) -> bool:
    """Return whether ``by`` may issue a secret of ``application``, which gives the access of its linked user."""
    if application.is_public or not may_issue(by):
        return False
    return getattr(by, "is_superuser", False) or not is_powerful(acts_as(application))
