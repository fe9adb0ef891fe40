import base64

import pytest
from django.db import OperationalError, connection

from fourme_oauth.models import AuditEvent
from tests.factories import (
    PASSWORD,
    ApplicationFactory,
    LinkedApplicationFactory,
    RoleFactory,
    ScopeFactory,
    authorize,
    mint_access_token,
    mint_own_access_token,
)

pytestmark = pytest.mark.urls("tests.rest_framework.views")

MALFORMED = [
    "Bearer",
    "Bearer ",
    "bearer",
    "Bearer a b",
    "Bearer a,b",
    "Bearer caf\u00e9",
    "Bearer =",
    'Bearer "a"',
    "Bearer a\x00",
]


# A valid token


def test_token_in_the_header_acts_as_its_user(call, token, user):
    assert call("/by-list/", token).json() == {"username": user.username}


@pytest.mark.parametrize("scheme", ["bearer ", "BEARER ", "Bearer   "])
def test_scheme_is_read_as_http_reads_schemes(call, token, scheme):
    assert call("/by-list/", header=scheme + token).status_code == 200


def test_request_has_the_application_of_the_token(call, token, application):
    assert call("/what-the-token-is/", token).json()["application"] == application.client_id


def test_request_has_the_effective_scopes_of_the_token(call, token):
    assert call("/what-the-token-is/", token).json()["effective_scopes"] == ["request:create", "request:read"]


def test_token_explains_every_scope(call, authorization):
    ScopeFactory(name="request:close")
    token = mint_access_token(authorization, scope="request:read")
    assert call("/what-the-token-is/", token).json()["explain"] == {
        "request:close": "not_allowed",
        "request:create": "not_granted",
        "request:read": "in_effect",
    }


def test_token_is_accepted_where_anyone_may_read(call, token, user):
    assert call("/for-anyone/", token).json() == {"username": user.username}


def test_token_is_accepted_where_the_session_is_asked_first(call, token, user):
    assert call("/session-first/", token).json() == {"username": user.username}


def test_session_is_accepted_where_no_token_is_sent(client, user):
    client.force_login(user)
    assert client.get("/by-list/").json() == {"username": user.username}


# No token


def test_request_without_a_token_is_refused(call, db):
    assert call("/by-list/").status_code == 401


def test_request_without_a_token_is_challenged_without_an_error(call, challenge_of, db):
    assert "error" not in challenge_of(call("/by-list/"))


def test_request_without_a_token_is_welcome_where_anyone_may_read(call, db):
    assert call("/for-anyone/").status_code == 200


def test_token_in_the_query_string_is_not_read(call, token):
    assert call("/by-list/", QUERY_STRING=f"access_token={token}").status_code == 401


def test_token_in_a_form_is_not_read(call, token):
    form = {"data": f"access_token={token}", "content_type": "application/x-www-form-urlencoded"}
    assert call("/by-list/", method="POST", **form).status_code == 401


def test_token_in_the_header_is_read_beside_a_form(call, token):
    form = {"data": "subject=Printer", "content_type": "application/x-www-form-urlencoded"}
    assert call("/by-list/", token, method="POST", **form).json() == {"subject": "Printer"}


def test_another_scheme_is_left_to_the_next_authenticator(call, user):
    credentials = base64.b64encode(f"{user.username}:{PASSWORD}".encode()).decode()
    assert call("/basic-next/", header=f"Basic {credentials}").json() == {"username": user.username}


def test_another_scheme_is_challenged_without_an_error(call, challenge_of, db):
    assert "error" not in challenge_of(call("/by-list/", header="Basic dTpw"))


# A token that is not valid


def test_invalid_token_is_refused(call, challenge_of, invalid_token):
    response = call("/by-list/", invalid_token)
    assert (response.status_code, challenge_of(response)["error"]) == (401, "invalid_token")


def test_invalid_token_is_refused_where_anyone_may_read(call, challenge_of, invalid_token):
    response = call("/for-anyone/", invalid_token)
    assert (response.status_code, challenge_of(response)["error"]) == (401, "invalid_token")


def test_invalid_token_is_refused_where_the_session_is_asked_first(call, challenge_of, invalid_token):
    response = call("/session-first/", invalid_token)
    assert (response.status_code, challenge_of(response)["error"]) == (401, "invalid_token")


def test_invalid_token_is_refused_where_a_password_would_do(call, challenge_of, invalid_token):
    response = call("/basic-next/", invalid_token)
    assert (response.status_code, challenge_of(response)["error"]) == (401, "invalid_token")


@pytest.mark.parametrize("header", MALFORMED)
def test_malformed_header_is_refused(call, challenge_of, db, header):
    response = call("/by-list/", header=header)
    assert (response.status_code, challenge_of(response)["error"]) == (401, "invalid_token")


@pytest.mark.parametrize("header", MALFORMED)
def test_malformed_header_is_refused_where_anyone_may_read(call, challenge_of, db, header):
    response = call("/for-anyone/", header=header)
    assert (response.status_code, challenge_of(response)["error"]) == (401, "invalid_token")


@pytest.mark.parametrize("header", MALFORMED)
def test_malformed_header_is_refused_where_the_session_is_asked_first(call, challenge_of, db, header):
    response = call("/session-first/", header=header)
    assert (response.status_code, challenge_of(response)["error"]) == (401, "invalid_token")


