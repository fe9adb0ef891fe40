"""The toolkit's tables with our columns: a worker that runs the toolkit alone can still write its rows."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import models
from django.utils import timezone

from fourme_oauth.models import AccessToken, Application, Grant, RefreshToken
from tests import toolkit_alone
from tests.factories import UserFactory

EACH = pytest.mark.parametrize("name", toolkit_alone.NAMES)


def own_columns(name):
    """The fields that the toolkit does not know."""
    known = {field.column for field in toolkit_alone.model(name)._meta.concrete_fields}
    return [field for field in apps.get_model("fourme_oauth", name)._meta.concrete_fields if field.column not in known]


def values_for(name, application):
    """What a row needs that has no default in the toolkit's model."""
    held = {"user": UserFactory(), "application": application, "expires": timezone.now() + timedelta(hours=1)}
    return {
        "Application": {"client_type": "confidential", "authorization_grant_type": "authorization-code"},
        "Grant": held | {"code": "a code", "redirect_uri": "https://acme.example/"},
        "AccessToken": held | {"token": "an access token"},
        "RefreshToken": {key: held[key] for key in ("user", "application")} | {"token": "a refresh token"},
        "IDToken": held,
        "DeviceGrant": {"client_id": "acme", "device_code": "a", "user_code": "b", "expires": held["expires"]},
    }[name]


@EACH
def test_worker_that_runs_the_toolkit_alone_writes_its_rows(application, name):
    written = toolkit_alone.rows(name).create(**values_for(name, application))
    assert apps.get_model("fourme_oauth", name).objects.filter(pk=written.pk).exists()


@EACH
def test_database_gives_columns_of_ours_the_values_that_django_would(application, name):
    written = toolkit_alone.rows(name).create(**values_for(name, application))
    ours = apps.get_model("fourme_oauth", name)
    read, unsaved = ours.objects.get(pk=written.pk), ours()
    columns = [field.attname for field in own_columns(name)]
    assert [getattr(read, column) for column in columns] == [getattr(unsaved, column) for column in columns]


@EACH
def test_columns_of_ours_may_be_left_out(name):
    needed = [field.name for field in own_columns(name) if not field.null and not field.has_db_default()]
    assert needed == []


@pytest.mark.parametrize("model", [AccessToken, Application, Grant, RefreshToken])
def test_instance_that_is_not_saved_has_values_of_python(model):
    assert [type(value) for value in vars(model()).values() if isinstance(value, models.Expression)] == []
