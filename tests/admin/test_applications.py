import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from fourme_oauth import client_secrets
from fourme_oauth.actor import Actor
from fourme_oauth.admin.application_form import ApplicationForm
from fourme_oauth.models import Application, AuditEvent, Authorization, ClientSecret, Scope
from tests.factories import (
    ApplicationFactory,
    PublicApplicationFactory,
    ScopeFactory,
    mint_access_token,
    mint_code,
    mint_refresh_token,
)

LIST = "/admin/fourme_oauth/application/"
ADD = f"{LIST}add/"
DAY = timedelta(days=1)


def change(application):
    return f"{LIST}{application.pk}/change/"


def text_of(response, element_id):
    """The text of the element with this ``id``, or ``None``."""
    found = re.search(rf'id="{element_id}">([^<]*)<', response.content.decode())
    return found and found[1]


def errors_beside(response, field):
    """The error messages that the page shows at ``field``."""
    form = response.context["adminform"].form
    return list(form.errors.get(field, []))


@pytest.fixture
def filled_in(db):
    """The form for a new application, filled in; without its unticked boxes, as a browser sends it."""
    return {
        "name": "Acme Dashboard",
        "publisher": "Acme",
        "homepage": "https://acme.example/",
        "description": "Shows your requests.",
        "client_type": "confidential",
        "authorization_grant_type": "authorization-code",
        "redirect_uris": "https://acme.example/callback\r\nhttp://127.0.0.1:8000/callback",
        "scopes": [ScopeFactory(name=name).pk for name in ("request:read", "request:create")],
    }


@pytest.fixture
def sent_back():
    """The form of an application as a browser sends it back when only ``changes`` were made."""

    def sent_back(browser, application, **changes):
        form = browser.get(change(application)).context["adminform"].form
        offered = set(form.fields["scopes"].queryset.values_list("pk", flat=True))
        values = {name: form[name].value() for name in form.fields}
        values["scopes"] = [pk for pk in values["scopes"] if pk in offered]
        values |= changes
        return {name: value for name, value in values.items() if value not in (None, False, "")}

    return sent_back


# Registering


def test_registering_answers_at_once_without_a_redirect(admin_client, filled_in):
    assert admin_client.post(ADD, filled_in).status_code == 200


def test_registering_shows_the_client_id(admin_client, filled_in):
    response = admin_client.post(ADD, filled_in)
    assert text_of(response, "client-id") == Application.objects.get().client_id


def test_registering_shows_a_secret_that_works(admin_client, filled_in):
    shown = text_of(admin_client.post(ADD, filled_in), "client-secret")
    secret = ClientSecret.objects.get()
    assert client_secrets.verify(secret.application, shown, now=secret.issued_at)


def in_30_days():
    return timezone.localdate() + timedelta(days=30)


def test_first_secret_works_to_the_end_of_its_last_day(admin_client, filled_in):
    response = admin_client.post(ADD, filled_in | {"secret_last_day": in_30_days().isoformat()})
    secret = ClientSecret.objects.get()
    shown, moment = text_of(response, "client-secret"), timedelta(microseconds=1)
    assert timezone.localtime(secret.expires_at - moment).date() == in_30_days()
    works = [
        client_secrets.verify(secret.application, shown, now=secret.expires_at - each) for each in (moment, 0 * DAY)
    ]
    assert works == [True, False]


def test_answer_says_when_the_first_secret_ends(admin_client, filled_in):
    response = admin_client.post(ADD, filled_in | {"secret_last_day": in_30_days().isoformat()})
    assert date_format(in_30_days() + DAY, "DATE_FORMAT") in response.content.decode()


def test_first_secret_without_a_last_day_never_expires(admin_client, filled_in):
    admin_client.post(ADD, filled_in | {"secret_last_day": ""})
    assert ClientSecret.objects.get().expires_at is None


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2020-01-01", "That day has passed."),
        ("9999-12-31", "That day is too far ahead."),
        ("tomorrow", "Enter a valid date."),
    ],
    ids=["passed", "far ahead", "junk"],
)
def test_last_day_that_can_not_be_is_refused_beside_the_field(admin_client, filled_in, day, reason):
    response = admin_client.post(ADD, filled_in | {"secret_last_day": day})
    assert errors_beside(response, "secret_last_day") == [reason]
    assert not Application.objects.exists()


