"""Admin permissions on tokens and codes, which have no pages; a site's own admin needs them for cascading deletion."""

import pytest
from django.contrib import admin

from fourme_oauth.models import AccessToken, Grant, IDToken, RefreshToken

KINDS = [AccessToken, Grant, IDToken, RefreshToken]


@pytest.fixture
def asked_by_administrator(rf, admin_user):
    request = rf.get("/admin/")
    request.user = admin_user
    return request


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("act", ["view", "add", "change", "delete"])
def test_administrator_has_no_permission_on_tokens_and_codes(asked_by_administrator, kind, act):
    assert not getattr(admin.site.get_model_admin(kind), f"has_{act}_permission")(asked_by_administrator)


@pytest.mark.parametrize("kind", KINDS)
def test_administrator_may_delete_tokens_and_codes_by_cascade(asked_by_administrator, kind):
    assert admin.site.get_model_admin(kind).has_delete_permission(asked_by_administrator, kind())


def test_a_sites_own_row_that_points_to_a_token_still_has_a_form(asked_by_administrator):
    points_to_a_token = RefreshToken._meta.get_field("access_token")
    site = admin.site.get_model_admin(RefreshToken)
    assert site.formfield_for_dbfield(points_to_a_token, asked_by_administrator).widget.render("access_token", None)
