from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from fourme_oauth import client_secrets
from fourme_oauth.models import ClientSecret
from tests.factories import ApplicationFactory
from tests.reports import ADMINISTRATORS


@pytest.fixture(autouse=True)
def managers(settings):
    settings.MANAGERS = ADMINISTRATORS


@pytest.fixture
def secret_that_lasts(db):
    """A secret that expires in so many days."""

    def secret_that_lasts(days, name="Acme & Dashboard"):
        expires_at = timezone.now() + timedelta(days=days)
        return client_secrets.issue(application=ApplicationFactory(name=name), expires_at=expires_at)

    return secret_that_lasts


def warn(capsys):
    call_command("warn_of_expiring_secrets")
    return capsys.readouterr().out


def test_managers_are_mailed_of_a_secret_that_expires_soon(secret_that_lasts, capsys):
    secret_that_lasts(13)
    warn(capsys)
    assert mail.outbox[0].to == ["admin@example.com"]


def test_mail_names_the_application_and_the_end_of_the_secret(secret_that_lasts, capsys):
    hint = secret_that_lasts(13).secret.hint
    warn(capsys)
    assert "Acme & Dashboard (client ID " in mail.outbox[0].body
    assert f"the secret with the last 4 characters {hint} expires on" in mail.outbox[0].body


def test_mail_does_not_have_the_secret(secret_that_lasts, capsys):
    issued = secret_that_lasts(13)
    warn(capsys)
    assert issued.plaintext not in mail.outbox[0].body
    assert issued.secret.digest not in mail.outbox[0].body


def test_several_secrets_are_one_mail(secret_that_lasts, capsys):
    secret_that_lasts(1)
    secret_that_lasts(2)
    warn(capsys)
    assert [message.subject for message in mail.outbox] == ["[Django] 2 client secrets expire soon"]


def test_managers_are_mailed_once(secret_that_lasts, capsys):
    secret_that_lasts(13)
    warn(capsys)
    warn(capsys)
    assert len(mail.outbox) == 1


def test_command_says_of_how_many_it_warned(secret_that_lasts, capsys):
    secret_that_lasts(13)
    assert warn(capsys) == "Secrets that the managers were warned of: 1\n"


@pytest.mark.parametrize("days", [15, -1], ids=["later", "expired"])
def test_nobody_is_mailed_of_other_secrets(secret_that_lasts, capsys, days):
    secret_that_lasts(days)
    warn(capsys)
    assert mail.outbox == []


def test_nobody_is_mailed_of_a_retired_secret(secret_that_lasts, capsys):
    client_secrets.retire(secret=secret_that_lasts(13).secret)
    warn(capsys)
    assert mail.outbox == []


def test_nobody_is_mailed_of_a_secret_without_an_end(application, secret, capsys):
    warn(capsys)
    assert mail.outbox == []


def test_number_of_days_is_a_setting(secret_that_lasts, settings, capsys):
    settings.FOURME_OAUTH = {"WARN_OF_EXPIRING_SECRETS_DAYS": 30}
    secret_that_lasts(29)
    warn(capsys)
    assert len(mail.outbox) == 1


def test_site_without_managers_gets_an_error_message(secret_that_lasts, settings):
    settings.MANAGERS = []
    with pytest.raises(CommandError, match="MANAGERS is empty"):
        call_command("warn_of_expiring_secrets")


def test_failed_mail_is_retried_at_the_next_run(secret_that_lasts, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("no mail server")

    secret_that_lasts(13)
    monkeypatch.setattr("fourme_oauth.management.commands.warn_of_expiring_secrets.mail_managers", fail)
    with pytest.raises(OSError, match="no mail server"):
        call_command("warn_of_expiring_secrets")
    assert ClientSecret.objects.get().warned_at is None
