"""Disabling an application and ending all its access: one, and several."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from fourme_oauth.models import AuditEvent, Authorization
from tests.factories import ApplicationFactory, UserFactory, authorize, mint_access_token

LIST = "/admin/fourme_oauth/application/"
WAYS = ["disable", "end-access"]
ACTIONS = ["disable_selected", "end_access_of_selected"]
END_ACCESS = ["view_application", "revoke_authorization"]


def at(application, way):
    return f"{LIST}{application.pk}/{way}/"


def text(response):
    return re.sub(r"\s+", " ", response.content.decode()).replace("\xa0", " ")


@pytest.fixture
def in_use(application, authorization, token):
    """An application with a user, a token, and a call three days ago."""
    Authorization.objects.update(last_used_at=timezone.now() - timedelta(days=3))
    return application


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("hit", ["authorized by 1 user", "1 valid code or token", "last used 3 days ago"])
def test_confirmation_page_names_what_is_affected(admin_client, in_use, way, hit):
    assert hit in text(admin_client.get(at(in_use, way)))


@pytest.mark.parametrize("way", WAYS)
def test_page_says_that_nothing_was_called_yet(admin_client, application, way):
    assert "not used yet" in text(admin_client.get(at(application, way)))


@pytest.mark.parametrize("way", WAYS)
def test_page_ends_nothing(admin_client, in_use, token, opens_the_api, way):
    admin_client.get(at(in_use, way))
    assert opens_the_api(token)


@pytest.mark.parametrize("way", WAYS)
def test_confirming_revokes_the_tokens(admin_client, in_use, token, opens_the_api, way):
    admin_client.post(at(in_use, way))
    assert not opens_the_api(token)


def test_disabling_leaves_what_users_allowed(admin_client, in_use):
    admin_client.post(at(in_use, "disable"))
    assert Authorization.objects.standing().exists()


def test_ending_all_access_revokes_what_users_allowed(admin_client, in_use):
    admin_client.post(at(in_use, "end-access"))
    assert not Authorization.objects.standing().exists()


def test_disabling_disables(admin_client, in_use):
    admin_client.post(at(in_use, "disable"))
    in_use.refresh_from_db()
    assert in_use.disabled


def test_ending_all_access_does_not_disable(admin_client, in_use):
    admin_client.post(at(in_use, "end-access"))
    in_use.refresh_from_db()
    assert not in_use.disabled


@pytest.mark.parametrize(("way", "kind"), [("disable", "application_disabled"), ("end-access", "application_ended")])
def test_it_is_audited_with_who_did_it(admin_client, admin_user, in_use, way, kind):
    admin_client.post(at(in_use, way))
    assert AuditEvent.objects.get(kind=kind).by == admin_user


@pytest.mark.parametrize("way", WAYS)
def test_message_counts_what_was_revoked(admin_client, in_use, way):
    answer = admin_client.post(at(in_use, way), follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["Done: 1 code or token revoked."]


@pytest.mark.parametrize("way", WAYS)
def test_application_page_links_to_disabling_and_ending_access(admin_client, application, way):
    assert at(application, way) in text(admin_client.get(f"{LIST}{application.pk}/change/"))


def test_disabled_application_page_does_not_link_to_disabling(admin_client):
    application = ApplicationFactory(disabled=True)
    assert at(application, "disable") not in text(admin_client.get(f"{LIST}{application.pk}/change/"))


# Permissions


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    ("way", "held"),
    [
        ("disable", ["view_application"]),
        ("disable", END_ACCESS),
        ("end-access", ["view_application", "change_application"]),
        ("end-access", ["revoke_authorization"]),
    ],
    ids=["disable by viewing", "disable by revoking", "end by changing", "end without viewing"],
)
def test_user_without_permission_is_refused(staff, application, may_revoke, way, held, method):
    assert getattr(staff(*held), method)(at(application, way)).status_code == 403


@pytest.mark.parametrize("way", WAYS)
def test_who_may_only_view_sees_no_button(staff, application, way):
    assert at(application, way) not in text(staff("view_application").get(f"{LIST}{application.pk}/change/"))


@pytest.fixture
def may_revoke(db):
    """Create the permission to revoke where it does not exist yet."""
    content_type = ContentType.objects.get_for_model(Authorization)
    Permission.objects.get_or_create(codename="revoke_authorization", content_type=content_type)


def test_who_may_revoke_ends_all_access(staff, in_use, may_revoke):
    staff(*END_ACCESS).post(at(in_use, "end-access"))
    assert not Authorization.objects.standing().exists()


def test_who_may_change_disables(staff, in_use):
    staff("change_application").post(at(in_use, "disable"))
    in_use.refresh_from_db()
    assert in_use.disabled


# Several


@pytest.fixture
def two(in_use):
    other = ApplicationFactory(scopes=["request:read"])
    return [in_use, other, mint_access_token(authorize(UserFactory(), other))]


def chosen(action, *applications, **more):
    return {"action": action, "_selected_action": [each.pk for each in applications]} | more


@pytest.mark.parametrize("action", ACTIONS)
def test_action_asks_for_confirmation_and_names_what_is_affected(admin_client, two, action):
    assert "authorized by 2 users" in text(admin_client.post(LIST, chosen(action, *two[:2])))


@pytest.mark.parametrize("action", ACTIONS)
def test_action_revokes_nothing_before_it_is_confirmed(admin_client, two, token, opens_the_api, action):
    admin_client.post(LIST, chosen(action, *two[:2]))
    assert opens_the_api(token)


@pytest.mark.parametrize("action", ACTIONS)
def test_confirmed_action_ends_the_tokens_of_all(admin_client, two, token, opens_the_api, action):
    admin_client.post(LIST, chosen(action, *two[:2], confirmed="1"))
    assert not opens_the_api(token)
    assert not opens_the_api(two[2])


@pytest.mark.parametrize("action", ACTIONS)
def test_confirmed_action_leaves_others_alone(admin_client, two, token, opens_the_api, action):
    admin_client.post(LIST, chosen(action, two[1], confirmed="1"))
    assert opens_the_api(token)


@pytest.mark.parametrize("action", ACTIONS)
def test_confirmation_form_posts_the_selected_applications(admin_client, two, token, opens_the_api, action):
    sent = admin_client.post(LIST, chosen(action, two[0], select_across="1", index="0")).context["sent"]
    form = {name: [value for other, value in sent if other == name] for name, _ in sent} | {"confirmed": "1"}
    admin_client.post(LIST, form)
    assert not opens_the_api(two[2]), "everything that the search found was chosen"


@pytest.mark.parametrize("action", ACTIONS)
def test_action_is_not_offered_to_who_may_only_view(staff, application, action):
    assert action not in text(staff("view_application").get(LIST))


@pytest.mark.parametrize("action", ACTIONS)
def test_action_of_who_may_only_view_revokes_nothing(staff, two, token, opens_the_api, action):
    staff("view_application").post(LIST, chosen(action, *two[:2], confirmed="1"))
    assert opens_the_api(token)


def test_many_are_counted_not_named(admin_client):
    many = ApplicationFactory.create_batch(22)
    assert "and 2 more" in text(admin_client.post(LIST, chosen("disable_selected", *many)))


@pytest.mark.parametrize("action", ACTIONS)
def test_action_on_rows_deleted_meanwhile_affects_nothing(admin_client, in_use, action):
    answer = admin_client.post(LIST, {"action": action, "_selected_action": ["0"]})
    assert "authorized by 0 users" in text(answer)


@pytest.mark.parametrize("way", [*WAYS, "secrets/issue", "secrets/legacy/retire"])
def test_page_of_an_application_answers_no_other_method(admin_client, application, way):
    assert admin_client.put(at(application, way)).status_code == 405
