from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from fourme_oauth.models import Application
from fourme_oauth.models.redirect_uris import origin_fault, redirect_uri_fault, redirect_uri_matches
from tests.factories import ApplicationFactory, LinkedApplicationFactory, PublicApplicationFactory, UserFactory

PUBLIC, CONFIDENTIAL = Application.CLIENT_PUBLIC, Application.CLIENT_CONFIDENTIAL


# ── which redirect URIs can be registered ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "uri",
    [
        "https://third-party.example/callback",
        "https://third-party.example",
        "https://third-party.example:8443/callback?tenant=1",
        "https://[2001:db8::1]/callback",
        "HTTPS://third-party.example/callback",
        "https://third-party.example/caf%C3%A9",
        "http://127.0.0.1/callback",
        "http://127.0.0.1:8000/callback",
        "http://[::1]/callback",
        "http://[::1]:8000/callback",
        "http://localhost:8000/callback",
    ],
)
@pytest.mark.parametrize("client_type", [PUBLIC, CONFIDENTIAL])
def test_a_good_redirect_uri_can_be_registered(uri, client_type):
    assert redirect_uri_fault(uri, client_type=client_type) is None


@pytest.mark.parametrize("uri", ["com.example.app:/callback", "com.example.app:/c", "com.example.app:/callback?x=1"])
def test_a_private_use_scheme_can_be_registered_for_a_public_application(uri):
    assert redirect_uri_fault(uri, client_type=PUBLIC) is None


@pytest.mark.parametrize(
    ("uri", "fault"),
    [
        # does not parse
        ("http://[::1", "is not a valid URI"),
        ("https://[junk]/callback", "is not a valid URI"),
        ("https://third-party.example:99999/callback", "is not a valid URI"),
        ("https://third-party.example:port/callback", "is not a valid URI"),
        # characters
        ("https://third-party.example/café", "has a character that must be percent-encoded"),
        ("https://thïrd-party.example/callback", "has a character that must be percent-encoded"),
        ("https://third-party.example/call\nback", "has a character that must be percent-encoded"),
        ("https://third-party.example/call\tback", "has a character that must be percent-encoded"),
        ("https://third-party.example/call\x00back", "has a character that must be percent-encoded"),
        ("https://third-party.example/call\x7fback", "has a character that must be percent-encoded"),
        # parts
        ("https://third-party.example/callback#fragment", "has a fragment"),
        ("https://third-party.example/callback#", "has a fragment"),
        ("https://*.third-party.example/callback", "has a wildcard"),
        ("https://third-party.example/*", "has a wildcard"),
        ("https://user@third-party.example/callback", "carries a user name or password"),
        ("https://third-party.example@evil.example/callback", "carries a user name or password"),
        ("http://user:password@127.0.0.1/callback", "carries a user name or password"),
        ("https:///callback", "has no host"),
        ("https:callback", "has no host"),
        ("https://:443/callback", "has no host"),
        # http
        ("http://third-party.example/callback", "must use https"),
        ("http://127.0.0.1.evil.example/callback", "must use https"),
        ("http://127.0.0.2/callback", "must use https"),
        ("http://localhost.evil.example/callback", "must use https"),
        ("http://[::2]/callback", "must use https"),
        ("http:///callback", "must use https"),
        # schemes
        ("javascript:alert(1)", "must start with https://"),
        ("data:text/html,x", "must start with https://"),
        ("vbscript:x", "must start with https://"),
        ("file:///etc/passwd", "must start with https://"),
        ("ftp://third-party.example/callback", "must start with https://"),
        ("myapp:/callback", "must start with https://"),
        ("urn:ietf:wg:oauth:2.0:oob", "must start with https://"),
        ("//third-party.example/callback", "must start with https://"),
        ("/callback", "must start with https://"),
        ("callback", "must start with https://"),
        ("", "must start with https://"),
    ],
)
@pytest.mark.parametrize("client_type", [PUBLIC, CONFIDENTIAL])
def test_a_bad_redirect_uri_can_not_be_registered(uri, fault, client_type):
    assert redirect_uri_fault(uri, client_type=client_type).startswith(fault)


