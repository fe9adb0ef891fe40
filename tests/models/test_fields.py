"""The toolkit's column for a client secret: nothing that the toolkit would accept as a secret is written to it."""

import pytest
from django.contrib.auth.hashers import make_password
from oauth2_provider.oauth2_validators import OAuth2Validator

from fourme_oauth.models import Application
from fourme_oauth.models.credentials import is_unusable_hash
from tests import toolkit_alone
from tests.factories import ApplicationFactory, PublicApplicationFactory

HASHERS = [f"django.contrib.auth.hashers.{name}PasswordHasher" for name in ("MD5", "PBKDF2")]


def stored(application):
    return toolkit_alone.rows("Application").get(client_id=application.client_id).client_secret


def created(**fields):
    return Application.objects.create(**fields)


def saved(**fields):
    application = Application(**fields)
    application.save()
    return application


def created_in_bulk(**fields):
    return Application.objects.bulk_create([Application(**fields)])[0]


def got_or_created(**fields):
    return Application.objects.get_or_create(name="Acme", defaults=fields)[0]


def updated(client_secret=""):
    Application.objects.filter(pk=saved().pk).update(client_secret=client_secret)
    return Application.objects.get()


def updated_in_bulk(client_secret=""):
    application = saved()
    application.client_secret = client_secret
    Application.objects.bulk_update([application], ["client_secret"])
    return application


def saved_by_name(client_secret=""):
    application = saved()
    application.client_secret = client_secret
    application.save(update_fields=["client_secret"])
    return application


WAYS = pytest.mark.parametrize(
    "written", [created, saved, created_in_bulk, got_or_created, updated, updated_in_bulk, saved_by_name]
)


@WAYS
def test_an_application_without_a_secret_holds_an_unusable_hash(db, written):
    assert is_unusable_hash(stored(written()))


@WAYS
def test_a_blank_secret_becomes_an_unusable_hash(db, written):
    assert is_unusable_hash(stored(written(client_secret="")))


@WAYS
def test_a_readable_secret_is_refused(db, written):
    with pytest.raises(ValueError, match=r"fourme_oauth\.client_secrets\.issue"):
        written(client_secret="a readable secret")


@WAYS
def test_a_hash_that_django_recognizes_is_stored(db, written):
    hashed = make_password("a readable secret")
    assert stored(written(client_secret=hashed)) == hashed


def test_error_message_does_not_contain_the_secret(db):
    with pytest.raises(ValueError, match="readable") as refused:
        created(client_secret="a readable secret")
    assert "a readable secret" not in str(refused.value)


# The toolkit alone


@pytest.fixture(params=[ApplicationFactory, PublicApplicationFactory], ids=["confidential", "public"])
def column(request, db):
    return stored(request.param())


def accepts(stored, presented):
    return OAuth2Validator()._check_secret(presented, stored)


@pytest.mark.parametrize("hashers", [HASHERS, HASHERS[:1]], ids=["recognized", "not recognized"])
def test_the_toolkit_alone_accepts_no_blank_secret(column, settings, hashers):
    settings.PASSWORD_HASHERS = hashers
    assert not accepts(column, "")


def test_the_toolkit_alone_does_not_accept_what_is_stored(column, settings):
    settings.PASSWORD_HASHERS = HASHERS
    assert not accepts(column, column)


def test_the_toolkit_alone_accepts_a_blank_secret_where_the_column_is_blank():
    assert accepts("", "")


def test_the_toolkit_alone_leaves_an_unusable_hash_as_it_is(application, settings):
    settings.PASSWORD_HASHERS = HASHERS
    before = stored(application)
    toolkit_alone.rows("Application").get().save()
    assert stored(application) == before


# What the toolkit has stored


@pytest.fixture(params=[make_password("hashed"), "a readable secret"], ids=["hashed", "readable"])
def legacy(request, application):
    toolkit_alone.rows("Application").update(client_secret=request.param)
    application.refresh_from_db()
    return application


def test_what_the_toolkit_has_stored_is_read_as_it_is(legacy):
    assert legacy.client_secret == stored(legacy)


def test_saving_leaves_what_the_toolkit_has_stored(legacy):
    before = stored(legacy)
    legacy.name = "Another name"
    legacy.save()
    assert (Application.objects.get().name, stored(legacy)) == ("Another name", before)


def test_a_stale_copy_writes_no_hash_back(application):
    toolkit_alone.rows("Application").update(client_secret=make_password("hashed"))
    stale = Application.objects.get()
    Application.objects.update(client_secret="")
    stale.save()
    assert is_unusable_hash(stored(application))


def test_a_readable_secret_that_was_set_is_refused_when_all_is_saved(application):
    application.client_secret = "a readable secret"
    with pytest.raises(ValueError, match="readable"):
        application.save()


def test_migrations_see_a_plain_field_without_a_default():
    """They must be importable while the settings are not complete and our models can't be imported."""
    _name, path, _args, kwargs = Application._meta.get_field("client_secret").deconstruct()
    assert (path, "default" in kwargs) == ("django.db.models.CharField", False)