def test_today_is_a_last_day(admin_client, filled_in):
    admin_client.post(ADD, filled_in | {"secret_last_day": timezone.localdate().isoformat()})
    assert ClientSecret.objects.get().is_live(timezone.now())


def test_last_day_of_a_public_application_is_refused_beside_the_field(admin_client, filled_in):
    form = filled_in | {"client_type": "public", "secret_last_day": in_30_days().isoformat()}
    reason = "A public application has no secret. Leave this empty."
    assert errors_beside(admin_client.post(ADD, form), "secret_last_day") == [reason]
    assert not Application.objects.exists()


def test_public_application_without_a_last_day_is_registered(admin_client, filled_in):
    admin_client.post(ADD, filled_in | {"client_type": "public", "secret_last_day": ""})
    assert Application.objects.get().is_public


def test_who_may_not_issue_is_not_asked_for_a_last_day(staff, filled_in):
    browser = staff("view_application", "add_application")
    assert "secret_last_day" not in browser.get(ADD).content.decode()
    browser.post(ADD, filled_in | {"secret_last_day": in_30_days().isoformat()})
    assert Application.objects.exists()
    assert not ClientSecret.objects.exists()


def test_who_may_issue_is_asked_for_a_last_day(staff):
    browser = staff("view_application", "add_application", "issue_client_secret")
    assert "secret_last_day" in browser.get(ADD).content.decode()


def test_last_day_is_asked_for_when_registering_only(admin_client, application):
    assert "secret_last_day" not in admin_client.get(change(application)).content.decode()


def test_response_with_the_secret_is_not_cached(admin_client, filled_in):
    assert "no-store" in admin_client.post(ADD, filled_in)["Cache-Control"]


def test_registering_says_that_the_secret_is_shown_only_once(admin_client, filled_in):
    assert "It will not be shown again." in admin_client.post(ADD, filled_in).content.decode()


def test_registering_issues_one_secret(admin_client, filled_in):
    admin_client.post(ADD, filled_in)
    assert ClientSecret.objects.count() == 1


def test_registering_takes_redirect_uris_one_per_line(admin_client, filled_in):
    admin_client.post(ADD, filled_in)
    assert Application.objects.get().redirect_uris == "https://acme.example/callback\nhttp://127.0.0.1:8000/callback"


def test_registering_takes_the_ticked_scopes(admin_client, filled_in):
    admin_client.post(ADD, filled_in)
    names = Application.objects.get().scopes.values_list("name", flat=True)
    assert set(names) == {"request:read", "request:create"}


def test_registering_without_a_ticked_scope_allows_nothing(admin_client, filled_in):
    admin_client.post(ADD, filled_in | {"scopes": []})
    assert not Application.objects.get().scopes.exists()


def test_registering_stores_who_registered(admin_client, admin_user, filled_in):
    admin_client.post(ADD, filled_in)
    assert Application.objects.get().user == admin_user


def test_registering_is_audited(admin_client, admin_user, filled_in):
    admin_client.post(ADD, filled_in)
    assert AuditEvent.objects.get(kind=AuditEvent.Kind.APPLICATION_REGISTERED).by == admin_user


def test_issuing_the_secret_is_audited(admin_client, admin_user, filled_in):
    admin_client.post(ADD, filled_in)
    assert AuditEvent.objects.get(kind=AuditEvent.Kind.SECRET_ISSUED).by == admin_user


@pytest.fixture
def form(admin_user, filled_in):
    return type("Form", (ApplicationForm,), {"by": Actor(admin_user)})(filled_in)


def test_form_that_is_saved_at_once_is_audited_with_its_scopes(form, admin_user):
    form.save()
    event = AuditEvent.objects.get(kind=AuditEvent.Kind.APPLICATION_REGISTERED, by=admin_user)
    assert event.details["changes"]["scopes"] == [None, ["request:create", "request:read"]]