def test_a_private_use_scheme_can_not_be_registered_for_a_confidential_application():
    assert "only public" in redirect_uri_fault("com.example.app:/callback", client_type=CONFIDENTIAL)


@pytest.mark.parametrize("uri", ["com.example.app://callback", "com.example.app:callback", "com.example.app:/"])
def test_a_private_use_scheme_is_followed_by_one_slash_and_a_path(uri):
    assert "one slash" in redirect_uri_fault(uri, client_type=PUBLIC)


# ── which redirect URIs match a registered one ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("uri", "registered"),
    [
        ("https://third-party.example/callback", "https://third-party.example/callback"),
        ("com.example.app:/callback", "com.example.app:/callback"),
        ("http://localhost:8000/callback", "http://localhost:8000/callback"),
        ("http://127.0.0.1:49152/callback", "http://127.0.0.1/callback"),
        ("http://127.0.0.1/callback", "http://127.0.0.1:8000/callback"),
        ("http://127.0.0.1:49152/callback?x=1", "http://127.0.0.1:8000/callback?x=1"),
        ("http://127.0.0.1:49152", "http://127.0.0.1"),
        ("http://[::1]:49152/callback", "http://[::1]/callback"),
    ],
)
def test_a_redirect_uri_matches(uri, registered):
    assert redirect_uri_matches(uri, registered)


@pytest.mark.parametrize(
    "uri",
    [
        "https://third-party.example/callback?x=1",
        "https://third-party.example/callback?",
        "https://third-party.example/callback;x=1",
        "https://third-party.example/callback/",
        "https://third-party.example/callback/..",
        "https://third-party.example/Callback",
        "https://third-party.example/%63allback",
        "https://third-party.example/callback#x",
        "https://third-party.example//callback",
        "https://third-party.example:443/callback",
        "https://third-party.example:8443/callback",
        "https://THIRD-PARTY.example/callback",
        "https://third-party.example./callback",
        "https://sub.third-party.example/callback",
        "https://user@third-party.example/callback",
        "https://third-party.example@evil.example/callback",
        "http://third-party.example/callback",
        " https://third-party.example/callback",
        "https://third-party.example/callback\n",
        "https://third-party.example",
        "",
    ],
)
def test_a_redirect_uri_that_differs_at_all_does_not_match(uri):
    assert not redirect_uri_matches(uri, "https://third-party.example/callback")


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:49152/other",
        "http://127.0.0.1:49152/callback/",
        "http://127.0.0.1:49152/callback?x=1",
        "http://127.0.0.1:49152/callback#x",
        "http://127.0.0.1:49152/callback\n",
        "http://127.0.0.1:49152",
        "http://user@127.0.0.1:49152/callback",
        "http://127.0.0.1:49152@evil.example/callback",
        "http://127.0.0.1:evil.example/callback",
        "http://127.0.0.1.evil.example/callback",
        "http://127.0.0.1:491520/callback",
        "http://127.0.0.1:٤٩١٥٢/callback",
        "http://127.0.0.2:49152/callback",
        "http://127x0.0.1:49152/callback",
        "http://[::1]:49152/callback",
        "http://localhost:49152/callback",
        "https://127.0.0.1:49152/callback",
    ],
)
def test_only_the_port_of_a_loopback_address_is_free(uri):
    assert not redirect_uri_matches(uri, "http://127.0.0.1:8000/callback")


def test_the_port_of_localhost_is_not_free():
    # RFC 8252 section 8.3: a name can be made to resolve elsewhere.
    assert not redirect_uri_matches("http://localhost:49152/callback", "http://localhost:8000/callback")


def test_the_port_of_a_loopback_address_is_not_free_with_https():
    assert not redirect_uri_matches("https://127.0.0.1:49152/callback", "https://127.0.0.1:8000/callback")


