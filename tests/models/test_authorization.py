from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from fourme_oauth import revocation
from fourme_oauth.actor import Actor
from fourme_oauth.models import AuditEvent, Authorization
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
    revocation.revoke(authorization, by=Actor(administrator))
    administrator.delete()
    authorization.refresh_from_db()
    assert authorization.revoked_by is None


# ── use and renewal, recorded once a day ─────────────────────────────────────────────────────────────────────────────

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
HERE, ELSEWHERE = "192.0.2.1", "198.51.100.7"


def use(at, ip=None):
    before = Authorization.objects.get().last_used_at
    Authorization.objects.all().note_use(at, before=before, ip=ip)


def renew(at, ip=None):
    before = Authorization.objects.get().renewed_at
    Authorization.objects.all().note_renewal(at, before=before, ip=ip)


def recorded(kind):
    """The time and client IP of the recorded events, oldest first."""
    return list(AuditEvent.objects.filter(kind=kind).order_by("at", "pk").values_list("at", "ip_address"))


def test_first_use_of_a_day_is_recorded(authorization):
    use(NOON)
    assert recorded("used") == [(NOON, None)]


def test_second_use_of_a_day_is_stored_and_not_recorded(authorization):
    use(NOON)
    use(NOON + timedelta(hours=6))
    assert recorded("used") == [(NOON, None)]
    assert Authorization.objects.get().last_used_at == NOON + timedelta(hours=6)


def test_noting_a_second_use_of_a_day_takes_one_statement(authorization, django_assert_num_queries):
    use(NOON)
    with django_assert_num_queries(1):
        Authorization.objects.all().note_use(NOON + timedelta(hours=1), before=NOON, ip=None)


def test_use_on_the_next_day_is_recorded(authorization):
    use(NOON)
    use(NOON + timedelta(hours=12))
    assert len(recorded("used")) == 2


def test_a_day_is_one_of_the_site(authorization, settings):
    settings.TIME_ZONE = "Asia/Tokyo"  # where it is 21 o'clock at noon
    use(NOON)
    use(NOON + timedelta(hours=2, minutes=59))
    assert len(recorded("used")) == 1
    use(NOON + timedelta(hours=3))
    assert len(recorded("used")) == 2


def test_a_use_says_whose_and_by_which_application(authorization, user, application):
    use(NOON)
    event = AuditEvent.objects.get(kind="used")
    assert (event.user, event.application, event.by) == (user, application, None)


def test_use_noted_concurrently_is_recorded_once(authorization):
    for _ in range(2):
        Authorization.objects.all().note_use(NOON, before=None, ip=None)
    assert recorded("used") == [(NOON, None)]


@pytest.fixture
def keeps_addresses(settings):
    settings.FOURME_OAUTH = {"KEEP_IP_ADDRESSES": True}


def test_use_from_another_client_ip_is_recorded_on_the_same_day(authorization, keeps_addresses):
    use(NOON, HERE)
    use(NOON + timedelta(hours=1), ELSEWHERE)
    assert recorded("used") == [(NOON, HERE), (NOON + timedelta(hours=1), ELSEWHERE)]


def test_use_from_the_same_client_ip_is_recorded_once_a_day(authorization, keeps_addresses):
    for number, address in enumerate([HERE, ELSEWHERE, HERE, ELSEWHERE]):
        use(NOON + timedelta(hours=number), address)
    assert len(recorded("used")) == 2


def test_use_from_yesterdays_client_ip_is_recorded(authorization, keeps_addresses):
    use(NOON, HERE)
    use(NOON + timedelta(days=1), HERE)
    assert len(recorded("used")) == 2


def test_site_without_client_ips_records_one_use_a_day(authorization):
    use(NOON, HERE)
    use(NOON + timedelta(hours=1), ELSEWHERE)
    assert recorded("used") == [(NOON, None)]


def test_use_by_another_user_from_the_same_client_ip_does_not_count(authorization, application, keeps_addresses):
    AuditEvent.objects.record("used", application=application, user=UserFactory(), at=NOON, by=Actor(ip=HERE))
    use(NOON, ELSEWHERE)
    use(NOON + timedelta(hours=1), HERE)
    assert len(recorded("used")) == 3


def test_first_renewal_of_a_day_is_recorded(authorization, keeps_addresses):
    renew(NOON, HERE)
    assert recorded("renewed") == [(NOON, HERE)]


def test_a_second_renewal_of_a_day_writes_nothing(authorization, django_assert_num_queries):
    renew(NOON)
    with django_assert_num_queries(0):
        Authorization.objects.all().note_renewal(NOON + timedelta(hours=1), before=NOON, ip=None)
    assert recorded("renewed") == [(NOON, None)]


def test_renewal_on_the_next_day_is_recorded(authorization):
    renew(NOON)
    renew(NOON + timedelta(days=1))
    assert len(recorded("renewed")) == 2


def test_renewal_noted_concurrently_is_recorded_once(authorization):
    for _ in range(2):
        Authorization.objects.all().note_renewal(NOON, before=None, ip=None)
    assert recorded("renewed") == [(NOON, None)]
