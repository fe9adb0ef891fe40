"""The secrets of an application: the panel, issuing another, retiring one."""

import re
from datetime import timedelta
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from fourme_oauth import client_secrets
from fourme_oauth.actor import Actor
from fourme_oauth.models import AuditEvent, ClientSecret
from tests.factories import ApplicationFactory, LinkedApplicationFactory, PublicApplicationFactory, UserFactory

LIST = "/admin/fourme_oauth/application/"
DAY = timedelta(days=1)


def page_of(application):
    return f"{LIST}{application.pk}/change/"


def issuing(application):
    return f"{LIST}{application.pk}/secrets/issue/"


def retiring(secret):
    return f"{LIST}{secret.application_id}/secrets/{secret.pk}/retire/"


def request_for_another(**more):
    return {"request_key": str(uuid4())} | more


def shown_secret(response):
    found = re.search(r'id="client-secret">([^<]+)<', response.content.decode())
    return found and found[1]


@pytest.fixture
def old(application):
    """A secret of two months, used yesterday."""
    secret = client_secrets.issue(application=application).secret
    now = timezone.now()
    ClientSecret.objects.filter(pk=secret.pk).update(
        issued_at=now - timedelta(days=60), last_used_at=now - timedelta(1)
    )
    return ClientSecret.objects.get(pk=secret.pk)


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


# The panel


def test_panel_has_the_last_four_characters(admin_client, old):
    assert f"…{old.hint}" in text(admin_client.get(page_of(old.application)))


def test_panel_says_when_a_secret_was_last_used(admin_client, old):
    assert "1 day ago" in text(admin_client.get(page_of(old.application))).replace("\xa0", " ")


def test_panel_says_that_a_secret_was_not_used_yet(admin_client, application, secret):
    assert "not yet" in text(admin_client.get(page_of(application)))


def test_panel_says_who_issued_it(admin_client, application):
    client_secrets.issue(application=application, by=Actor(UserFactory(username="grace")))
    assert "by grace" in text(admin_client.get(page_of(application)))


def test_panel_says_when_a_secret_was_retired(admin_client, old):
    client_secrets.retire(secret=old)
    assert "retired on" in text(admin_client.get(page_of(old.application)))


def test_panel_says_that_a_secret_has_expired(admin_client, old):
    ClientSecret.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert "expired" in text(admin_client.get(page_of(old.application)))


def test_panel_says_which_secret_is_safe_to_retire(admin_client, old):
    newer = client_secrets.issue(application=old.application).secret
    now = timezone.now()
    ClientSecret.objects.filter(pk=newer.pk).update(last_used_at=now)
    ClientSecret.objects.filter(pk=old.pk).update(last_used_at=now - timedelta(days=14))
    assert text(admin_client.get(page_of(old.application))).count("safe to retire") == 1


def test_panel_does_not_call_a_secret_in_use_safe_to_retire(admin_client, old):
    client_secrets.issue(application=old.application)
    assert "safe to retire" not in text(admin_client.get(page_of(old.application)))


def test_panel_is_not_there_for_a_public_application(admin_client):
    assert "It has no secret." not in text(admin_client.get(page_of(PublicApplicationFactory())))


def test_panel_says_that_there_is_no_secret(admin_client, application):
    assert "It has no secret." in text(admin_client.get(page_of(application)))


def test_panel_leads_to_another_secret(admin_client, old):
    assert issuing(old.application) in text(admin_client.get(page_of(old.application)))


def test_panel_leads_to_no_third_secret(admin_client, old):
    client_secrets.issue(application=old.application)
    assert issuing(old.application) not in text(admin_client.get(page_of(old.application)))


def test_panel_leads_to_retiring_a_secret_that_works(admin_client, old):
    assert retiring(old) in text(admin_client.get(page_of(old.application)))


def test_panel_does_not_lead_to_retiring_a_retired_secret(admin_client, old):
    client_secrets.retire(secret=old)
    assert retiring(old) not in text(admin_client.get(page_of(old.application)))


def test_who_may_only_view_sees_the_panel(staff, old):
    assert f"…{old.hint}" in text(staff("view_application").get(page_of(old.application)))


@pytest.mark.parametrize("where", [issuing, retiring])
def test_who_may_only_change_sees_no_button(staff, old, where):
    answer = staff("view_application", "change_application").get(page_of(old.application))
    assert where(old.application if where is issuing else old) not in text(answer)


# Issuing another


def test_issuing_asks_for_confirmation(admin_client, old):
    admin_client.get(issuing(old.application))
    assert ClientSecret.objects.count() == 1


def test_issuing_shows_a_secret_that_works(admin_client, old):
    shown = shown_secret(admin_client.post(issuing(old.application), request_for_another()))
    assert client_secrets.verify(old.application, shown, now=timezone.now())