def test_any_registered_redirect_uri_is_allowed():
    application = Application(redirect_uris="https://a.example/callback\nhttps://b.example/callback")
    assert application.redirect_uri_allowed("https://b.example/callback")


def test_a_redirect_uri_that_is_not_registered_is_not_allowed():
    application = Application(redirect_uris="https://a.example/callback\nhttps://b.example/callback")
    assert not application.redirect_uri_allowed("https://c.example/callback")


def test_without_registered_redirect_uris_none_is_allowed():
    assert not Application(redirect_uris="").redirect_uri_allowed("")


def test_a_redirect_may_use_the_schemes_that_are_registered():
    application = Application(redirect_uris="https://a.example/ https://b.example/ com.example.app:/callback")
    assert application.get_allowed_schemes() == ["com.example.app", "https"]


# ── properties ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_public_application_is_public():
    assert Application(client_type=PUBLIC).is_public


def test_a_confidential_application_is_not_public():
    assert not Application(client_type=CONFIDENTIAL).is_public


def test_a_public_application_needs_pkce():
    assert Application(client_type=PUBLIC).pkce_required


def test_a_confidential_application_needs_pkce_once_it_is_ticked():
    assert Application(client_type=CONFIDENTIAL, require_pkce=True).pkce_required


def test_a_confidential_application_does_not_need_pkce_unless_it_is_ticked():
    assert not Application(client_type=CONFIDENTIAL).pkce_required


def test_an_application_is_usable():
    assert Application().is_usable(None)


def test_a_disabled_application_is_not_usable():
    assert not Application(disabled=True).is_usable(None)


def test_an_application_has_no_page_of_the_toolkit(application):
    assert application.get_absolute_url() is None


def test_an_application_is_found_again_by_its_natural_key(application):
    assert Application.objects.get_by_natural_key(*application.natural_key()) == application


def test_an_application_outlives_who_registered_it(user):
    application = ApplicationFactory(user=user)
    user.delete()
    application.refresh_from_db()
    assert application.user is None


def test_an_application_outlives_its_linked_user(db):
    application = LinkedApplicationFactory()
    application.linked_user.delete()
    application.refresh_from_db()
    assert application.linked_user is None


# ── saving ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def stored(application):
    return Application.objects.get(pk=application.pk)


def test_saving_stores_what_changed(application):
    application.name = "Another name"
    application.save()
    assert stored(application).name == "Another name"


def test_saving_some_fields_leaves_the_others(application):
    name = application.name
    application.name, application.publisher = "Another name", "Acme"
    application.save(update_fields=["publisher"])
    assert (stored(application).name, stored(application).publisher) == (name, "Acme")


def test_saving_no_fields_stores_nothing(application):
    name = application.name
    application.name = "Another name"
    application.save(update_fields=[])
    assert stored(application).name == name


def test_a_stale_copy_writes_no_old_generation_back(application):
    stale = stored(application)
    application.move_on_a_generation()
    stale.save()
    assert stored(application).generation == 1


def test_a_stale_copy_writes_no_old_generation_back_even_when_told_to(application):
    stale = stored(application)
    application.move_on_a_generation()
    stale.save(update_fields=["generation"])
    assert stored(application).generation == 1


def test_moving_on_counts_from_what_is_stored(application):
    stale = stored(application)
    application.move_on_a_generation()
    stale.move_on_a_generation()
    assert stored(application).generation == 2


def test_moving_on_is_known_to_the_copy_at_hand(application):
    application.move_on_a_generation()
    assert application.generation == 1


def test_moving_on_leaves_other_applications(application):
    other = ApplicationFactory()
    application.move_on_a_generation()
    assert stored(other).generation == 0


def test_saving_an_application_moves_no_generation_on(application):
    application.save()
    assert stored(application).generation == 0


def test_saving_a_disabled_application_moves_a_generation_on(application):
    application.disabled = True
    application.save()
    assert stored(application).generation == 1


def test_enabling_does_not_restore_an_earlier_generation(application):
    application.disabled = True
    application.save()
    application.disabled = False
    application.save()
    assert stored(application).generation > 0


