"""Access & Security."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.messages import get_messages
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from fourme_oauth import effective_access, revocation
from fourme_oauth.actor import Actor
from fourme_oauth.models import AuditEvent, Authorization, Scope
from tests.factories import (
    ApplicationFactory,
    LinkedApplicationFactory,
    ScopeFactory,
    UserFactory,
    authorize,
    mint_access_token,
    mint_code,
    mint_own_access_token,
    mint_refresh_token,
)

PAGE = "/access-and-security/"


def revoke_url(authorization):
    return f"{PAGE}{authorization.pk}/revoke/"


def text_of(response):
    """What a person reads on the page."""
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


def buttons(response):
    return [" ".join(label.split()) for label in re.findall(r"<button[^>]*>([^<]*)<", response.content.decode())]


@pytest.fixture
def browser(client, user):
    """The signed-in user's."""
    client.force_login(user)
    return client


@pytest.fixture
def opens_the_api():
    """Whether the API accepts this access token."""

    def opens_the_api(token):
        # 401: the token is invalid; 403: it is valid, and this scope is not in effect.
        return Client().get("/api/me/", headers={"Authorization": f"Bearer {token}"}).status_code != 401

    return opens_the_api


# The page


def test_page_needs_a_login(client, db):
    response = client.get(PAGE)
    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={PAGE}")


def test_page_opens_to_who_is_signed_in(browser):
    assert browser.get(PAGE).status_code == 200


def test_page_is_not_kept_by_browsers_and_proxies(browser):
    assert "no-store" in browser.get(PAGE)["Cache-Control"]


def test_page_says_so_when_no_application_has_access(browser):
    assert "No application has access to your account." in text_of(browser.get(PAGE))


def test_page_does_not_say_so_when_one_has(browser, authorization):
    assert "No application has access" not in text_of(browser.get(PAGE))


def test_page_names_what_the_user_allowed(browser, authorization, application):
    assert application.name in text_of(browser.get(PAGE))


def test_page_does_not_name_what_others_allowed(browser, application):
    authorize(UserFactory(), application)
    assert application.name not in text_of(browser.get(PAGE))


def test_page_offers_no_revocation_of_what_was_revoked(browser, authorization, application):
    revocation.revoke(authorization)
    assert f"Revoke {application.name}" not in text_of(browser.get(PAGE))


def test_page_names_what_is_trusted_too(browser, user):
    trusted = ApplicationFactory(scopes=["request:read"], skip_authorization=True)
    authorize(user, trusted)
    assert trusted.name in text_of(browser.get(PAGE))


def test_page_names_applications_in_the_order_of_their_names(browser, user):
    for name in ("Zebra", "Aardvark"):
        authorize(user, ApplicationFactory(name=name, scopes=["request:read"]))
    Authorization.objects.update(granted_at=timezone.now())
    assert buttons(browser.get(PAGE)) == ["Revoke Aardvark", "Revoke Zebra", "Revoke what is ticked", "Revoke all"]


def test_page_names_the_publisher(browser, user):
    authorize(user, ApplicationFactory(publisher="Acme Incorporated", scopes=["request:read"]))
    assert "Acme Incorporated" in text_of(browser.get(PAGE))


def test_page_has_a_button_that_names_what_it_revokes(browser, authorization, application):
    assert buttons(browser.get(PAGE)) == ["Keep only what is ticked", f"Revoke {application.name}"]


def test_page_tells_since_when(browser, authorization):
    Authorization.objects.update(granted_at="2024-02-29T12:00:00Z")
    assert "Allowed since Feb. 29, 2024" in text_of(browser.get(PAGE))


def test_page_says_that_access_was_never_used(browser, authorization):
    assert "Last used Never" in text_of(browser.get(PAGE))


