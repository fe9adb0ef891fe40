"""Mails to users about their access."""

from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils.translation import get_language, override

from fourme_oauth import mails, revocation
from fourme_oauth.actor import SYSTEM, Actor
from fourme_oauth.models import RefreshToken
from tests.factories import ApplicationFactory, UserFactory, authorize, mint_refresh_token


class AtOnce:
    """A thread that runs at once, in the caller."""

    def submit(self, act, *arguments):
        act(*arguments)


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(mails, "_mail_executor", lambda process: AtOnce())


@pytest.fixture
def user(db):
    return UserFactory(username="carla", email="carla@example.com")


@pytest.fixture
def reuse(user, django_capture_on_commit_callbacks):
    """Replay a refresh token."""
    application = ApplicationFactory(name="Acme & Sons\nDashboard", scopes=["request:read"])

    def reuse():
        mint_refresh_token(authorize(user, application))
        with django_capture_on_commit_callbacks(execute=True):
            revocation.end_reused_family(RefreshToken.objects.get(), by=SYSTEM)

    return reuse


def test_a_reuse_is_mailed_to_the_user(reuse, mailoutbox):
    reuse()
    assert [mail.to for mail in mailoutbox] == [["carla@example.com"]]


def test_the_mail_says_which_application(reuse, mailoutbox):
    reuse()
    assert mailoutbox[0].subject == "Acme & Sons Dashboard was disconnected from your account"
    assert "Acme & Sons" in mailoutbox[0].body


def test_one_setting_turns_it_off(reuse, mailoutbox, settings):
    settings.FOURME_OAUTH = {"MAIL_ON_REUSE": False}
    reuse()
    assert mailoutbox == []


def test_user_without_an_email_address_gets_no_mail(reuse, mailoutbox, user):
    user.email = ""
    user.save()
    reuse()
    assert mailoutbox == []


def test_nothing_is_mailed_before_the_commit(reuse, mailoutbox, user):
    with transaction.atomic():
        mails.mail_of_reuse(application=ApplicationFactory(), user=user)
        assert mailoutbox == []


def test_unavailable_mail_server_delays_no_request(reuse, monkeypatch, caplog):
    def fail(message):
        raise ConnectionRefusedError

    monkeypatch.setattr(mails.EmailMultiAlternatives, "send", fail)
    reuse()
    assert "could not be sent" in caplog.text


def test_mail_is_sent_in_a_background_thread(user, monkeypatch, django_capture_on_commit_callbacks):
    submitted = []

    class Later:
        def submit(self, act, *arguments):
            submitted.append(act)

    monkeypatch.setattr(mails, "_mail_executor", lambda process: Later())
    with django_capture_on_commit_callbacks(execute=True):
        mails.mail_of_reuse(application=ApplicationFactory(), user=user)
    assert submitted == [mails._send]


def test_one_thread_of_a_process_sends_all(monkeypatch):
    monkeypatch.undo()
    assert mails._mail_executor(1) is mails._mail_executor(1)
    assert mails._mail_executor(1) is not mails._mail_executor(2)


@pytest.fixture
def mailed(db, mailoutbox, django_capture_on_commit_callbacks):
    """Call it, commit, and return the subjects of the mails."""

    def mailed(act):
        mailoutbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            act()
        return [mail.subject for mail in mailoutbox]

    return mailed


@pytest.fixture
def acme(db):
    return ApplicationFactory(name="Acme", scopes=["request:read", "request:create"])


FIRST, MORE = "Acme may act on your behalf", "Acme may do more on your behalf"
REVOKED = "Acme has no access to your account any more"


def test_a_first_authorization_is_mailed(mailed, user, acme):
    assert mailed(lambda: authorize(user, acme)) == [FIRST]


def test_consent_after_a_revocation_is_mailed_as_a_first(mailed, user, acme):
    revocation.revoke(authorize(user, acme))
    assert mailed(lambda: authorize(user, acme)) == [FIRST]


def test_more_access_is_mailed(mailed, user, acme):
    authorize(user, acme, "request:read")
    assert mailed(lambda: authorize(user, acme)) == [MORE]


def test_the_same_again_is_not_mailed(mailed, user, acme):
    authorize(user, acme)
    assert mailed(lambda: authorize(user, acme)) == []


def test_a_revocation_by_somebody_else_is_mailed(mailed, user, acme):
    authorization = authorize(user, acme)
    assert mailed(lambda: revocation.revoke(authorization, by=Actor(UserFactory()))) == [REVOKED]


def test_a_revocation_by_the_site_is_mailed(mailed, user, acme):
    authorization = authorize(user, acme)
    assert mailed(lambda: revocation.revoke(authorization)) == [REVOKED]


def test_a_revocation_of_ones_own_is_not_mailed(mailed, user, acme):
    authorization = authorize(user, acme)
    assert mailed(lambda: revocation.revoke(authorization, by=Actor(user))) == []


def body_of(mailed, mailoutbox, act):
    assert mailed(act) == [REVOKED]
    text, html = mailoutbox[0].body, mailoutbox[0].alternatives[0][0]
    sentence = " ".join(text.split())
    assert all(line.strip() in " ".join(html.split()) for line in text.splitlines())
    return sentence