def test_an_application_that_is_registered_disabled_starts_at_generation_0(db):
    assert stored(ApplicationFactory(disabled=True)).generation == 0


def test_an_application_is_registered_in_full(db):
    assert stored(ApplicationFactory(name="Acme Dashboard")).name == "Acme Dashboard"


# ── validation ───────────────────────────────────────────────────────────────────────────────────────────────────────


def faults(application):
    try:
        application.clean()
    except ValidationError as error:
        return {field: error.message_dict[field] for field in error.error_dict}
    return {}


@pytest.mark.parametrize("factory", [ApplicationFactory, PublicApplicationFactory])
def test_a_good_application_has_no_faults(factory):
    assert faults(factory.build()) == {}


def test_a_good_application_with_its_own_credentials_has_no_faults(db):
    assert faults(LinkedApplicationFactory()) == {}


def test_a_bad_redirect_uri_is_a_fault_of_that_field():
    application = ApplicationFactory.build(redirect_uris="http://third-party.example/callback")
    assert faults(application) == {
        "redirect_uris": [
            "http://third-party.example/callback must use https; http is for loopback addresses.",
        ]
    }


def test_every_bad_redirect_uri_is_named():
    application = ApplicationFactory.build(redirect_uris="javascript:x https://good.example/ data:x")
    assert [fault.split()[0] for fault in faults(application)["redirect_uris"]] == ["javascript:x", "data:x"]


def test_an_application_that_asks_users_needs_a_redirect_uri():
    assert faults(ApplicationFactory.build(redirect_uris=" \n")) == {
        "redirect_uris": ["Enter at least one redirect URI."]
    }


def test_an_application_with_its_own_credentials_needs_no_redirect_uri(db):
    assert faults(LinkedApplicationFactory(redirect_uris="")) == {}


def test_an_application_with_its_own_credentials_needs_a_linked_user():
    application = LinkedApplicationFactory.build(linked_user=None)
    assert faults(application) == {"linked_user": ["Choose the user whom the application acts as."]}


def test_a_public_application_has_no_credentials_of_its_own():
    application = LinkedApplicationFactory.build(client_type=PUBLIC, linked_user=UserFactory.build())
    assert faults(application) == {"client_type": ["Only a confidential application can use client credentials."]}


def test_all_validation_errors_are_reported_at_once():
    application = LinkedApplicationFactory.build(client_type=PUBLIC, linked_user=None, redirect_uris="javascript:x")
    assert set(faults(application)) == {"client_type", "linked_user", "redirect_uris"}


@pytest.mark.parametrize("name", ["logo.png", "logo.jpg", "logo.jpeg", "logo.webp"])
def test_a_logo_is_a_picture(name):
    Application._meta.get_field("logo").run_validators(SimpleUploadedFile(name, b"x"))


@pytest.mark.parametrize("name", ["logo.svg", "logo.html", "logo"])
def test_a_logo_that_can_carry_scripts_is_refused(name):
    with pytest.raises(ValidationError):
        Application._meta.get_field("logo").run_validators(SimpleUploadedFile(name, b"x"))


# ── origins, lifetimes, grants ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("origin", ["https://app.example", "https://app.example:8443", "http://127.0.0.1:3000"])
def test_a_good_origin_can_be_registered(origin):
    assert origin_fault(origin, client_type=PUBLIC) is None


@pytest.mark.parametrize(
    ("origin", "fault"),
    [
        ("https://app.example/", "is not an origin"),
        ("https://app.example/path", "is not an origin"),
        ("https://App.example", "is not an origin"),
        ("HTTPS://app.example", "is not an origin"),
        ("https://app.example?x", "is not an origin"),
        ("com.example.app:/callback", "is not an origin"),
        ("http://app.example", "must use https"),
        ("https://*.example", "has a wildcard"),
        ("https://user@app.example", "carries a user name"),
        ("null", "must start with https"),
        ("*", "has a wildcard"),
    ],
)
def test_a_bad_origin_can_not_be_registered(origin, fault):
    assert origin_fault(origin, client_type=PUBLIC).startswith(fault)


