from datetime import timedelta

import pytest
from django.utils import timezone

from fourme_oauth.models import ClientSecret
from tests.factories import UserFactory


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def client_secret(application, now):
    return ClientSecret.objects.create(application=application, digest="sha256$00", hint="wxyz", issued_at=now)


def is_live(now, **fields):
    ClientSecret.objects.update(**fields)
    return ClientSecret.objects.live(now).exists()


def test_a_secret_reads_as_its_last_four_characters(client_secret):
    assert str(client_secret) == "…wxyz"


def test_a_secret_without_an_end_is_live(client_secret, now):
    assert is_live(now)


def test_a_secret_is_live_until_it_expires(client_secret, now):
    assert is_live(now, expires_at=now + timedelta(microseconds=1))


def test_a_secret_is_not_live_at_the_moment_it_expires(client_secret, now):
    assert not is_live(now, expires_at=now)


def test_a_retired_secret_is_not_live(client_secret, now):
    assert not is_live(now, retired_at=now)


def test_a_retired_secret_is_not_live_though_it_has_not_expired(client_secret, now):
    assert not is_live(now, retired_at=now, expires_at=now + timedelta(days=1))


def test_the_youngest_secret_comes_first(client_secret, application, now):
    younger = ClientSecret.objects.create(application=application, digest="sha256$01", hint="abcd", issued_at=now)
    assert list(application.client_secrets.all()) == [younger, client_secret]


def test_a_secret_outlives_who_issued_it(client_secret):
    administrator = UserFactory()
    ClientSecret.objects.update(issued_by=administrator)
    administrator.delete()
    client_secret.refresh_from_db()
    assert client_secret.issued_by is None


def test_a_secret_ends_with_its_application(client_secret, application):
    application.delete()
    assert not ClientSecret.objects.exists()