def test_form_whose_row_is_not_stored_yet_records_nothing(form):
    form.save(commit=False)
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("button", ["_continue", "_addanother", "_popup"])
def test_every_way_to_save_shows_the_secret(admin_client, filled_in, button):
    assert text_of(admin_client.post(ADD, filled_in | {button: "1"}), "client-secret")


def test_application_that_acts_as_a_linked_user_is_registered(admin_client, filled_in, user):
    own = {"authorization_grant_type": "client-credentials", "redirect_uris": "", "linked_user": user.pk}
    admin_client.post(ADD, filled_in | own)
    assert Application.objects.get().linked_user == user


@pytest.fixture
def public(filled_in):
    return filled_in | {"client_type": "public", "redirect_uris": "com.example.acme:/callback"}


def test_public_application_is_shown_its_client_id(admin_client, public):
    response = admin_client.post(ADD, public)
    assert text_of(response, "client-id") == Application.objects.get().client_id


def test_public_application_is_shown_no_secret(admin_client, public):
    assert text_of(admin_client.post(ADD, public), "client-secret") is None


def test_page_of_a_public_application_says_that_it_has_no_secret(admin_client, public):
    assert "A public application has no secret." in admin_client.post(ADD, public).content.decode()


def test_public_application_has_no_secret(admin_client, public):
    admin_client.post(ADD, public)
    assert not ClientSecret.objects.exists()


def test_name_with_markup_is_shown_as_text(admin_client, filled_in):
    response = admin_client.post(ADD, filled_in | {"name": "<b>Acme</b>"})
    assert "<b>Acme" not in response.content.decode()


def test_form_offers_the_catalogue_with_its_wording(admin_client, filled_in):
    assert "request:read: Use request:read" in admin_client.get(ADD).content.decode()


def test_form_does_not_offer_retired_scopes(admin_client, filled_in):
    Scope.objects.filter(name="request:read").update(retired=True)
    assert "request:read" not in admin_client.get(ADD).content.decode()


def test_form_offers_the_two_grants_and_no_other(admin_client):
    offered = dict(admin_client.get(ADD).context["adminform"].form.fields["authorization_grant_type"].choices)
    assert set(offered) == {"authorization-code", "client-credentials"}


@pytest.mark.parametrize(
    "grant", ["implicit", "password", "openid-hybrid", "urn:ietf:params:oauth:grant-type:device_code"]
)
def test_other_grants_are_refused(admin_client, filled_in, grant):
    response = admin_client.post(ADD, filled_in | {"authorization_grant_type": grant})
    assert errors_beside(response, "authorization_grant_type")


# Validation errors, at their field

MISTAKES = [
    ("redirect_uris", {"redirect_uris": "https://acme.example/callback#fragment"}),
    ("redirect_uris", {"redirect_uris": "http://acme.example/callback"}),
    ("redirect_uris", {"redirect_uris": "https://*.acme.example/callback"}),
    ("redirect_uris", {"redirect_uris": "https://acme.example/callback\njavascript:alert(1)"}),
    ("redirect_uris", {"redirect_uris": ""}),
    ("name", {"name": ""}),
    ("name", {"name": "   "}),
    ("linked_user", {"authorization_grant_type": "client-credentials", "linked_user": ""}),
    ("client_type", {"authorization_grant_type": "client-credentials", "client_type": "public"}),
    ("client_type", {"client_type": "trusted"}),
    ("homepage", {"homepage": "javascript:alert(1)"}),
    ("scopes", {"scopes": [0]}),
]


@pytest.mark.parametrize(("field", "mistake"), MISTAKES)
def test_error_is_shown_at_its_field(admin_client, filled_in, field, mistake):
    assert errors_beside(admin_client.post(ADD, filled_in | mistake), field)


@pytest.mark.parametrize(("field", "mistake"), MISTAKES)
def test_invalid_form_registers_nothing(admin_client, filled_in, field, mistake):
    admin_client.post(ADD, filled_in | mistake)
    assert not Application.objects.exists()


def test_redirect_uri_error_quotes_the_uri(admin_client, filled_in):
    response = admin_client.post(ADD, filled_in | {"redirect_uris": "http://acme.example/callback"})
    expected = "Line 1: http://acme.example/callback must use https; http is for loopback addresses."
    assert errors_beside(response, "redirect_uris") == [expected]