def test_a_confidential_application_has_no_origin():
    assert "public" in origin_fault("https://app.example", client_type=CONFIDENTIAL)


def test_a_bad_origin_is_a_fault_of_that_field():
    application = PublicApplicationFactory.build(allowed_origins="https://app.example https://app.example/")
    assert faults(application) == {
        "allowed_origins": ["https://app.example/ is not an origin: write scheme, host and port only, in lower case."]
    }


def test_good_origins_are_no_fault():
    assert faults(PublicApplicationFactory.build(allowed_origins="https://app.example http://127.0.0.1:3000")) == {}


@pytest.mark.parametrize(
    ("field", "longest"), [("access_token_seconds", 3600), ("refresh_token_seconds", 14 * 24 * 3600)]
)
class TestLifetimes:
    def test_one_that_is_longer_than_the_site_s_is_a_fault_of_that_field(self, field, longest):
        assert set(faults(ApplicationFactory.build(**{field: longest + 1}))) == {field}

    def test_one_that_is_as_long_as_the_site_s_is_no_fault(self, field, longest):
        assert faults(ApplicationFactory.build(**{field: longest})) == {}

    def test_none_is_no_fault(self, field, longest):
        assert faults(ApplicationFactory.build(**{field: None})) == {}

    def test_zero_is_a_fault(self, field, longest):
        with pytest.raises(ValidationError, match="greater than or equal to 1"):
            ApplicationFactory.build(**{field: 0}).clean_fields()


def test_without_a_lifetime_of_its_own_the_site_s_counts():
    assert ApplicationFactory.build().access_token_lifetime == timedelta(hours=1)


def test_a_lifetime_of_its_own_counts():
    assert ApplicationFactory.build(access_token_seconds=60).access_token_lifetime == timedelta(minutes=1)


def test_a_lifetime_of_its_own_does_not_outlast_a_site_s_that_was_shortened():
    application = ApplicationFactory.build(refresh_token_seconds=10**9)
    assert application.refresh_token_lifetime == timedelta(days=14)


def test_an_application_offers_the_grant_it_was_registered_for():
    assert ApplicationFactory.build().allows_grant_type(Application.GRANT_AUTHORIZATION_CODE)


def test_an_application_does_not_offer_another_grant():
    assert not ApplicationFactory.build().allows_grant_type(Application.GRANT_CLIENT_CREDENTIALS)


@pytest.mark.parametrize("grant", [Application.GRANT_AUTHORIZATION_CODE, Application.GRANT_CLIENT_CREDENTIALS])
def test_an_application_may_offer_both_grants(grant):
    assert ApplicationFactory.build(client_credentials=True).allows_grant_type(grant)


def test_an_application_with_both_grants_needs_a_linked_user():
    assert set(faults(ApplicationFactory.build(client_credentials=True, linked_user=None))) == {"linked_user"}


def test_an_application_with_both_grants_needs_a_redirect_uri(db):
    application = ApplicationFactory.build(client_credentials=True, linked_user=UserFactory(), redirect_uris="")
    assert set(faults(application)) == {"redirect_uris"}


def test_a_public_application_can_not_have_both_grants(db):
    application = PublicApplicationFactory.build(client_credentials=True, linked_user=UserFactory())
    assert set(faults(application)) == {"client_type"}


@pytest.fixture
def linked(user):
    return {
        "only": LinkedApplicationFactory(linked_user=user, name="b"),
        "both": ApplicationFactory(linked_user=user, client_credentials=True, name="a"),
        "not offered": ApplicationFactory(linked_user=user),
        "disabled": LinkedApplicationFactory(linked_user=user, disabled=True),
        "somebody else's": LinkedApplicationFactory(),
    }


def test_applications_that_act_as_a_user_are_found_by_name(linked, user):
    assert list(Application.objects.acting_as(user)) == [linked["both"], linked["only"]]