def test_issuing_leaves_the_old_one_alone(admin_client, application, secret):
    admin_client.post(issuing(application), request_for_another())
    assert client_secrets.verify(application, secret, now=timezone.now())


def test_response_is_not_cached(admin_client, old):
    assert "no-store" in admin_client.post(issuing(old.application), request_for_another())["Cache-Control"]


def test_issuing_is_audited(admin_client, admin_user, old):
    admin_client.post(issuing(old.application), request_for_another())
    assert AuditEvent.objects.filter(kind=AuditEvent.Kind.SECRET_ISSUED).first().by == admin_user


def test_secret_is_in_no_log_entry_session_or_cookie(admin_client, old):
    shown = shown_secret(admin_client.post(issuing(old.application), request_for_another()))
    sessions = [session.get_decoded() for session in Session.objects.all()]
    entries = list(LogEntry.objects.values())
    assert entries
    assert shown not in f"{sessions} {entries} {admin_client.cookies.output()}"


def test_secret_is_on_no_later_page(admin_client, old):
    shown = shown_secret(admin_client.post(issuing(old.application), request_for_another()))
    later = [page_of(old.application), issuing(old.application), f"{LIST}{old.application.pk}/history/"]
    assert not any(shown in text(admin_client.get(page)) for page in later)


@pytest.fixture
def sent_again(admin_client, old):
    form = request_for_another()
    return [admin_client.post(issuing(old.application), form) for _ in range(2)]


def test_resubmitted_request_issues_nothing(sent_again):
    assert ClientSecret.objects.count() == 2


def test_resubmitted_request_shows_no_secret(sent_again):
    assert shown_secret(sent_again[1]) is None


def test_resubmitted_request_shows_a_message(sent_again):
    assert "This one was ignored." in text(sent_again[1])


def test_third_live_secret_is_refused_with_the_reason(admin_client, old):
    client_secrets.issue(application=old.application)
    answer = admin_client.post(issuing(old.application), request_for_another())
    assert "Retire a secret before you issue another." in text(answer)


def test_request_without_a_key_issues_nothing(admin_client, old):
    admin_client.post(issuing(old.application), {})
    assert ClientSecret.objects.count() == 1


def test_secret_works_to_the_end_of_its_last_day(admin_client, old):
    day = timezone.localdate() + timedelta(days=30)
    admin_client.post(issuing(old.application), request_for_another(last_day=day.isoformat()))
    assert timezone.localtime(ClientSecret.objects.first().expires_at).date() == day + timedelta(days=1)


def test_secret_without_a_last_day_never_expires(admin_client, old):
    admin_client.post(issuing(old.application), request_for_another())
    assert ClientSecret.objects.first().expires_at is None


@pytest.mark.parametrize(
    ("day", "reason"),
    [("2020-01-01", "That day has passed."), ("9999-12-31", "That day is too far ahead.")],
    ids=["passed", "far ahead"],
)
def test_last_day_that_can_not_be_is_refused(admin_client, old, day, reason):
    assert reason in text(admin_client.post(issuing(old.application), request_for_another(last_day=day)))
    assert ClientSecret.objects.count() == 1


def test_who_may_issue_issues(staff, old):
    browser = staff("view_application", "issue_client_secret")
    assert shown_secret(browser.post(issuing(old.application), request_for_another()))


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("held", [["view_application", "change_application"], ["issue_client_secret"]], ids="-".join)
def test_who_may_not_issue_and_view_is_refused(staff, old, held, method):
    assert getattr(staff(*held), method)(issuing(old.application), request_for_another()).status_code == 403


def test_public_application_is_issued_none(admin_client):
    assert admin_client.post(issuing(PublicApplicationFactory()), request_for_another()).status_code == 403


@pytest.mark.parametrize("power", ["is_staff", "is_superuser"])
def test_only_a_superuser_issues_secrets_of_applications_linked_to_staff(staff, power):
    application = LinkedApplicationFactory(linked_user=UserFactory(**{power: True}))
    browser = staff("view_application", "issue_client_secret", "link_user")
    assert browser.post(issuing(application), request_for_another()).status_code == 403


def test_superuser_issues_secrets_of_applications_linked_to_staff(admin_client):
    application = LinkedApplicationFactory(linked_user=UserFactory(is_superuser=True))
    assert shown_secret(admin_client.post(issuing(application), request_for_another()))


def test_secret_of_an_application_that_is_not_there_is_not_found(admin_client):
    assert admin_client.get(f"{LIST}0/secrets/issue/").status_code == 404


# Retiring


def test_retiring_asks_for_confirmation(admin_client, old):
    assert "1 day ago" in text(admin_client.get(retiring(old))).replace("\xa0", " ")
    old.refresh_from_db()
    assert old.retired_at is None


