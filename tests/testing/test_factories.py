from django.contrib.auth import get_user_model

from fourme_oauth.models import AuditEvent
from fourme_oauth.testing.factories import AccessTokenFactory, AuthorizationFactory, RefreshTokenFactory
from tests.factories import ApplicationFactory, ScopeFactory, UserFactory


def test_an_authorization_is_made_by_consent(db):
    authorization = AuthorizationFactory()
    assert authorization.granted == {"request:read"}
    assert AuditEvent.objects.get().kind == AuditEvent.Kind.AUTHORIZED


def test_an_authorization_can_say_less_than_is_allowed(db):
    application = ApplicationFactory(scopes=["request:read", "request:create"])
    assert AuthorizationFactory(application=application, scopes=["request:read"]).granted == {"request:read"}


def test_access_token_is_valid(db):
    token = AccessTokenFactory()
    assert token.is_valid(["request:read"])
    assert token.token == ""


def test_a_refresh_token_has_a_text_of_its_own(db):
    token = RefreshTokenFactory()
    assert token.plaintext.startswith("fmr_")
    assert token.plaintext not in str(vars(type(token).objects.get()))


def test_an_application_can_be_built_without_a_row():
    # Nothing is asked of a database: this test may have none.
    assert ApplicationFactory.build(scopes=["request:read"]).pk is None


def test_a_user_signs_in_with_what_the_site_says(monkeypatch):
    monkeypatch.setattr(get_user_model(), "USERNAME_FIELD", "email")
    user = UserFactory.build(username="anna@example.com")
    assert (user.email, user.username) == ("anna@example.com", "")


def test_a_scope_is_for_everyone(db):
    assert ScopeFactory().for_everyone


def test_a_scope_with_roles_is_for_who_has_one(role):
    scope = ScopeFactory(roles=[role])
    assert (scope.for_everyone, list(scope.roles.all())) == (False, [role])


def test_a_scope_can_be_for_nobody(db):
    assert not ScopeFactory(for_everyone=False).for_everyone


def test_a_scope_can_have_roles_and_be_for_everyone(role):
    scope = ScopeFactory(roles=[role], for_everyone=True)
    assert (scope.for_everyone, list(scope.roles.all())) == (True, [role])


def test_a_scope_that_exists_is_given_roles_and_is_for_everyone_no_longer(role):
    ScopeFactory(name="request:read")
    ScopeFactory(name="request:read", roles=[role])
    assert not ScopeFactory(name="request:read").for_everyone


def test_a_scope_that_exists_stays_as_it_is(role):
    ScopeFactory(name="request:read", roles=[role])
    assert not ScopeFactory(name="request:read").for_everyone


def test_a_scope_can_be_built_without_a_row():
    assert ScopeFactory.build(name="request:read").for_everyone