def test_each_redirect_uri_error_quotes_its_line(admin_client, filled_in):
    lines = "https://a.example/\r\n\r\nhttps://b.example/#x\r\nhttps://u:p@c.example/\r\nhttps://*.d.example/"
    assert errors_beside(admin_client.post(ADD, filled_in | {"redirect_uris": lines}), "redirect_uris") == [
        "Line 3: https://b.example/#x has a fragment, which RFC 6749 section 3.1.2 forbids.",
        "Line 4: https://u:p@c.example/ carries a user name or password.",
        "Line 5: https://*.d.example/ has a wildcard; redirect URIs are compared character by character.",
    ]


def test_explanation_is_on_the_page(admin_client, filled_in):
    response = admin_client.post(ADD, filled_in | {"redirect_uris": "http://acme.example/callback"})
    assert "must use https; http is for loopback addresses." in response.content.decode()


# Permissions to register


def test_who_may_add_can_register(staff, filled_in):
    staff("add_application").post(ADD, filled_in)
    assert Application.objects.exists()


def test_who_may_add_and_issue_is_shown_the_secret(staff, filled_in):
    assert text_of(staff("add_application", "issue_client_secret").post(ADD, filled_in), "client-secret")


def test_who_may_add_and_not_issue_registers_an_application_without_a_secret(staff, filled_in):
    staff("add_application").post(ADD, filled_in)
    assert not ClientSecret.objects.exists()


def test_user_who_may_not_issue_sees_which_permission_is_needed(staff, filled_in):
    said = staff("add_application").post(ADD, filled_in).content.decode()
    assert "Somebody with the permission “Can issue and retire client secrets” can do that" in said


def test_user_who_may_not_view_is_not_redirected_to_the_application(staff, filled_in):
    browser = staff("add_application")
    browser.post(ADD, filled_in)
    assert change(Application.objects.get()) not in browser.post(ADD, filled_in).content.decode()


def test_who_may_only_view_can_not_register(staff, filled_in):
    assert staff("view_application").post(ADD, filled_in).status_code == 403


def test_who_may_only_view_registers_nothing(staff, filled_in):
    staff("view_application").post(ADD, filled_in)
    assert not Application.objects.exists()


def test_registering_needs_a_csrf_token(admin_user, filled_in):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(admin_user)
    assert browser.post(ADD, filled_in).status_code == 403


# Changing


@pytest.fixture
def registered(admin_client, filled_in):
    """An application that was registered through the form, with every field filled in."""
    admin_client.post(ADD, filled_in | {"require_pkce": "on", "skip_authorization": "on"})
    return Application.objects.get()


def everything_stored(application):
    row = Application.objects.filter(pk=application.pk).values().get()
    del row["updated"]
    return row | {"scopes": sorted(application.scopes.values_list("name", flat=True))}


def test_saving_without_a_change_keeps_everything(admin_client, registered, sent_back):
    before = everything_stored(registered)
    admin_client.post(change(registered), sent_back(admin_client, registered))
    assert everything_stored(registered) == before


def test_saving_a_change_keeps_everything_else(admin_client, registered, sent_back):
    before = everything_stored(registered)
    admin_client.post(change(registered), sent_back(admin_client, registered, name="Acme Board"))
    assert everything_stored(registered) == before | {"name": "Acme Board"}


def test_saving_keeps_the_tokens(admin_client, application, token, sent_back, opens_the_api):
    admin_client.post(change(application), sent_back(admin_client, application, name="Acme Board"))
    assert opens_the_api(token)


def test_saving_keeps_the_secret(admin_client, application, secret, sent_back):
    before = list(ClientSecret.objects.values())
    admin_client.post(change(application), sent_back(admin_client, application, name="Acme Board"))
    assert list(ClientSecret.objects.values()) == before


def test_saving_keeps_a_retired_scope_ticked(admin_client, application, sent_back):
    Scope.objects.filter(name="request:read").update(retired=True)
    admin_client.post(change(application), sent_back(admin_client, application, name="Acme Board"))
    assert application.scopes.filter(name="request:read").exists()