def test_retiring_the_only_one_is_warned_of(admin_client, old):
    assert "It is the only active secret" in text(admin_client.get(retiring(old)))


def test_retiring_one_of_two_is_not_warned_of(admin_client, old):
    client_secrets.issue(application=old.application)
    assert "It is the only active secret" not in text(admin_client.get(retiring(old)))


def test_retired_secret_is_refused(admin_client, application, secret):
    admin_client.post(retiring(ClientSecret.objects.get()))
    assert not client_secrets.verify(application, secret, now=timezone.now())


def test_retiring_leaves_the_other_one_alone(admin_client, old):
    other = client_secrets.issue(application=old.application).plaintext
    admin_client.post(retiring(old))
    assert client_secrets.verify(old.application, other, now=timezone.now())


def test_retiring_is_audited(admin_client, admin_user, old):
    admin_client.post(retiring(old))
    assert AuditEvent.objects.get(kind=AuditEvent.Kind.SECRET_RETIRED).by == admin_user


def test_who_may_issue_retires(staff, old):
    staff("view_application", "issue_client_secret").post(retiring(old))
    old.refresh_from_db()
    assert old.retired_at is not None


def test_who_may_not_issue_does_not_retire(staff, old):
    assert staff("view_application", "change_application").post(retiring(old)).status_code == 403


def test_secret_of_another_application_is_not_found(admin_client, old):
    other = ApplicationFactory()
    assert admin_client.post(f"{LIST}{other.pk}/secrets/{old.pk}/retire/").status_code == 404


# A legacy secret: stored by the toolkit, and not used since

LEGACY_SECRET = "what-the-toolkit-made-" + "0123456789" * 3
SHORT = "made up"


@pytest.fixture
def application_with_legacy_secret(db):
    """An application with a legacy secret, as the toolkit stored it."""

    def application_with_legacy_secret(text):
        application = LinkedApplicationFactory(scopes=["request:read"])
        type(application).objects.filter(pk=application.pk).update(client_secret=make_password(text))
        return application

    return application_with_legacy_secret


@pytest.fixture
def legacy(application_with_legacy_secret):
    return application_with_legacy_secret(LEGACY_SECRET)


def retiring_legacy_secret(application):
    return f"{LIST}{application.pk}/secrets/legacy/retire/"


def gets_a_token(application, secret):
    form = {"grant_type": "client_credentials", "client_id": application.client_id, "client_secret": secret}
    answer = Client().post("/oauth/token", urlencode(form), content_type="application/x-www-form-urlencoded")
    assert answer.status_code in {200, 401}
    return answer.status_code == 200


def test_panel_lists_a_legacy_secret_as_unknown(admin_client, legacy):
    page = text(admin_client.get(page_of(legacy)))
    assert "unknown: legacy secret" in page
    assert page.count("<td>unknown</td>") == 2


def test_panel_without_a_legacy_secret_lists_none(admin_client, old):
    assert "legacy secret" not in text(admin_client.get(page_of(old.application)))


def test_panel_shows_no_hash_of_a_legacy_secret(admin_client, legacy):
    legacy.refresh_from_db()
    assert legacy.client_secret.rsplit("$", 1)[1] not in text(admin_client.get(page_of(legacy)))


def test_panel_does_not_call_a_legacy_secret_safe_to_retire(admin_client, legacy):
    type(legacy).objects.update(created=timezone.now() - timedelta(days=60))
    newer = client_secrets.issue(application=legacy).secret
    ClientSecret.objects.filter(pk=newer.pk).update(last_used_at=timezone.now())
    assert "safe to retire" not in text(admin_client.get(page_of(legacy)))


def test_panel_counts_a_legacy_secret(admin_client, legacy):
    client_secrets.issue(application=legacy)
    assert issuing(legacy) not in text(admin_client.get(page_of(legacy)))


def test_panel_shows_a_legacy_secret_as_a_regular_one_after_its_first_use(admin_client, legacy):
    gets_a_token(legacy, LEGACY_SECRET)
    page = text(admin_client.get(page_of(legacy)))
    assert f"…{LEGACY_SECRET[-4:]}" in page
    assert "legacy secret" not in page


@pytest.mark.parametrize("secret", [LEGACY_SECRET, SHORT], ids=["long", "short"])
def test_legacy_secret_gets_tokens_until_it_is_retired(admin_client, application_with_legacy_secret, secret):
    # Only a short one is still a legacy secret after its first use.
    application, untouched = application_with_legacy_secret(secret), application_with_legacy_secret(secret)
    before = gets_a_token(untouched, secret)
    admin_client.post(retiring_legacy_secret(application))
    assert [before, gets_a_token(application, secret)] == [True, False]