@pytest.mark.parametrize("addition", [" b", ",b", ", Basic dTpw", "\u00e9"])
def test_valid_token_with_something_after_it_is_refused(call, token, addition):
    assert call("/by-list/", header=f"Bearer {token}{addition}").status_code == 401


def test_refusal_says_why_in_the_body(call, db):
    assert call("/by-list/", "unknown").json() == {"detail": "The access token is not valid."}


def test_refusal_does_not_repeat_the_token(call, invalid_token):
    response = call("/by-list/", invalid_token)
    assert invalid_token not in response.content.decode() + str(response.headers)


def test_body_is_not_read_for_an_invalid_token(call, invalid_token):
    malformed = {"data": "{", "content_type": "application/json"}
    assert call("/by-list/", invalid_token, method="POST", **malformed).status_code == 401


def test_body_is_read_for_a_valid_token(call, token):
    malformed = {"data": "{", "content_type": "application/json"}
    assert call("/by-list/", token, method="POST", **malformed).status_code == 400


# Number of queries


def test_use_takes_one_query_before_it_is_noted(call, token, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert call("/by-list/", token).status_code == 200


def test_next_use_takes_one_query(call, token, django_assert_num_queries):
    call("/by-list/", token)
    with django_assert_num_queries(1):
        assert call("/by-list/", token).status_code == 200


def test_refusal_is_explained_without_another_query(call, token, application, django_assert_num_queries):
    call("/by-list/", token)
    application.scopes.clear()
    with django_assert_num_queries(1):
        assert call("/by-list/", token).status_code == 403


def test_number_of_scopes_roles_and_tokens_changes_nothing(call, user, django_assert_num_queries):
    roles = RoleFactory.create_batch(20)
    names = [f"scope:{number}" for number in range(40)]
    for name in names:
        ScopeFactory(name=name, roles=roles)
    user.groups.set(roles)
    authorization = authorize(user, ApplicationFactory(scopes=["request:read", "request:create", *names]))
    token, *_ = [mint_access_token(authorization) for _ in range(30)]
    call("/by-list/", token)
    with django_assert_num_queries(1):
        assert call("/by-list/", token).status_code == 200


def test_request_with_a_malformed_header_takes_no_query(call, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert call("/by-list/", header="Bearer a b").status_code == 401


def test_use_is_noted(call, token, authorization, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        call("/by-list/", token)
    authorization.refresh_from_db()
    assert authorization.last_used_at is not None


@pytest.mark.django_db(transaction=True)
def test_first_use_of_a_day_is_recorded_and_the_next_request_takes_one_query(call, token, django_assert_num_queries):
    call("/by-list/", token)
    assert AuditEvent.objects.filter(kind=AuditEvent.Kind.USED).count() == 1
    with django_assert_num_queries(1):
        call("/by-list/", token)
    assert AuditEvent.objects.filter(kind=AuditEvent.Kind.USED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_use_is_recorded_with_the_client_ip_where_the_site_keeps_it(call, token, settings):
    settings.FOURME_OAUTH = {"KEEP_IP_ADDRESSES": True}
    call("/by-list/", token)
    assert AuditEvent.objects.get(kind=AuditEvent.Kind.USED).ip_address == "127.0.0.1"


@pytest.mark.django_db(transaction=True)
def test_response_is_unchanged_when_use_can_not_be_stored(call, token, authorization):
    def fail_to_write(execute, sql, parameters, many, context):
        if sql.startswith(("UPDATE", "INSERT")):
            raise OperationalError("the disk is full")
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(fail_to_write):
        assert call("/by-list/", token).status_code == 200
    authorization.refresh_from_db()
    assert authorization.last_used_at is None


@pytest.mark.django_db(transaction=True)
def test_use_whose_event_can_not_be_stored_is_noted_by_the_next_request(call, token, authorization):
    def fail_to_insert(execute, sql, parameters, many, context):
        if sql.startswith("INSERT"):
            raise OperationalError("the disk is full")
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(fail_to_insert):
        assert call("/by-list/", token).status_code == 200
    call("/by-list/", token)
    assert AuditEvent.objects.filter(kind=AuditEvent.Kind.USED).count() == 1


def test_use_of_an_invalid_token_is_not_noted(call, invalid_token, authorization, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        call("/by-list/", invalid_token)
    authorization.refresh_from_db()
    assert authorization.last_used_at is None


# An application's own credentials


def test_applications_own_token_acts_as_the_linked_user(call, own_token, linked_application):
    assert call("/by-list/", own_token).json() == {"username": linked_application.linked_user.username}


def test_use_of_an_applications_own_token_is_not_noted_with_what_the_user_allowed(
    call, own_token, linked_application, django_capture_on_commit_callbacks
):
    authorization = authorize(linked_application.linked_user, linked_application)
    with django_capture_on_commit_callbacks(execute=True):
        call("/what-the-token-is/", own_token)
    authorization.refresh_from_db()
    assert authorization.last_used_at is None


@pytest.fixture
def linked_application(db):
    return LinkedApplicationFactory(scopes=["request:read", "request:create"])


@pytest.fixture
def own_token(linked_application):
    return mint_own_access_token(linked_application)