def test_retired_scope_can_be_unticked(admin_client, application, sent_back):
    Scope.objects.filter(name="request:read").update(retired=True)
    admin_client.post(change(application), sent_back(admin_client, application, scopes=[]))
    assert not application.scopes.exists()


def test_retired_scope_can_not_be_ticked(admin_client, application, sent_back):
    retired = ScopeFactory(name="request:close", retired=True).pk
    response = admin_client.post(change(application), sent_back(admin_client, application, scopes=[retired]))
    assert errors_beside(response, "scopes")


def test_unticked_scope_is_no_longer_allowed(admin_client, application, sent_back):
    kept = Scope.objects.get(name="request:read").pk
    admin_client.post(change(application), sent_back(admin_client, application, scopes=[kept]))
    assert [scope.name for scope in application.scopes.all()] == ["request:read"]


def test_change_is_audited_with_old_and_new_value(admin_client, application, sent_back):
    before = application.name
    admin_client.post(change(application), sent_back(admin_client, application, name="Acme Board"))
    event = AuditEvent.objects.get(kind=AuditEvent.Kind.APPLICATION_CHANGED)
    assert event.details == {"changes": {"name": [before, "Acme Board"]}}


def test_changing_the_scopes_is_audited_with_their_names(admin_client, application, sent_back):
    kept = application.scopes.get(name="request:read").pk
    admin_client.post(change(application), sent_back(admin_client, application, scopes=[kept]))
    event = AuditEvent.objects.get(kind=AuditEvent.Kind.APPLICATION_CHANGED)
    assert event.details == {"changes": {"scopes": [["request:create", "request:read"], ["request:read"]]}}


def test_enabling_is_audited(admin_client, admin_user, application, sent_back):
    Application.objects.filter(pk=application.pk).update(disabled=True)
    admin_client.post(change(application), sent_back(admin_client, application, disabled=""))
    assert AuditEvent.objects.get(kind=AuditEvent.Kind.APPLICATION_ENABLED).by == admin_user


def test_changing_without_enabling_is_not_audited_as_enabling(admin_client, application, sent_back):
    admin_client.post(change(application), sent_back(admin_client, application, name="Acme Board"))
    assert not AuditEvent.objects.filter(kind=AuditEvent.Kind.APPLICATION_ENABLED).exists()


def test_change_is_audited_with_the_client_ip_where_the_site_keeps_it(admin_client, application, sent_back, settings):
    settings.FOURME_OAUTH = {"KEEP_IP_ADDRESSES": True}
    admin_client.post(change(application), sent_back(admin_client, application, name="Acme Board"))
    assert AuditEvent.objects.get(kind=AuditEvent.Kind.APPLICATION_CHANGED).ip_address == "127.0.0.1"


def test_client_id_stays_whatever_is_sent(admin_client, application, sent_back):
    before = application.client_id
    admin_client.post(change(application), sent_back(admin_client, application, client_id="mine"))
    application.refresh_from_db()
    assert application.client_id == before


def test_client_type_stays_whatever_is_sent(admin_client, application, sent_back):
    admin_client.post(change(application), sent_back(admin_client, application, client_type="public"))
    application.refresh_from_db()
    assert application.client_type == "confidential"


def test_public_application_can_not_become_one_with_credentials_of_its_own(admin_client, sent_back, user):
    application = PublicApplicationFactory()
    own = {"authorization_grant_type": "client-credentials", "linked_user": user.pk}
    response = admin_client.post(change(application), sent_back(admin_client, application, **own))
    assert errors_beside(response, "client_type")


def test_confidential_application_can_become_one_with_credentials_of_its_own(
    admin_client, application, sent_back, user
):
    own = {"authorization_grant_type": "client-credentials", "linked_user": user.pk}
    response = admin_client.post(change(application), sent_back(admin_client, application, **own))
    assert response.status_code == 302


def test_who_may_only_view_can_not_change(staff, application):
    assert staff("view_application").post(change(application), {"name": "Acme Board"}).status_code == 403


