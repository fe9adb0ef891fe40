import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from tests.factories import UserFactory


@pytest.fixture
def staff(db):
    """Sign in somebody who may do this and no more, for example ``staff("view_scope")``."""

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
    """Present a token to the API: does it live?"""

    def opens_the_api(token):
        # 401 says that the token is dead; 403, that this is not among what it may do.
        return Client().get("/api/me/", headers={"Authorization": f"Bearer {token}"}).status_code != 401

    return opens_the_api
