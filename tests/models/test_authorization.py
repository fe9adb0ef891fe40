import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from fourme_oauth import revocation
from fourme_oauth.models import Authorization
from tests.factories import ApplicationFactory, UserFactory, authorize


def test_an_authorization_reads_as_the_user_and_the_name_of_the_application(user, application):
    assert str(authorize(user, application)) == f"{user}: {application.name}"


def test_an_authorization_of_a_nameless_application_reads_as_its_client_id(user):
    assert str(Authorization(user=user, client_id="abc")) == f"{user}: abc"


def test_granted_is_what_the_user_granted(authorization):
    assert authorization.granted == {"request:read", "request:create"}


def test_nothing_is_granted_once_it_is_revoked(authorization):
    authorization.revoked_at = timezone.now()
    assert authorization.granted == frozenset()


def test_what_is_not_revoked_stands(authorization):
    assert list(Authorization.objects.standing()) == [authorization]


def test_what_is_revoked_does_not_stand(authorization):
    revocation.revoke(authorization)
    assert not Authorization.objects.standing().exists()


def test_of_keeps_the_users_own(authorization, user):
    assert list(Authorization.objects.of(user)) == [authorization]


def test_of_leaves_out_those_of_others(authorization):
    assert not Authorization.objects.of(UserFactory()).exists()


def test_between_keeps_the_one_of_the_two_even_when_it_is_revoked(authorization, user, application):
    revocation.revoke(authorization)
    assert Authorization.objects.between(user, application).get() == authorization


def test_between_leaves_out_other_applications(authorization, user):
    assert not Authorization.objects.between(user, ApplicationFactory()).exists()


def test_a_user_has_one_authorization_per_application(authorization, user, application):
    now = timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        Authorization.objects.create(user=user, application=application, granted_at=now, confirmed_at=now)


def test_a_user_can_have_several_whose_applications_are_gone(user):
    for _ in range(2):
        application = ApplicationFactory()
        authorize(user, application)
        application.delete()
    assert Authorization.objects.of(user).filter(application=None).count() == 2


def test_an_authorization_ends_with_its_user(authorization, user):
    user.delete()
    assert not Authorization.objects.exists()


def test_an_authorization_outlives_who_revoked_it(authorization):
    administrator = UserFactory()
    revocation.revoke(authorization, by=administrator)
    administrator.delete()
    authorization.refresh_from_db()
    assert authorization.revoked_by is None