def test_a_revocation_by_an_administrator_says_so(mailed, mailoutbox, user, acme):
    authorization = authorize(user, acme)
    body = body_of(mailed, mailoutbox, lambda: revocation.revoke(authorization, by=Actor(UserFactory())))
    assert "The administrators of this site revoked the access of Acme" in body


def test_a_revocation_by_command_says_that_it_was_the_administrators(mailed, mailoutbox, user, acme):
    authorize(user, acme)

    def command():
        call_command("revoke_access", "--user", user.username, stdout=StringIO())

    assert "The administrators of this site revoked" in body_of(mailed, mailoutbox, command)


def test_end_of_an_application_is_mailed_as_the_administrators(mailed, mailoutbox, user, acme):
    authorize(user, acme)
    assert "The administrators of this site revoked" in body_of(mailed, mailoutbox, acme.delete)


def test_changed_password_is_mailed_as_such_whoever_set_it(mailed, mailoutbox, user, acme, settings):
    settings.FOURME_OAUTH = {"END_ACCESS_ON_PASSWORD_CHANGE": True}
    authorize(user, acme)
    user.set_password("another password")
    body = body_of(mailed, mailoutbox, user.save)
    assert "The password of your account was changed." in body
    assert "If you changed it yourself" in body
    assert "administrators" not in body


@pytest.mark.parametrize("end", ["deactivated", "deleted"])
def test_deactivated_or_deleted_account_is_mailed_as_such(mailed, mailoutbox, user, acme, settings, end):
    settings.FOURME_OAUTH = {"END_ACCESS_OF_DEACTIVATED_USERS": True}
    authorize(user, acme)
    user.is_active = False
    body = body_of(mailed, mailoutbox, user.save if end == "deactivated" else user.delete)
    assert "Your account was deactivated or deleted." in body
    assert "administrators" not in body


@pytest.mark.parametrize("key", ["MAIL_ON_FIRST_AUTHORIZATION", "MAIL_ON_MORE_ACCESS", "MAIL_ON_REVOCATION"])
def test_each_mail_has_its_setting(mailed, user, acme, settings, key):
    settings.FOURME_OAUTH = {key: False}

    def live():
        authorize(user, acme, "request:read")
        revocation.revoke(authorize(user, acme))

    expected = {"MAIL_ON_FIRST_AUTHORIZATION": FIRST, "MAIL_ON_MORE_ACCESS": MORE, "MAIL_ON_REVOCATION": REVOKED}
    assert mailed(live) == [subject for which, subject in expected.items() if which != key]


def test_a_mail_is_text_and_html(mailed, user, mailoutbox):
    mailed(lambda: authorize(user, ApplicationFactory(name="Acme & <b>Sons", scopes=["request:read"])))
    assert "Acme & <b>Sons" in mailoutbox[0].body
    html, kind = mailoutbox[0].alternatives[0]
    assert kind == "text/html"
    assert "Acme &amp; &lt;b&gt;Sons" in html
    assert "<li>Use request:read</li>" in html


# Language


FIRST_IN_DUTCH, REVOKED_IN_DUTCH = "Acme mag namens u handelen", "Acme heeft geen toegang meer tot uw account"


def revoked_by_somebody_else(user, acme):
    authorization = authorize(user, acme)
    return lambda: revocation.revoke(authorization, by=Actor(UserFactory()))


def test_what_the_user_did_is_mailed_in_the_language_of_their_request(mailed, user, acme):
    with override("nl"):
        assert mailed(lambda: authorize(user, acme)) == [FIRST_IN_DUTCH]


def test_what_somebody_else_did_is_mailed_in_the_language_of_the_site(mailed, user, acme):
    with override("nl"):
        assert mailed(revoked_by_somebody_else(user, acme)) == [REVOKED]


def test_mail_is_in_the_language_of_the_user(mailed, user, acme, settings, monkeypatch):
    settings.FOURME_OAUTH = {"USER_LANGUAGE_ATTRIBUTE": "profile.language"}
    monkeypatch.setattr(type(user), "profile", SimpleNamespace(language="nl"), raising=False)
    assert mailed(revoked_by_somebody_else(user, acme)) == [REVOKED_IN_DUTCH]


@pytest.mark.parametrize("attribute", ["profile.language", "last_name"], ids=["no such row", "an empty one"])
def test_mail_is_in_the_language_of_the_site_where_the_users_is_unknown(mailed, user, acme, settings, attribute):
    settings.FOURME_OAUTH = {"USER_LANGUAGE_ATTRIBUTE": attribute}
    user.last_name = ""
    assert mailed(revoked_by_somebody_else(user, acme)) == [REVOKED]


def test_mail_declares_its_language(mailed, user, acme, mailoutbox):
    with override("nl"):
        mailed(lambda: authorize(user, acme))
    assert '<html lang="nl"' in mailoutbox[0].alternatives[0][0]


def test_a_mail_leaves_the_language_of_the_request_alone(mailed, user, acme):
    with override("nl"):
        mailed(revoked_by_somebody_else(user, acme))
        assert get_language() == "nl"


def test_a_broken_template_breaks_nothing_else(mailed, user, acme, monkeypatch, caplog):
    def fail(name, context):
        raise LookupError(name)

    monkeypatch.setattr(mails, "render_to_string", fail)
    assert mailed(lambda: authorize(user, acme)) == []
    assert user.authorizations.standing().exists()
    assert "could not be written" in caplog.text
