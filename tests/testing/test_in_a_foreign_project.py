"""The pytest plugin is loaded by its entry point in other projects."""

import pytest

from tests.host_site import HostSite

pytestmark = pytest.mark.once

TESTS = """
import pytest
from django.contrib.auth import get_user_model


@pytest.fixture
def anna(db):
    return get_user_model().objects.create_user("anna")


def test_of_a_view(bearer_client, anna):
    client = bearer_client(anna, scopes=["request:read"])
    assert client.get("/requests/").json() == ["anna"]


def test_of_a_requirement(assert_requires_scope):
    assert_requires_scope("/requests/", "GET", "request:read")


def test_of_the_whole_way(third_party_for, anna):
    third_party = third_party_for(anna, scopes=["request:read"])
    assert third_party.call(third_party.tokens()["access_token"], "/requests/").json() == ["anna"]
"""

VIEW = """
from rest_framework.response import Response
from rest_framework.views import APIView

from fourme_oauth.rest_framework import HasEffectiveScope, OAuth2Authentication


class Requests(APIView):
    authentication_classes = [OAuth2Authentication]
    permission_classes = [HasEffectiveScope]
    required_scopes = ["request:read"]

    def get(self, request):
        return Response([request.user.get_username()])


urlpatterns += [path("requests/", Requests.as_view())]
"""

WITHOUT_DJANGO = """
import sys


def test_nothing_of_django_is_imported():
    assert not {name.partition(".")[0] for name in sys.modules} & {"django", "rest_framework", "factory"}
"""


def test_a_site_tests_its_views(folder, run_pytest):
    site = HostSite(folder)
    site.install_admin_last()
    site.use(site.settings, site.urls + VIEW)
    (folder / "test_api.py").write_text(TESTS)
    assert "3 passed" in run_pytest("-q", "--ds=host_settings")


def test_a_project_without_django_notices_nothing(folder, run_pytest):
    (folder / "test_something.py").write_text(WITHOUT_DJANGO)
    assert "1 passed" in run_pytest("-q", "-p", "no:django")


def test_the_fixtures_are_listed_with_what_they_do(run_pytest):
    listed = run_pytest("-q", "--fixtures", "-p", "no:django")
    assert "bearer_client" in listed
    assert "third_party_for" in listed
