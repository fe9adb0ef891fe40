"""Saving an application asks for confirmation where users lose access or will be asked again."""

import re
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from fourme_oauth.models import Application, Authorization, Scope
from tests.factories import LinkedApplicationFactory, ScopeFactory, UserFactory, authorize, mint_own_access_token

LIST = "/admin/fourme_oauth/application/"
PIXEL = b"\x89PNG not much of a picture"


def page_of(application):
    return f"{LIST}{application.pk}/change/"


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.fixture(autouse=True)
def files_of_its_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def save(admin_client):
    """Send an application's form with these scopes ticked, and whatever else was changed."""

    def save(application, *scopes, **changes):
        form = admin_client.get(page_of(application)).context["adminform"].form
        values = {name: form[name].value() for name in form.fields}
        values |= {"scopes": [ScopeFactory(name=name).pk for name in scopes]} | changes
        kept = {name: value for name, value in values.items() if value not in (None, False, "", [])}
        return admin_client.post(page_of(application), kept)

    return save


@pytest.fixture
def confirm(admin_client):
    """Answer the page that asks as a browser does, with everything it carries."""

    def confirm(asked, application, **changes):
        sent = asked.context["sent"]
        form = {name: [value for other, value in sent if other == name] for name, _ in sent}
        return admin_client.post(page_of(application), form | changes)

    return confirm


@pytest.fixture
def allowed(application, authorization):
    """An application that its user allowed two scopes."""
    return application


def names(application):
    return set(application.scopes.values_list("name", flat=True))


def test_narrowing_is_not_saved_at_once(allowed, save):
    save(allowed, "request:read")
    assert names(allowed) == {"request:read", "request:create"}


def test_narrowing_says_how_many_lose_what(allowed, save):
    authorize(UserFactory(), allowed)
    authorize(UserFactory(), allowed, "request:read")
    said = text(save(allowed, "request:read"))
    scope = '<code translate="no">request:create</code> Use request:create'
    assert f"{scope}: granted by 2 users; no longer effective once saved" in said


def test_narrowing_counts_no_user_who_revoked(allowed, save):
    authorize(UserFactory(), allowed)
    Authorization.objects.filter(user=authorize(UserFactory(), allowed).user).update(revoked_at="2026-01-01T00:00Z")
    assert "granted by 2 users; no longer effective once saved" in text(save(allowed, "request:read"))


def test_a_scope_whose_name_is_part_of_another_s_is_not_counted(allowed, save):
    Authorization.objects.update(scopes="request:creates request:read")
    assert "granted by 0 users" in text(save(allowed, "request:read"))


def test_confirmed_narrowing_is_saved(allowed, save, confirm):
    confirm(save(allowed, "request:read"), allowed)
    assert names(allowed) == {"request:read"}


def test_widening_is_not_saved_at_once(allowed, save):
    save(allowed, "request:read", "request:create", "request:update")
    assert names(allowed) == {"request:read", "request:create"}


def test_widening_says_how_many_are_asked_again(allowed, save):
    authorize(UserFactory(), allowed)
    said = text(save(allowed, "request:read", "request:create", "request:update"))
    assert "2 users will be asked again" in said


def test_widening_counts_no_user_who_has_it_already(allowed, save):
    authorize(UserFactory(), allowed)
    allowed.scopes.remove(Scope.objects.get(name="request:create"))
    Authorization.objects.filter(pk=Authorization.objects.first().pk).update(scopes="request:read")
    assert "1 user will be asked again" in text(save(allowed, "request:read", "request:create"))


def test_widening_does_not_count_users_who_withdrew_the_scope(allowed, save):
    Authorization.objects.update(scopes="request:read", withdrawn_scopes="request:update")
    assert "0 users will be asked again" in text(save(allowed, "request:read", "request:create", "request:update"))


def test_users_of_a_trusted_application_are_not_asked(allowed, save):
    Application.objects.update(skip_authorization=True)
    assert "is not asked, because" in text(save(allowed, "request:read", "request:create", "request:update"))


def test_confirmed_widening_is_saved(allowed, save, confirm):
    confirm(save(allowed, "request:read", "request:create", "request:update"), allowed)
    assert names(allowed) == {"request:read", "request:create", "request:update"}


def test_disabling_asks_for_confirmation(allowed, token, save, opens_the_api):
    said = text(save(allowed, "request:read", "request:create", disabled="on"))
    assert "1 valid code or token" in said
    assert opens_the_api(token)


def test_confirmed_disabling_revokes_the_tokens(allowed, token, save, confirm, opens_the_api):
    confirm(save(allowed, "request:read", "request:create", disabled="on"), allowed)
    assert not opens_the_api(token)


