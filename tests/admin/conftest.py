import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from tests.factories import UserFactory


@pytest.fixture
def staff(db):
    """Sign in a staff user with exactly these permissions, for example ``staff("view_scope")``."""

    def staff(*codenames):
        user = UserFactory(is_staff=True)
        ours = Permission.objects.filter(content_type__app_label="fourme_oauth")
        user.user_permissions.set(ours.filter(codename__in=codenames))
        browser = Client()
        browser.force_login(user)
        return browser

    return staff


@pytest.fixture
def opens_the_api():
    """Whether the API accepts this access token."""

    def opens_the_api(token):
        # 401: the token is invalid; 403: it is valid, and this scope is not in effect.
        return Client().get("/api/me/", headers={"Authorization": f"Bearer {token}"}).status_code != 401

    return opens_the_api
