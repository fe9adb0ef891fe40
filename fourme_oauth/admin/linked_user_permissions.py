"""
Whom may somebody let an application act as?

Whoever has an application's secret can do what its linked user can. So linking is a permission of its own, and nobody
but a superuser lets an application act as somebody who may sign in to the administration.
"""

from typing import Any

from ..models import Application


def is_powerful(user: Any) -> bool:
    """Is ``user`` a superuser or staff? Not every user model knows both words."""
    return bool(getattr(user, "is_superuser", False) or getattr(user, "is_staff", False))


def acts_as(application: Application) -> Any:
    """Return the user as whom ``application`` gets tokens by its own credentials, if it may."""
    may = application.allows_grant_type(Application.GRANT_CLIENT_CREDENTIALS)
    return application.linked_user if may else None


def may_link_users(by: Any) -> bool:
    """May ``by`` choose linked users at all?"""
    return bool(by.has_perm("fourme_oauth.link_user"))


def may_link(by: Any, user: Any) -> bool:
    """May ``by`` let an application act as ``user``?"""
    return may_link_users(by) and (getattr(by, "is_superuser", False) or not is_powerful(user))


def may_issue(by: Any) -> bool:
    """May ``by`` issue secrets at all? Whoever may also retires them."""
    return bool(by.has_perm("fourme_oauth.issue_client_secret"))


def may_issue_for(by: Any, application: Application) -> bool:
    """May ``by`` have a secret of ``application``, and with it do what its linked user can?"""
    if application.is_public or not may_issue(by):
        return False
    return getattr(by, "is_superuser", False) or not is_powerful(acts_as(application))