def test_linked_user_is_named(save):
    application = LinkedApplicationFactory(scopes=["request:read"], linked_user=UserFactory(username="robot"))
    authorize(UserFactory(), application)
    assert "For its linked user robot" in text(save(application, "request:read", "request:create"))


@pytest.mark.parametrize("changes", [{}, {"name": "Acme Board"}], ids=["nothing", "name"])
def test_change_without_effect_on_users_is_saved_at_once(allowed, save, changes):
    assert save(allowed, "request:read", "request:create", **changes).status_code == 302


def test_change_of_an_application_without_users_is_saved_at_once(application, save):
    assert save(application, "request:read").status_code == 302


def test_disabling_an_application_without_tokens_is_saved_at_once(application, save):
    assert save(application, "request:read", "request:create", disabled="on").status_code == 302


@pytest.fixture
def without_users(db):
    """An application that no user allowed, and that has a token of its own."""
    application = LinkedApplicationFactory(scopes=["request:read", "request:create"])
    mint_own_access_token(application)
    return application


def test_disabling_with_only_client_credentials_tokens_asks_for_confirmation(without_users, save):
    said = text(save(without_users, "request:read", "request:create", disabled="on"))
    assert "1 valid code or token" in said


def test_disabling_with_only_client_credentials_tokens_is_not_saved_at_once(without_users, save):
    save(without_users, "request:read", "request:create", disabled="on")
    without_users.refresh_from_db()
    assert not without_users.disabled


def test_narrowing_with_only_client_credentials_tokens_is_saved_at_once(without_users, save):
    save(without_users, "request:read")
    assert names(without_users) == {"request:read"}


def test_retired_scope_is_unticked_at_once(allowed, save):
    Scope.objects.filter(name="request:create").update(retired=True)
    assert save(allowed, "request:read").status_code == 302


def test_form_errors_come_before_the_confirmation(allowed, save):
    assert "Please correct the error below." in text(save(allowed, "request:read", name=" "))


def test_rest_of_the_form_is_kept(allowed, save, confirm):
    confirm(save(allowed, "request:read", description="Line 1\r\nLine 2", name="Acme Board"), allowed)
    allowed.refresh_from_db()
    assert (allowed.description, allowed.name) == ("Line 1\r\nLine 2", "Acme Board")


def test_button_that_was_pressed_is_kept(allowed, save, confirm):
    answer = confirm(save(allowed, "request:read", _continue="1"), allowed)
    assert answer["Location"] == page_of(allowed)


def test_file_is_kept(allowed, save, confirm):
    logo = SimpleUploadedFile("acme.png", PIXEL)
    confirm(save(allowed, "request:read", logo=logo), allowed)
    allowed.refresh_from_db()
    assert allowed.logo.read() == PIXEL


def test_second_confirmation_keeps_the_uploaded_file(allowed, save, confirm):
    asked = save(allowed, "request:read", logo=SimpleUploadedFile("acme.png", PIXEL))
    allowed.scopes.add(ScopeFactory(name="request:update"))
    again = confirm(asked, allowed)
    assert "Nothing is saved yet." in text(again)
    confirm(again, allowed)
    allowed.refresh_from_db()
    assert allowed.logo.read() == PIXEL


def test_file_kept_by_the_confirmation_is_validated(allowed, save, confirm):
    asked = save(allowed, "request:read", logo=SimpleUploadedFile("acme.png", PIXEL))
    answer = confirm(asked, allowed, carried_logo_name="acme.svg")
    assert answer.context["adminform"].form.errors["logo"]


def test_malformed_file_in_the_confirmation_is_ignored(allowed, save, confirm):
    asked = save(allowed, "request:read", logo=SimpleUploadedFile("acme.png", PIXEL))
    assert confirm(asked, allowed, carried_logo="%").status_code == 302


def test_file_too_large_to_be_a_logo_is_refused(allowed, save):
    logo = SimpleUploadedFile("acme.png", BytesIO(b"x" * (512 * 1024 + 1)).read())
    assert "Choose a file of at most 512 kB" in text(save(allowed, "request:read", "request:create", logo=logo))


def test_confirmation_of_one_change_does_not_confirm_another(allowed, save, confirm):
    asked = save(allowed, "request:read")
    allowed.scopes.add(ScopeFactory(name="request:update"))
    assert "Nothing is saved yet." in text(confirm(asked, allowed))


def test_user_without_change_permission_gets_no_confirmation_page(staff, allowed):
    assert staff("view_application").post(page_of(allowed), {"confirmed": "-request:create"}).status_code == 403