def test_who_may_only_view_sees_the_application(staff, application):
    assert application.client_id in staff("view_application").get(change(application)).content.decode()


# Disabling and enabling


@pytest.fixture
def switch_off(admin_client, application, sent_back):
    def switch_off():
        confirmed = {"confirmed": "disable"}
        return admin_client.post(change(application), sent_back(admin_client, application, disabled="on") | confirmed)

    return switch_off


@pytest.fixture
def switch_on(admin_client, application, sent_back):
    def switch_on():
        return admin_client.post(change(application), sent_back(admin_client, application, disabled=""))

    return switch_on


def test_token_is_valid_before_its_application_is_disabled(token, opens_the_api):
    assert opens_the_api(token)


def test_disabling_ends_access_tokens(token, switch_off, opens_the_api):
    switch_off()
    assert not opens_the_api(token)


def test_enabling_revives_no_access_token(token, switch_off, switch_on, opens_the_api):
    switch_off()
    switch_on()
    assert not opens_the_api(token)


def test_access_token_issued_after_enabling_is_valid(authorization, switch_off, switch_on, opens_the_api):
    switch_off()
    switch_on()
    authorization.application.refresh_from_db()
    assert opens_the_api(mint_access_token(authorization))


def test_refresh_token_works_before_its_application_is_disabled(authorization, third_party):
    assert third_party.refresh(mint_refresh_token(authorization)).status_code == 200


def test_enabling_revives_no_refresh_token(authorization, third_party, switch_off, switch_on):
    refresh_token = mint_refresh_token(authorization)
    switch_off()
    switch_on()
    assert third_party.refresh(refresh_token).json()["error"] == "invalid_grant"


def test_code_works_before_its_application_is_disabled(authorization, third_party):
    assert third_party.exchange(mint_code(authorization)).status_code == 200


def test_enabling_revives_no_code(authorization, third_party, switch_off, switch_on):
    code = mint_code(authorization)
    switch_off()
    switch_on()
    assert third_party.exchange(code).json()["error"] == "invalid_grant"


def test_disabling_is_audited_with_who_did_it(admin_user, application, switch_off):
    switch_off()
    assert AuditEvent.objects.get(kind=AuditEvent.Kind.APPLICATION_DISABLED).by == admin_user


def test_disabling_counts_what_it_ended(token, switch_off):
    switch_off()
    event = AuditEvent.objects.get(kind=AuditEvent.Kind.APPLICATION_DISABLED)
    assert event.details == {"codes": 0, "refresh_tokens": 0, "access_tokens": 1}


def test_saving_a_disabled_application_is_not_audited_as_disabling_again(
    admin_client, application, switch_off, sent_back
):
    switch_off()
    admin_client.post(change(application), sent_back(admin_client, application, name="Acme Board"))
    assert AuditEvent.objects.filter(kind=AuditEvent.Kind.APPLICATION_DISABLED).count() == 1


def test_authorizations_are_not_revoked_while_the_application_is_disabled(authorization, switch_off):
    switch_off()
    authorization.refresh_from_db()
    assert authorization.revoked_at is None


# Deleting


@pytest.fixture
def delete(admin_client, application):
    def delete():
        return admin_client.post(f"{LIST}{application.pk}/delete/", {"post": "yes"})

    return delete


def test_application_can_be_deleted(application, delete):
    delete()
    assert not Application.objects.exists()


def test_application_that_holds_tokens_can_be_deleted(application, authorization, token, delete):
    mint_refresh_token(authorization)
    delete()
    assert not Application.objects.exists()


def test_deleting_keeps_what_the_user_once_allowed(authorization, delete):
    delete()
    assert Authorization.objects.get().revoked_at is not None


def test_deleting_keeps_the_audit_trail(application, authorization, delete):
    delete()
    assert AuditEvent.objects.filter(client_id=application.client_id).exists()


def test_deleting_many_ends_what_the_users_allowed(admin_client, application, authorization):
    selected = {"action": "delete_selected", "_selected_action": [application.pk], "post": "yes"}
    admin_client.post(LIST, selected)
    assert Authorization.objects.get().revoked_at is not None


