import pytest
from django.utils import timezone

from fourme_oauth.models import FailedRequest
from tests.factories import ApplicationFactory

LIST = "/admin/fourme_oauth/failedrequest/"


@pytest.fixture
def failed(application):
    now = timezone.now()
    return FailedRequest.objects.create(
        application=application, kind="secret_missing", fingerprint="a", first_at=now, last_at=now
    )


def test_list_says_what_happened(admin_client, failed):
    assert "It presented no client secret." in admin_client.get(LIST).content.decode()


def test_list_is_narrowed_to_an_application(admin_client, failed):
    of_another = {"application__id__exact": ApplicationFactory().pk}
    assert not admin_client.get(LIST, of_another).context["cl"].result_list
    own = {"application__id__exact": failed.application_id}
    assert list(admin_client.get(LIST, own).context["cl"].result_list) == [failed]


def test_list_is_narrowed_to_a_kind(admin_client, failed):
    assert not admin_client.get(LIST, {"kind__exact": "code_used"}).context["cl"].result_list


def test_page_says_what_happened(admin_client, failed):
    assert "It presented no client secret." in admin_client.get(f"{LIST}{failed.pk}/change/").content.decode()


def test_nothing_can_be_added(admin_client):
    assert admin_client.get(f"{LIST}add/").status_code == 403


def test_nothing_can_be_changed(admin_client, failed):
    assert admin_client.post(f"{LIST}{failed.pk}/change/", {"times": 5}).status_code == 403


def test_nothing_can_be_deleted(admin_client, failed):
    assert admin_client.post(f"{LIST}{failed.pk}/delete/", {"post": "yes"}).status_code == 403


def test_many_can_not_be_deleted(admin_client, failed):
    admin_client.post(LIST, {"action": "delete_selected", "_selected_action": [failed.pk], "post": "yes"})
    assert FailedRequest.objects.exists()


def test_failed_requests_are_deleted_with_their_application(admin_client, failed):
    admin_client.post(f"/admin/fourme_oauth/application/{failed.application_id}/delete/", {"post": "yes"})
    assert not FailedRequest.objects.exists()
