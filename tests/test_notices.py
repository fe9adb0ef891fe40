"""Who is told of what."""

import pytest
from django.db import transaction

from fourme_oauth import notices, revocation
from fourme_oauth.models import RefreshToken
from tests.factories import ApplicationFactory, UserFactory, authorize, mint_refresh_token


class AtOnce:
    """A thread that does not wait."""

    def __init__(self, target, args, name):
        self.start = lambda: target(*args)


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(notices, "Thread", AtOnce)


@pytest.fixture
def user(db):
    return UserFactory(username="carla", email="carla@example.com")


@pytest.fixture
def reuse(user, django_capture_on_commit_callbacks):
    """Let a refresh token come a second time."""
    application = ApplicationFactory(name="Acme & Sons\nDashboard", scopes=["request:read"])

    def reuse():
        mint_refresh_token(authorize(user, application))
        family = RefreshToken.objects.get().token_family
        with django_capture_on_commit_callbacks(execute=True):
            revocation.end_reused_family(family, user=user, application=application, credential="refresh token")

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


def test_who_has_no_address_gets_no_mail(reuse, mailoutbox, user):
    user.email = ""
    reuse()
    assert mailoutbox == []


def test_nothing_is_mailed_before_the_commit(reuse, mailoutbox, user):
    with transaction.atomic():
        notices.tell_of_reuse(application=ApplicationFactory(), user=user)
        assert mailoutbox == []


def test_a_mail_server_that_is_down_holds_nobody_up(reuse, monkeypatch, caplog):
    def fail(message):
        raise ConnectionRefusedError

    monkeypatch.setattr(notices.EmailMessage, "send", fail)
    reuse()
    assert "could not be sent" in caplog.text


def test_the_mail_is_sent_beside_the_request(user, monkeypatch, django_capture_on_commit_callbacks):
    started = []

    class Thread:
        def __init__(self, target, args, name):
            self.start = lambda: started.append(name)

    monkeypatch.setattr(notices, "Thread", Thread)
    with django_capture_on_commit_callbacks(execute=True):
        notices.tell_of_reuse(application=ApplicationFactory(), user=user)
    assert started == ["fourme_oauth mail"]