def test_who_may_not_delete_can_not_delete(staff, application):
    browser = staff("view_application", "change_application")
    assert browser.post(f"{LIST}{application.pk}/delete/", {"post": "yes"}).status_code == 403


# What the pages do not show


def test_page_has_the_client_id(admin_client, application):
    assert application.client_id in admin_client.get(change(application)).content.decode()


def test_page_does_not_have_the_secret(admin_client, application, secret):
    assert secret not in admin_client.get(change(application)).content.decode()


def test_page_does_not_have_the_hash_of_the_secret(admin_client, application, secret):
    digest = ClientSecret.objects.get().digest.rpartition("$")[2]
    assert digest not in admin_client.get(change(application)).content.decode()


def test_page_does_not_have_the_toolkits_column_for_a_secret(admin_client, application):
    assert "client_secret" not in admin_client.get(change(application)).context["adminform"].form.fields


def test_application_is_found_by_its_client_id(admin_client, application):
    ApplicationFactory()
    assert list(admin_client.get(LIST, {"q": application.client_id}).context["cl"].queryset) == [application]


def test_application_can_not_be_found_by_the_hash_of_its_secret(admin_client, application, secret):
    assert admin_client.get(LIST, {"client_secrets__digest__startswith": "sha256$"}).status_code == 400


def test_log_of_the_administration_names_what_was_registered(admin_client, filled_in):
    admin_client.post(ADD, filled_in)
    assert LogEntry.objects.get().object_repr == "Acme Dashboard"


def test_page_has_no_link_to_a_page_of_the_toolkit(admin_client, application):
    assert "viewsitelink" not in admin_client.get(change(application)).content.decode()


# Grants, origins and lifetimes


def test_application_with_both_grants_is_registered(admin_client, filled_in, user):
    admin_client.post(ADD, filled_in | {"client_credentials": "on", "linked_user": user.pk})
    application = Application.objects.get()
    assert (application.client_credentials, application.linked_user) == (True, user)


def test_application_with_both_grants_and_no_linked_user_is_refused(admin_client, filled_in):
    response = admin_client.post(ADD, filled_in | {"client_credentials": "on"})
    assert errors_beside(response, "linked_user") == ["Choose the user whom the application acts as."]


def test_linking_a_user_is_in_the_audit_trail(admin_client, admin_user, filled_in, user):
    admin_client.post(ADD, filled_in | {"client_credentials": "on", "linked_user": user.pk})
    event = AuditEvent.objects.get(kind=AuditEvent.Kind.USER_LINKED)
    assert (event.user, event.by) == (user, admin_user)


def test_audit_trail_records_the_client_ip_of_a_registration(admin_client, filled_in, settings, user):
    settings.FOURME_OAUTH = {"KEEP_IP_ADDRESSES": True}
    admin_client.post(ADD, filled_in | {"client_credentials": "on", "linked_user": user.pk})
    kinds = AuditEvent.Kind
    assert {event.kind: event.ip_address for event in AuditEvent.objects.all()} == dict.fromkeys(
        [kinds.USER_LINKED, kinds.APPLICATION_REGISTERED, kinds.SECRET_ISSUED], "127.0.0.1"
    )


def test_without_a_linked_user_there_is_nothing_about_one_in_the_audit_trail(admin_client, filled_in):
    admin_client.post(ADD, filled_in)
    assert not AuditEvent.objects.filter(kind=AuditEvent.Kind.USER_LINKED).exists()


def test_origins_are_stored_one_per_line(admin_client, filled_in):
    origins = {"client_type": "public", "allowed_origins": "https://a.example \r\n\r\nhttps://b.example"}
    admin_client.post(ADD, filled_in | origins)
    assert Application.objects.get().allowed_origins == "https://a.example\nhttps://b.example"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("allowed_origins", "https://a.example/path"),
        ("access_token_seconds", "3601"),
        ("access_token_seconds", "0"),
        ("refresh_token_seconds", "-1"),
        ("refresh_token_seconds", "99999999999999999999"),
    ],
)
def test_invalid_value_is_a_field_error(admin_client, filled_in, field, value):
    assert errors_beside(admin_client.post(ADD, filled_in | {field: value}), field) != []