def test_short_legacy_secret_in_use_gets_tokens_until_it_is_retired(admin_client, application_with_legacy_secret):
    application = application_with_legacy_secret(SHORT)
    before = gets_a_token(application, SHORT)
    admin_client.post(retiring_legacy_secret(application))
    assert [before, gets_a_token(application, SHORT)] == [True, False]


def test_retiring_a_legacy_secret_leaves_the_other_secret_active(admin_client, legacy):
    other = client_secrets.issue(application=legacy).plaintext
    admin_client.post(retiring_legacy_secret(legacy))
    assert gets_a_token(legacy, other)


def test_panel_says_when_a_legacy_secret_was_retired(admin_client, legacy):
    page = text(admin_client.post(retiring_legacy_secret(legacy), follow=True))
    assert "The secret is no longer accepted." in page
    assert "unknown: legacy secret" in page
    assert "retired on" in page
    assert retiring_legacy_secret(legacy) not in page


def test_retiring_a_legacy_secret_asks_for_confirmation(admin_client, legacy):
    page = text(admin_client.get(retiring_legacy_secret(legacy)))
    assert "It is unknown whether the application still uses it." in page
    assert "It is the only active secret" in page
    assert gets_a_token(legacy, LEGACY_SECRET)


def test_retiring_a_legacy_secret_of_two_secrets_gives_no_warning(admin_client, legacy):
    client_secrets.issue(application=legacy)
    assert "It is the only active secret" not in text(admin_client.get(retiring_legacy_secret(legacy)))


def test_retiring_another_secret_beside_a_legacy_secret_gives_no_warning(admin_client, legacy):
    other = client_secrets.issue(application=legacy).secret
    assert "It is the only active secret" not in text(admin_client.get(retiring(other)))


def test_retiring_a_legacy_secret_is_audited_and_logged(admin_client, admin_user, legacy):
    admin_client.post(retiring_legacy_secret(legacy))
    assert AuditEvent.objects.get(kind=AuditEvent.Kind.SECRET_RETIRED).by == admin_user
    assert LogEntry.objects.get().change_message == "Retired a client secret."


def test_legacy_secret_used_meanwhile_is_not_retired_and_a_message_says_so(admin_client, legacy):
    gets_a_token(legacy, LEGACY_SECRET)
    page = text(admin_client.post(retiring_legacy_secret(legacy), follow=True))
    assert "There is no legacy secret to retire." in page
    assert gets_a_token(legacy, LEGACY_SECRET)
    assert not LogEntry.objects.exists()


def test_legacy_secret_used_concurrently_is_not_retired_and_a_message_says_so(admin_client, legacy, monkeypatch):
    at_hand = client_secrets.legacy_secret

    def used_in_between(application):
        secret = at_hand(application)
        type(application).objects.filter(pk=application.pk).update(client_secret="")
        return secret

    monkeypatch.setattr(client_secrets, "legacy_secret", used_in_between)
    admin_client.post(retiring_legacy_secret(legacy))
    assert not LogEntry.objects.exists()
    assert not AuditEvent.objects.filter(kind=AuditEvent.Kind.SECRET_RETIRED).exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_may_not_issue_can_not_retire_a_legacy_secret(staff, legacy, method):
    browser = staff("view_application", "change_application")
    assert getattr(browser, method)(retiring_legacy_secret(legacy)).status_code == 403
    assert retiring_legacy_secret(legacy) not in text(browser.get(page_of(legacy)))
    assert gets_a_token(legacy, LEGACY_SECRET)


def test_who_may_issue_can_retire_a_legacy_secret(staff, legacy):
    staff("view_application", "issue_client_secret").post(retiring_legacy_secret(legacy))
    assert not gets_a_token(legacy, LEGACY_SECRET)


def test_toolkit_secret_of_a_public_application_is_not_listed(admin_client):
    application = PublicApplicationFactory()
    type(application).objects.update(client_secret=make_password(LEGACY_SECRET))
    assert "legacy secret" not in text(admin_client.get(page_of(application)))


# Client IP in the audit trail


@pytest.fixture
def kept_addresses(settings):
    settings.FOURME_OAUTH = {"KEEP_IP_ADDRESSES": True}


@pytest.mark.usefixtures("kept_addresses")
def test_audit_trail_records_the_client_ip_of_issuing_a_secret(admin_client, application):
    admin_client.post(issuing(application), request_for_another())
    assert AuditEvent.objects.get(kind=AuditEvent.Kind.SECRET_ISSUED).ip_address == "127.0.0.1"


@pytest.mark.usefixtures("kept_addresses")
def test_audit_trail_records_the_client_ip_of_retiring_a_secret(admin_client, old):
    admin_client.post(retiring(old))
    assert AuditEvent.objects.get(kind=AuditEvent.Kind.SECRET_RETIRED).ip_address == "127.0.0.1"
