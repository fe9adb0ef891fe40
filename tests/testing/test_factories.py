from django.contrib.auth import get_user_model

from fourme_oauth.models import AuditEvent
from fourme_oauth.testing.factories import AccessTokenFactory, AuthorizationFactory, RefreshTokenFactory
from tests.factories import ApplicationFactory, UserFactory


def test_an_authorization_is_made_by_consent(db):
    authorization = AuthorizationFactory()
    assert authorization.granted == {"request:read"}
    assert AuditEvent.objects.get().kind == AuditEvent.Kind.AUTHORIZED


def test_an_authorization_can_say_less_than_is_allowed(db):
    application = ApplicationFactory(scopes=["request:read", "request:create"])
    assert AuthorizationFactory(application=application, scopes=["request:read"]).granted == {"request:read"}


def test_an_access_token_is_alive_by_its_text(db):
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
