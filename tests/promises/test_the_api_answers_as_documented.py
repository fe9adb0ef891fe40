"""The demo's API under Schemathesis: no 500, and no response that its OpenAPI document does not describe."""

from collections import Counter

import pytest
import schemathesis
from django.contrib.auth import get_user_model
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from demo_project.seed.contents import API_PAGE_CLIENT_ID
from demo_project.seed.document import seed
from demo_project.service_desk.models import Person, Request
from demo_project.wsgi import application
from fourme_oauth.models import Application
from fourme_oauth.models.credentials import ACCESS_TOKEN_PREFIX, generate
from tests.factories import authorize, mint_access_token

pytestmark = pytest.mark.once

OPERATIONS = {
    "GET /api/me/": None,
    "GET /api/people/": None,
    "GET /api/people/{id}/": Person,
    "PATCH /api/people/{id}/": Person,
    "GET /api/requests/": None,
    "POST /api/requests/": None,
    "GET /api/requests/{id}/": Request,
    "PATCH /api/requests/{id}/": Request,
}
"""Each operation, and whose key it takes."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(autouse=True)
def demo(db):
    return seed(base_url="http://testserver", rotate_secrets=False)


@pytest.fixture(autouse=True)
def connection_stays_open():
    """Keep the connection open: closing it after a request would end the test's transaction."""
    ends = request_started, request_finished
    for signal in ends:
        signal.disconnect(close_old_connections)
    yield
    for signal in ends:
        signal.connect(close_old_connections)


@pytest.fixture
def api():
    return schemathesis.openapi.from_wsgi("/api/schema/?format=json", application)


def nobody():
    return {}


def stranger():
    return {"Authorization": f"Bearer {generate(ACCESS_TOKEN_PREFIX)}"}


def token_of(username):
    def token():
        user = get_user_model().objects.get(username=username)
        page = Application.objects.get(client_id=API_PAGE_CLIENT_ID)
        return {"Authorization": f"Bearer {mint_access_token(authorize(user, page))}"}

    return token


WITHOUT_A_LIVING_TOKEN = {"nobody": nobody, "with an unknown token": stranger}
WITH_A_TOKEN = {username: token_of(username) for username in ("specialist", "end_user", "admin")}
CALLERS = WITHOUT_A_LIVING_TOKEN | WITH_A_TOKEN


def operation_of(api, label):
    method, path = label.split()
    return api[path][method]


def modes_of(operation, fixed):
    """Operations without input have no invalid input to generate."""
    open_to_faults = [*operation.query, *operation.body, *([] if fixed else operation.path_parameters)]
    return [GenerationMode.POSITIVE, GenerationMode.NEGATIVE] if open_to_faults else [GenerationMode.POSITIVE]


def statuses_of_answers(operation, headers, *, examples, **fixed):
    """Send valid and invalid requests, let Schemathesis validate each response, and count the statuses."""
    statuses = Counter()
    for mode in modes_of(operation, fixed):

        @settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode, **fixed))
        def ask(case):
            answer = case.call_and_validate(headers=headers, checks=CHECKS)
            statuses[answer.status_code] += 1

        ask()
    return statuses


def ask_everything(api, label, headers, *, examples):
    """Request with generated keys, and with an existing one."""
    operation, model = operation_of(api, label), OPERATIONS[label]
    statuses = statuses_of_answers(operation, headers, examples=examples)
    if model is not None:
        known = {"id": model.objects.first().pk}
        statuses += statuses_of_answers(operation, headers, examples=examples, path_parameters=known)
    return statuses


def test_these_are_the_operations_of_the_document(api):
    assert {each.ok().label for each in api.get_all_operations()} == OPERATIONS.keys()


@pytest.mark.parametrize("username", WITH_A_TOKEN)
def test_every_answer_to_a_token_is_described(api, username):
    headers = WITH_A_TOKEN[username]()
    for label in OPERATIONS:
        assert ask_everything(api, label, headers, examples=5)


@pytest.mark.parametrize("caller", WITHOUT_A_LIVING_TOKEN)
def test_request_without_a_valid_token_is_refused(api, caller):
    headers = CALLERS[caller]()
    # 404: an address that is none, because what was put into it has a slash.
    assert all(ask_everything(api, label, headers, examples=3).keys() <= {401, 404} for label in OPERATIONS)


@pytest.mark.parametrize("label", ["POST /api/requests/", "PATCH /api/requests/{id}/"])
def test_some_of_what_is_sent_is_taken_and_some_refused(api, label):
    """Otherwise only refusals would be tested."""
    statuses = ask_everything(api, label, token_of("specialist")(), examples=20)
    assert {400} < statuses.keys() & {200, 201, 400}


def test_an_answer_that_is_not_described_is_found(api):
    del api.raw_schema["paths"]["/api/me/"]["get"]["responses"]["401"]
    with pytest.raises(FailureGroup, match="1 distinct failure"):
        ask_everything(api, "GET /api/me/", nobody(), examples=1)


@pytest.mark.endurance
@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_of_many_is_described(api, label, caller):
    assert ask_everything(api, label, CALLERS[caller](), examples=200)
