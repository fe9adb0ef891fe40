"""Primary keys in URLs and forms: impossible keys are a 404 on every database."""

import pytest

ADMIN = "/admin/fourme_oauth"
NOBODYS = ["0", "00", "9" * 19]


@pytest.fixture
def browser(client, user):
    client.force_login(user)
    return client


@pytest.mark.parametrize("key", NOBODYS)
@pytest.mark.parametrize("page", ["activity", "revoke", "reduce"])
def test_url_of_an_impossible_key_is_not_found(browser, page, key):
    address = f"/access-and-security/{key}/{page}/"
    assert {browser.get(address).status_code, browser.post(address).status_code} == {404}


@pytest.mark.parametrize("key", NOBODYS)
def test_no_authorization_is_ticked(browser, authorization, key):
    answer = browser.post("/access-and-security/revoke-several/", {"authorizations": [key]}, follow=True)
    assert "Nothing was ticked" in answer.content.decode()


@pytest.mark.parametrize("key", NOBODYS)
@pytest.mark.parametrize(
    "page",
    ["authorization/{key}/revoke/", "authorization/explain/?application={key}&user={key}", "scope/{key}/change/"],
)
def test_nothing_is_at_an_address_in_the_admin(admin_client, page, key):
    assert admin_client.get(f"{ADMIN}/{page.format(key=key)}", follow=True).status_code in {200, 404}


@pytest.mark.parametrize("key", NOBODYS)
def test_no_secret_of_an_application_is_retired(admin_client, application, key):
    address = f"{ADMIN}/application/{application.pk}/secrets/{key}/retire/"
    assert {admin_client.get(address).status_code, admin_client.post(address).status_code} <= {302, 404}


@pytest.mark.parametrize("key", NOBODYS)
@pytest.mark.parametrize("listed", ["authorization", "auditevent", "failedrequest"])
def test_nothing_is_listed_of_no_application(admin_client, listed, key):
    answer = admin_client.get(f"{ADMIN}/{listed}/?application__id__exact={key}", follow=True)
    assert answer.status_code == 200


def test_an_authorization_is_at_its_address(browser, authorization):
    assert browser.get(f"/access-and-security/{authorization.pk}/activity/").status_code == 200
