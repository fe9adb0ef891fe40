"""The OpenAPI document, and the page that shows it."""

import pytest
from django.test import Client

from demo_project.seed.contents import API_PAGE, API_PAGE_CLIENT_ID, ENDPOINTS, SCOPES
from demo_project.seed.document import Document
from fourme_oauth.models import Application

from .conftest import BASE_URL


@pytest.fixture
def page() -> Application:
    """Return the application that the page is."""
    return Application.objects.get(client_id=API_PAGE_CLIENT_ID)


def test_page_is_a_public_application_like_any_other(document: Document, page: Application) -> None:
    page.full_clean()
    assert page.is_public
    assert not page.skip_authorization
    assert set(page.scopes.values_list("name", flat=True)) == {scope.name for scope in SCOPES}


def test_page_is_called_back_beside_itself(document: Document, page: Application) -> None:
    assert page.redirect_uris == f"{BASE_URL}{API_PAGE}oauth2-redirect.html"


def test_document_for_scripts_does_not_name_the_page(document: Document) -> None:
    assert document["applications"].keys() == {"dashboard", "mobile", "nightly"}
    assert API_PAGE not in document["endpoints"].values()


@pytest.mark.parametrize("path", [API_PAGE, f"{API_PAGE}?script=", f"{API_PAGE}oauth2-redirect.html"])
def test_page_allows_nothing_inline_and_nothing_from_elsewhere(path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 200
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert "http" not in answer["Content-Security-Policy"]


def test_page_and_the_window_that_comes_back_are_not_cut_off_from_each_other() -> None:
    policies = {
        Client().get(f"{API_PAGE}{path}")["Cross-Origin-Opener-Policy"] for path in ("", "oauth2-redirect.html")
    }
    assert policies == {"same-origin"}


def test_page_knows_its_client_id_and_uses_pkce() -> None:
    script = Client().get(f"{API_PAGE}?script=").content.decode()
    assert f'"clientId": "{API_PAGE_CLIENT_ID}"' in script
    assert '"usePkceWithAuthorizationCodeGrant": true' in script


def test_document_describes_the_api_and_nothing_else(document: Document) -> None:
    paths = Client().get("/api/schema/?format=json").json()["paths"]
    api = {path for name, path in ENDPOINTS.items() if name.startswith("api_")}
    assert paths.keys() == api | {"/api/requests/{id}/", "/api/people/{id}/"}


@pytest.mark.parametrize("path", ["/api/nothing/", "/api/requests/1.5/", "/api/requests/1/more/"])
@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_address_that_is_none_is_not_found_in_json(path: str, method: str) -> None:
    answer = Client(enforce_csrf_checks=True).generic(method, path)
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})
