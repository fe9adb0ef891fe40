import pytest

from fourme_oauth.bearer.challenge import challenge

pytestmark = pytest.mark.urls("tests.rest_framework.views")


def test_challenge_names_the_realm(call, challenge_of, db, settings):
    settings.FOURME_OAUTH = {"REALM": "service desk"}
    assert challenge_of(call("/by-list/"))["realm"] == "service desk"


def test_challenge_has_a_realm_without_any_setting(call, challenge_of, db, settings):
    settings.FOURME_OAUTH = {}
    assert challenge_of(call("/by-list/"))["realm"] == "api"


def test_realm_with_quotation_marks_is_one_quoted_string(call, challenge_of, db, settings):
    settings.FOURME_OAUTH = {"REALM": r'the "service\desk"'}
    assert challenge_of(call("/by-list/"))["realm"] == r'the "service\desk"'


def test_challenge_is_written_as_the_rfc_has_it(rf):
    written = challenge(rf.get("/"), error="invalid_token")
    assert written == (
        'Bearer realm="api", error="invalid_token", '
        'resource_metadata="http://testserver/.well-known/oauth-protected-resource"'
    )


def test_resource_metadata_is_where_the_challenge_says(call, challenge_of, db):
    address = challenge_of(call("/by-list/"))["resource_metadata"]
    assert call(address.removeprefix("http://testserver")).status_code == 200


def test_resource_metadata_names_the_resource_that_was_asked_for(call, challenge_of, db):
    address = challenge_of(call("/by-list/"))["resource_metadata"]
    assert call(address.removeprefix("http://testserver")).json()["resource"] == "http://testserver"


@pytest.mark.urls("tests.rest_framework.views_under_a_prefix")
def test_resource_metadata_is_at_the_root_beside_a_prefix(call, challenge_of, db):
    address = challenge_of(call("/by-list/"))["resource_metadata"]
    assert address == "http://testserver/.well-known/oauth-protected-resource"


@pytest.mark.urls("tests.rest_framework.views_under_a_prefix")
def test_resource_metadata_is_there_beside_a_prefix(call, challenge_of, db):
    address = challenge_of(call("/by-list/"))["resource_metadata"]
    assert call(address.removeprefix("http://testserver")).status_code == 200
