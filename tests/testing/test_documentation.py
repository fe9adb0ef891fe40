"""The examples of docs/testing.md, on a site with the views that they use."""

import ast

import pytest

from fourme_oauth import testing
from fourme_oauth.testing import ThirdParty
from tests.host_site import HostSite
from tests.testing.conftest import PAGE

VIEWS = """
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from fourme_oauth.rest_framework import HasEffectiveScope, OAuth2Authentication


class Requests(ViewSet):
    authentication_classes = [OAuth2Authentication]
    permission_classes = [HasEffectiveScope]
    required_scopes = {"GET": ["request:read"], "POST": ["request:create"]}

    def list(self, request):
        return Response([])

    def create(self, request):
        return Response(request.data, status=201 if request.data.get("subject") else 400)


urlpatterns += [path("api/requests/", Requests.as_view({"get": "list", "post": "create"}))]
"""


@pytest.mark.once
def test_every_example_runs(folder, run_pytest, documented):
    examples, names = documented
    site = HostSite(folder)
    site.install_admin_last()
    site.use(site.settings, site.urls + VIEWS)
    (folder / "test_api.py").write_text(examples, encoding="utf-8")
    said = run_pytest("-v", "--ds=host_settings")
    assert names
    assert [
        name for name in names if not any(f"::{name}" in line and "PASSED" in line for line in said.splitlines())
    ] == []


@pytest.mark.parametrize("name", testing.__all__)
def test_everything_that_can_be_imported_is_on_the_page(name):
    assert name == "BearerClient" or name in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [name for name in vars(ThirdParty) if not name.startswith("_")])
def test_what_the_third_party_can_do_is_on_the_page(name):
    assert name == "redirect_uri" or f"`.{name}(" in PAGE.read_text(encoding="utf-8")


def test_the_examples_import_nothing_that_they_do_not_show(documented):
    examples, _ = documented
    imported = {
        alias.name for node in ast.walk(ast.parse(examples)) if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    unused = [name for name in imported if examples.count(name) < 2]
    assert unused == []