def test_page_tells_when_it_was_last_used(browser, token, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        Client().get("/api/me/", headers={"Authorization": f"Bearer {token}"})
    Authorization.objects.exclude(last_used_at=None).update(last_used_at="2024-02-29T12:00:00Z")
    assert "Last used Feb. 29, 2024" in text_of(browser.get(PAGE))


def test_name_with_markup_is_shown_as_text(browser, user):
    authorize(user, ApplicationFactory(name="<script>alert(1)</script>", scopes=["request:read"]))
    assert "<script>" not in browser.get(PAGE).content.decode()


def test_wording_with_markup_is_shown_as_text(browser, authorization):
    Scope.objects.filter(name="request:read").update(wording="<b>Read</b>")
    assert "<b>Read" not in browser.get(PAGE).content.decode()


def test_page_takes_the_same_number_of_queries_however_much_was_allowed(browser, user, django_assert_num_queries):
    authorize(user, ApplicationFactory(scopes=["request:read"]))
    with django_assert_num_queries(9):
        browser.get(PAGE)
    for _ in range(3):
        authorize(user, ApplicationFactory(scopes=["request:read", "request:create"]))
    with django_assert_num_queries(9):
        browser.get(PAGE)


# Its scopes, and why one has no effect now

WHY_NOT = ["None of your roles permits this now.", "No longer allowed", "This application is disabled."]


def test_scope_is_shown_in_its_wording(browser, authorization):
    Scope.objects.filter(name="request:read").update(wording="Read your requests")
    assert "Read your requests" in text_of(browser.get(PAGE))


def test_scope_that_left_the_catalogue_is_shown_by_its_name(browser, authorization):
    Scope.objects.filter(name="request:read").delete()
    assert "request:read No longer allowed for this application." in text_of(browser.get(PAGE))


def test_scope_that_was_not_granted_is_not_shown(browser, user, application):
    authorize(user, application, "request:read")
    assert "Use request:create" not in text_of(browser.get(PAGE))


@pytest.mark.parametrize("reason", WHY_NOT)
def test_scope_in_effect_has_no_remark(browser, authorization, reason):
    assert reason not in text_of(browser.get(PAGE))


def test_scope_that_no_role_permits_is_remarked(browser, authorization, role):
    ScopeFactory(name="request:read", roles=[role])
    assert "Use request:read None of your roles permits this now." in text_of(browser.get(PAGE))


def test_scope_that_a_role_permits_is_not_remarked(browser, authorization, user, role):
    ScopeFactory(name="request:read", roles=[role])
    user.groups.add(role)
    assert "None of your roles permits this now." not in text_of(browser.get(PAGE))


def test_scope_that_is_no_longer_allowed_is_remarked(browser, authorization, application):
    application.scopes.remove(Scope.objects.get(name="request:read"))
    assert "Use request:read No longer allowed for this application." in text_of(browser.get(PAGE))


def test_scope_of_another_application_is_no_longer_allowed_to_this_one(browser, authorization, application, user):
    authorize(user, ApplicationFactory(scopes=["request:read"]))
    application.scopes.remove(Scope.objects.get(name="request:read"))
    assert text_of(browser.get(PAGE)).count("Use request:read No longer allowed") == 1


def test_scope_that_is_retired_is_remarked(browser, authorization):
    Scope.objects.filter(name="request:read").update(retired=True)
    assert "Use request:read No longer allowed for this application." in text_of(browser.get(PAGE))


def test_scope_of_a_disabled_application_is_remarked(browser, authorization, application):
    revocation.disable(application)
    assert "Use request:read This application is disabled." in text_of(browser.get(PAGE))


def test_scope_that_was_added_since_is_not_shown(browser, authorization, application):
    application.scopes.add(ScopeFactory(name="request:close"))
    assert "Use request:close" not in text_of(browser.get(PAGE))


# Revoking


def test_revoking_returns_to_the_page(browser, authorization):
    response = browser.post(revoke_url(authorization))
    assert (response.status_code, response["Location"]) == (302, PAGE)


def test_revoking_says_so(browser, authorization, application):
    response = browser.post(revoke_url(authorization), follow=True)
    assert [str(message) for message in get_messages(response.wsgi_request)] == [
        f"{application.name} no longer has access."
    ]


def test_revoking_says_so_on_the_page(browser, authorization, application):
    response = browser.post(revoke_url(authorization), follow=True)
    assert f"{application.name} no longer has access." in text_of(response)


def test_revoking_shows_a_name_with_markup_as_text(browser, user):
    authorization = authorize(user, ApplicationFactory(name="<b>Acme</b>", scopes=["request:read"]))
    assert "<b>Acme" not in browser.post(revoke_url(authorization), follow=True).content.decode()


def test_revoking_takes_the_application_off_the_page(browser, authorization):
    assert buttons(browser.post(revoke_url(authorization), follow=True)) == []


def test_revoking_is_audited_as_the_users_own_doing(browser, authorization, user):
    browser.post(revoke_url(authorization))
    assert AuditEvent.objects.get(kind=AuditEvent.Kind.REVOKED).by == user


def test_access_token_is_valid_until_it_is_revoked(token, opens_the_api):
    assert opens_the_api(token)


def test_revoking_ends_the_access_token(browser, authorization, token, opens_the_api):
    browser.post(revoke_url(authorization))
    assert not opens_the_api(token)


def test_refresh_token_is_valid_until_it_is_revoked(authorization, third_party):
    assert third_party.refresh(mint_refresh_token(authorization)).status_code == 200


def test_revoking_ends_the_refresh_token(browser, authorization, third_party):
    refresh_token = mint_refresh_token(authorization)
    browser.post(revoke_url(authorization))
    assert third_party.refresh(refresh_token).json()["error"] == "invalid_grant"


def test_code_is_valid_until_it_is_revoked(authorization, third_party):
    assert third_party.exchange(mint_code(authorization)).status_code == 200


def test_revoking_ends_the_code(browser, authorization, third_party):
    code = mint_code(authorization)
    browser.post(revoke_url(authorization))
    assert third_party.exchange(code).json()["error"] == "invalid_grant"


def test_revoking_leaves_the_users_other_applications(browser, authorization, user, opens_the_api):
    other = mint_access_token(authorize(user, ApplicationFactory(scopes=["request:read"])))
    browser.post(revoke_url(authorization))
    assert opens_the_api(other)


def test_revoking_leaves_other_users_of_the_application(browser, authorization, application, opens_the_api):
    others = mint_access_token(authorize(UserFactory(), application))
    browser.post(revoke_url(authorization))
    assert opens_the_api(others)


def test_revoking_leaves_the_applications_own_token(browser, user, opens_the_api):
    # Client credentials are the administrator's: the token acts as the user that the administrator linked.
    application = LinkedApplicationFactory(linked_user=user, scopes=["request:read"])
    own = mint_own_access_token(application)
    browser.post(revoke_url(authorize(user, application)))
    assert opens_the_api(own)


# What does not revoke


@pytest.mark.parametrize("method", ["get", "head", "put", "delete"])
def test_only_posting_revokes(browser, authorization, method):
    assert getattr(browser, method)(revoke_url(authorization)).status_code == 405


def test_getting_leaves_the_authorization(browser, authorization):
    browser.get(revoke_url(authorization))
    authorization.refresh_from_db()
    assert authorization.revoked_at is None


@pytest.fixture
def another_users(application):
    return authorize(UserFactory(), application)


def test_another_users_authorization_is_not_found(browser, another_users):
    assert browser.post(revoke_url(another_users)).status_code == 404


def test_another_users_authorization_stands(browser, another_users):
    browser.post(revoke_url(another_users))
    another_users.refresh_from_db()
    assert another_users.revoked_at is None


def test_another_users_token_is_valid(browser, another_users, opens_the_api):
    token = mint_access_token(another_users)
    browser.post(revoke_url(another_users))
    assert opens_the_api(token)


def test_superuser_finds_only_their_own_here(admin_client, authorization):
    assert admin_client.post(revoke_url(authorization)).status_code == 404


def test_a_double_click_on_revoke_ends_it_once(browser, authorization):
    browser.post(revoke_url(authorization))
    authorization.refresh_from_db()
    revoked_at = authorization.revoked_at
    assert browser.post(revoke_url(authorization)).status_code == 302
    authorization.refresh_from_db()
    assert authorization.revoked_at == revoked_at


def test_unknown_authorization_is_not_found(browser):
    assert browser.post(f"{PAGE}0/revoke/").status_code == 404


def test_revoking_needs_a_login(client, authorization):
    assert client.post(revoke_url(authorization))["Location"].startswith("/accounts/login/")


def test_revoking_without_a_login_leaves_the_authorization(client, authorization):
    client.post(revoke_url(authorization))
    authorization.refresh_from_db()
    assert authorization.revoked_at is None


@pytest.fixture
def checking_browser(user):
    """The signed-in user's, on a site that checks CSRF tokens as it does in production."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user)
    return browser


def test_revoking_without_a_csrf_token_is_refused(checking_browser, authorization):
    assert checking_browser.post(revoke_url(authorization)).status_code == 403


def test_revoking_without_a_csrf_token_leaves_the_authorization(checking_browser, authorization):
    checking_browser.post(revoke_url(authorization))
    authorization.refresh_from_db()
    assert authorization.revoked_at is None


def test_form_of_the_page_revokes(checking_browser, authorization):
    page = checking_browser.get(PAGE).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    action = re.search(r'<form method="post" action="([^"]+/revoke/)"', page)[1]
    checking_browser.post(action, {"csrfmiddlewaretoken": token})
    authorization.refresh_from_db()
    assert authorization.revoked_at is not None


def test_a_scope_that_left_the_catalogue_keeps_the_words_that_the_user_read(browser, authorization):
    Scope.objects.get(name="request:read").delete()
    assert "Use request:read" in browser.get(PAGE).content.decode()


# Revoking all


@pytest.fixture
def another(user):
    return authorize(user, ApplicationFactory(scopes=["request:read"]))


def test_page_offers_to_revoke_all_where_there_are_several(browser, authorization, another):
    assert "Revoke all" in buttons(browser.get(PAGE))


def test_page_does_not_offer_to_revoke_all_of_one(browser, authorization):
    assert "Revoke all" not in buttons(browser.get(PAGE))


def test_revoking_all_leaves_none(browser, authorization, another):
    browser.post(f"{PAGE}revoke/")
    assert not Authorization.objects.standing().exists()


def test_revoking_all_says_so(browser, authorization, another):
    response = browser.post(f"{PAGE}revoke/", follow=True)
    assert "No application has access to your account any more." in text_of(response)


def test_revoking_all_leaves_other_users(browser, authorization):
    others = authorize(UserFactory(), authorization.application)
    browser.post(f"{PAGE}revoke/")
    assert Authorization.objects.standing().get() == others


def test_only_posting_revokes_all(browser, authorization):
    assert browser.get(f"{PAGE}revoke/").status_code == 405
    assert Authorization.objects.standing().exists()


def test_revoking_all_needs_a_login(client, authorization):
    assert client.post(f"{PAGE}revoke/").status_code == 302
    assert Authorization.objects.standing().exists()


def test_revoking_all_without_a_csrf_token_is_refused(checking_browser, authorization):
    assert checking_browser.post(f"{PAGE}revoke/").status_code == 403


# Applications that act as the user by their own credentials


def test_page_names_applications_linked_to_the_user(browser, user):
    LinkedApplicationFactory(linked_user=user, name="Nightly Export", publisher="Acme")
    assert "Nightly Export Offered by Acme." in text_of(browser.get(PAGE))


def test_page_does_not_name_applications_linked_to_another_user(browser):
    LinkedApplicationFactory(name="Nightly Export")
    assert "Nightly Export" not in text_of(browser.get(PAGE))


def test_page_says_nothing_of_administrators_where_nothing_acts_as_the_user(browser, authorization):
    assert "Linked to you" not in text_of(browser.get(PAGE))


# Withdrawing scopes


def reduce(browser, authorization, *scopes, **more):
    return browser.post(f"{PAGE}{authorization.pk}/reduce/", {"scopes": scopes}, **more)


def granted(authorization):
    authorization.refresh_from_db()
    return authorization.granted


def test_unticked_scopes_are_withdrawn(browser, authorization):
    reduce(browser, authorization, "request:read")
    assert granted(authorization) == {"request:read"}


def test_withdrawn_scope_is_refused_at_the_next_request(browser, authorization, token):
    reduce(browser, authorization, "request:read")
    access = effective_access.of_access_token(token, now=timezone.now())
    assert access.effective_scopes == {"request:read"}


def test_withdrawing_scopes_shows_a_message(browser, authorization, application):
    response = reduce(browser, authorization, "request:read", follow=True)
    assert f"{application.name} may do less from now on." in text_of(response)


def test_withdrawing_no_scopes_shows_a_message(browser, authorization, application):
    response = reduce(browser, authorization, "request:read", "request:create", follow=True)
    assert f"Nothing was changed for {application.name}." in text_of(response)


def test_with_nothing_ticked_nothing_is_changed(browser, authorization, application):
    response = reduce(browser, authorization, follow=True)
    assert f"To take back all access, revoke {application.name}." in text_of(response)
    assert granted(authorization) == {"request:read", "request:create"}


def test_what_was_never_granted_can_not_be_ticked(browser, authorization):
    reduce(browser, authorization, "request:read", "person:read")
    assert granted(authorization) == {"request:read"}


def test_page_does_not_offer_to_withdraw_the_only_scope(browser, user):
    authorize(user, ApplicationFactory(scopes=["request:read"]))
    assert "Keep only what is ticked" not in buttons(browser.get(PAGE))


def test_another_user_s_authorization_can_not_be_reduced(client, authorization):
    client.force_login(UserFactory())
    assert reduce(client, authorization, "request:read").status_code == 404
    assert granted(authorization) == {"request:read", "request:create"}


def test_what_was_revoked_can_not_be_reduced(browser, authorization):
    revocation.revoke(authorization)
    assert reduce(browser, authorization, "request:read").status_code == 404


def test_reducing_without_a_csrf_token_is_refused(checking_browser, authorization):
    assert reduce(checking_browser, authorization, "request:read").status_code == 403


def test_reducing_is_audited_as_the_users_own_doing(browser, authorization, user):
    reduce(browser, authorization, "request:read")
    event = AuditEvent.objects.get(kind=AuditEvent.Kind.REDUCED)
    assert (event.user, event.by, event.details) == (user, user, {"scopes": ["request:create"]})


def test_withdrawing_no_scopes_is_not_audited(browser, authorization):
    reduce(browser, authorization, "request:read", "request:create")
    assert not AuditEvent.objects.filter(kind=AuditEvent.Kind.REDUCED).exists()


# Order, search and pages


def test_what_was_used_last_comes_first(browser, user):
    for name, day in (("Aardvark", 1), ("Zebra", 2)):
        authorize(user, ApplicationFactory(name=name, scopes=["request:read"]))
        used_at = datetime(2026, 1, day, tzinfo=UTC)
        Authorization.objects.filter(application_name=name).update(granted_at="2025-01-01T00:00Z", last_used_at=used_at)
    assert buttons(browser.get(PAGE))[:2] == ["Revoke Zebra", "Revoke Aardvark"]


def test_what_was_just_allowed_comes_before_what_was_used_earlier(browser, user):
    for name in ("Aardvark", "Zebra"):
        authorize(user, ApplicationFactory(name=name, scopes=["request:read"]))
    used = Authorization.objects.filter(application_name="Aardvark")
    used.update(granted_at="2025-01-01T00:00Z", last_used_at="2026-01-01T00:00Z")
    assert buttons(browser.get(PAGE))[:2] == ["Revoke Zebra", "Revoke Aardvark"]


@pytest.fixture
def listed(browser, user):
    """Let the user allow these applications, in this order, and return their names in the order of the page."""

    def listed(**moments):
        for name, (granted_at, last_used_at) in moments.items():
            authorization = authorize(user, ApplicationFactory(name=name, scopes=["request:read"]))
            Authorization.objects.filter(pk=authorization.pk).update(granted_at=granted_at, last_used_at=last_used_at)
        return [each.application_name for each in browser.get(PAGE).context["authorizations"]]

    return listed


EARLIER, BETWEEN, LATER = (datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3))


def test_what_was_allowed_again_comes_before_what_was_used_since_its_last_use(listed):
    assert listed(Aardvark=(EARLIER, BETWEEN), Zebra=(LATER, EARLIER)) == ["Zebra", "Aardvark"]


def test_what_was_used_last_comes_before_what_was_allowed_later(listed):
    assert listed(Aardvark=(BETWEEN, BETWEEN), Zebra=(EARLIER, LATER)) == ["Zebra", "Aardvark"]


def test_what_was_never_used_stands_where_it_was_allowed(listed):
    order = listed(Aardvark=(EARLIER, EARLIER), Marmot=(EARLIER, LATER), Zebra=(BETWEEN, None))
    assert order == ["Marmot", "Zebra", "Aardvark"]


def test_what_was_used_and_allowed_at_the_same_moment_comes_in_the_order_of_its_name(listed):
    assert listed(Zebra=(EARLIER, LATER), Aardvark=(LATER, None)) == ["Aardvark", "Zebra"]


def test_what_has_the_same_name_comes_in_the_order_in_which_it_was_first_allowed(browser, user):
    later, earlier = (ApplicationFactory(name="Twin", scopes=["request:read"]) for _ in range(2))
    keys = [authorize(user, application).pk for application in (earlier, later)]
    Authorization.objects.update(granted_at=EARLIER)
    assert [each.pk for each in browser.get(PAGE).context["authorizations"]] == keys


@pytest.mark.parametrize("sought", ["zeb", "stripes"])
def test_search_finds_by_name_and_publisher(browser, user, sought):
    authorize(user, ApplicationFactory(name="Zebra", publisher="Stripes & Sons", scopes=["request:read"]))
    authorize(user, ApplicationFactory(name="Aardvark", scopes=["request:read"]))
    page = text_of(browser.get(PAGE, {"q": sought}))
    assert "Revoke Zebra" in page
    assert "Revoke Aardvark" not in page


@pytest.mark.parametrize("sought", ["nothing", "\0nothing", "%"])
def test_search_that_finds_nothing_says_so(browser, authorization, sought):
    assert "No application matches your search." in text_of(browser.get(PAGE, {"q": sought}))


def test_many_come_in_pages(browser, user):
    for _ in range(21):
        authorize(user, ApplicationFactory(scopes=["request:read"]))
    assert "Page 1 of 2" in text_of(browser.get(PAGE))
    assert "Page 2 of 2" in text_of(browser.get(PAGE, {"page": 2}))


def test_a_page_that_is_not_there_is_not_found(browser, authorization):
    assert browser.get(PAGE, {"page": 2}).status_code == 404


# TokenCounts


@pytest.mark.parametrize("who", ["Revoked by you", "Revoked by an administrator", "Revoked by the site"])
def test_revoked_authorization_is_listed_with_when_and_by_whom(browser, authorization, user, who):
    by = {"Revoked by you": user, "Revoked by an administrator": UserFactory()}.get(who)
    revocation.revoke(authorization, by=Actor(by))
    assert who in text_of(browser.get(PAGE))


def test_authorization_revoked_last_comes_first(browser, user):
    for name, moment in (("first", EARLIER), ("last", LATER), ("second", BETWEEN), ("third", BETWEEN)):
        authorize(user, ApplicationFactory(name=name, scopes=["request:read"]))
        Authorization.objects.filter(application_name=name).update(revoked_at=moment)
    ended = browser.get(PAGE).context["ended"]
    assert [each.application_name for each in ended] == ["last", "third", "second", "first"]


def test_last_fifty_revoked_authorizations_are_shown(browser, user):
    Authorization.objects.bulk_create(
        Authorization(user=user, granted_at=LATER, confirmed_at=LATER, revoked_at=LATER) for _ in range(51)
    )
    assert len(browser.get(PAGE).context["ended"]) == 50


# Counts in messages


def test_message_counts_revoked_tokens(browser, authorization):
    mint_access_token(authorization)
    mint_access_token(authorization)
    mint_refresh_token(authorization)
    mint_code(authorization)
    page = text_of(browser.post(revoke_url(authorization), follow=True))
    assert "2 access tokens, 1 refresh token and 1 pending code were revoked." in page


def test_revoking_one_token_says_so(browser, authorization):
    mint_access_token(authorization)
    assert "1 access token was revoked." in text_of(browser.post(revoke_url(authorization), follow=True))


def test_message_without_valid_tokens_counts_none(browser, authorization):
    assert "ended" not in text_of(browser.post(revoke_url(authorization), follow=True)).partition("TokenCounts")[0]


def test_revoking_stores_the_client_ip_where_the_site_keeps_it(browser, authorization, settings):
    settings.FOURME_OAUTH = {"KEEP_IP_ADDRESSES": True}
    browser.post(revoke_url(authorization), REMOTE_ADDR="198.51.100.7")
    assert AuditEvent.objects.get(kind=AuditEvent.Kind.REVOKED).ip_address == "198.51.100.7"


# Revoking several

SEVERAL = f"{PAGE}revoke-several/"


def test_several_are_revoked_and_the_others_stand(browser, user):
    first, second, third = (authorize(user, ApplicationFactory(scopes=["request:read"])) for _ in range(3))
    page = text_of(browser.post(SEVERAL, {"authorizations": [first.pk, second.pk]}, follow=True))
    assert "2 applications no longer have access." in page
    assert list(Authorization.objects.standing()) == [third]


def test_nothing_ticked_revokes_nothing(browser, authorization):
    assert "Nothing was ticked" in text_of(browser.post(SEVERAL, follow=True))
    assert Authorization.objects.standing().exists()


def test_another_users_authorization_among_several_is_not_found_and_nothing_is_revoked(
    browser, authorization, application
):
    other = authorize(UserFactory(), application)
    assert browser.post(SEVERAL, {"authorizations": [authorization.pk, other.pk]}).status_code == 404
    assert Authorization.objects.standing().count() == 2


def test_several_without_a_csrf_token_are_refused(checking_browser, authorization):
    assert checking_browser.post(SEVERAL, {"authorizations": [authorization.pk]}).status_code == 403


@pytest.mark.parametrize("key", ["x", "9" * 100, "-1", "\0"])
def test_several_with_junk_revoke_nothing(browser, authorization, key):
    assert browser.post(SEVERAL, {"authorizations": [key]}).status_code == 302
    assert Authorization.objects.standing().exists()


# Activity


def activity_url(authorization):
    return f"{PAGE}{authorization.pk}/activity/"


def test_activity_shows_what_happened(browser, authorization):
    revocation.revoke(authorization)
    page = text_of(browser.get(activity_url(authorization)))
    assert "Authorized" in page
    assert "Revoked" in page


def test_activity_shows_the_client_ip(browser, authorization, settings, user, application):
    settings.FOURME_OAUTH = {"KEEP_IP_ADDRESSES": True}
    AuditEvent.objects.record("used", application=application, user=user, by=Actor(ip="198.51.100.7"))
    assert "from 198.51.100.7" in text_of(browser.get(activity_url(authorization)))


@pytest.fixture
def shown(browser, authorization, user, application):
    """Record one event at noon of a day, and return what the page shows of it."""

    def shown(kind):
        AuditEvent.objects.record(kind, application=application, user=user)
        QuerySet(AuditEvent).filter(kind=kind).update(at=timezone.now().replace(hour=12, minute=34))
        return text_of(browser.get(activity_url(authorization)))

    return shown


@pytest.mark.parametrize(("kind", "words"), [("used", "Used"), ("renewed", "Renewed")])
def test_activity_shows_the_day_of_events_recorded_once_a_day(shown, kind, words):
    page = shown(kind)
    assert re.search(rf"{date_format(timezone.now())} .*{words}", page)
    assert "12:34" not in page


@pytest.mark.parametrize(("kind", "words"), [("reduced", "Reduced"), ("code_reused", "Code reused")])
def test_activity_shows_the_time_of_other_events(shown, kind, words):
    assert re.search(rf"{date_format(timezone.now())} .*{words} 12:34", shown(kind))


def test_activity_names_each_day_once(browser, authorization, user, application):
    for _ in range(2):
        AuditEvent.objects.record("reduced", application=application, user=user)
    QuerySet(AuditEvent).update(at=timezone.now().replace(hour=12))
    assert text_of(browser.get(activity_url(authorization))).count(date_format(timezone.now())) == 1


def test_activity_ends_after_ninety_days(browser, authorization):
    QuerySet(AuditEvent).update(at=timezone.now() - timedelta(days=91))
    assert "There was no activity in this period." in text_of(browser.get(activity_url(authorization)))


def test_activity_shows_the_last_five_hundred_events(browser, authorization, user, application):
    AuditEvent.objects.bulk_create(
        AuditEvent.objects.describe("used", application=application, user=user) for _ in range(501)
    )
    assert len(browser.get(activity_url(authorization)).context["events"]) == 500


def test_activity_of_another_application_is_not_shown(browser, authorization, user):
    revocation.revoke(authorize(user, ApplicationFactory(scopes=["request:read"])))
    assert "Revoked" not in text_of(browser.get(activity_url(authorization)))


def test_activity_of_another_user_is_not_found(client, authorization):
    client.force_login(UserFactory())
    assert client.get(activity_url(authorization)).status_code == 404
