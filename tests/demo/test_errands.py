"""How the third-party application handles its tokens for each response of the service, without a database."""

import json
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path

import pytest

from demo_project.third_party import errands, refusals, service
from demo_project.third_party.refusals import RefusalError
from demo_project.third_party.visitors import Visitor

from .conftest import remember
from .scripted_service import ME, Answer, ScriptedService

REFRESH = "POST /oauth/token"


def token(*, expires_in: int = 3600) -> dict[str, object]:
    expires_at = time.time() + expires_in
    return {"access_token": "fma_old", "refresh_token": "fmr_old", "token_type": "Bearer", "expires_at": expires_at}


@pytest.fixture
def visitor(scripted_service: ScriptedService) -> Visitor:
    return remember(username="sam", token=token())


def remembered(visitor: Visitor) -> dict[str, object]:
    return {each.name: each.token for each in Visitor.all()}.get(visitor.name, {})


@pytest.mark.parametrize("seconds", [-1, 0, errands.MARGIN - 5])
def test_expired_token_is_refreshed_first(scripted_service: ScriptedService, seconds: int) -> None:
    visitor = remember(token=token(expires_in=seconds))
    assert errands.overview(visitor).me == ME
    assert scripted_service.asked == [REFRESH, "GET /api/me/", "GET /api/requests/"]


def test_token_that_has_not_expired_is_used(scripted_service: ScriptedService, visitor: Visitor) -> None:
    assert errands.overview(visitor).me == ME
    assert REFRESH not in scripted_service.asked


def test_new_tokens_are_saved_before_they_are_used(scripted_service: ScriptedService) -> None:
    visitor = remember(token=token(expires_in=0))
    saved: list[object] = []

    def look() -> Answer:
        saved.append(remembered(visitor)["access_token"])
        return Answer(body=ME)

    scripted_service.answers["GET /api/me/"] = look
    errands.overview(visitor)
    assert saved == ["fma_1"]


def test_refused_token_is_refreshed_and_the_call_repeated(scripted_service: ScriptedService, visitor: Visitor) -> None:
    answers = iter([Answer(status=401), Answer(body=ME)])
    scripted_service.answers["GET /api/me/"] = lambda: next(answers)
    assert errands.overview(visitor).me == ME
    assert scripted_service.asked == ["GET /api/me/", REFRESH, "GET /api/me/", "GET /api/requests/"]


def test_token_that_is_refused_however_fresh_is_refreshed_once(
    scripted_service: ScriptedService, visitor: Visitor
) -> None:
    scripted_service.answers_with("GET /api/me/", status=401)
    with pytest.raises(refusals.UnavailableError):
        errands.overview(visitor)
    assert scripted_service.asked.count(REFRESH) == 1
    assert remembered(visitor)


def test_concurrent_calls_refresh_once(scripted_service: ScriptedService) -> None:
    visitor = remember(token=token(expires_in=0))

    def slowly() -> Answer:
        time.sleep(0.3)
        return Answer(body=token() | {"access_token": "fma_new", "refresh_token": "fmr_new"})

    scripted_service.answers[REFRESH] = slowly
    with ThreadPoolExecutor(2) as pages:
        overviews = list(pages.map(errands.overview, [deepcopy(visitor), deepcopy(visitor)]))
    assert scripted_service.refresh_tokens == ["fmr_old"]
    assert [overview.me for overview in overviews] == [ME, ME]


def test_two_visitors_do_not_wait_for_each_other(scripted_service: ScriptedService, visitor: Visitor) -> None:
    other = Visitor(name="somebody-else")
    with other.locked():
        errands.refresh(visitor)
    assert visitor.token["access_token"] == "fma_1"


def test_tokens_deleted_meanwhile_stay_deleted(scripted_service: ScriptedService, visitor: Visitor) -> None:
    errands.disconnect(deepcopy(visitor))
    with pytest.raises(refusals.AccessEndedError):
        errands.refresh(visitor)
    assert scripted_service.refresh_tokens == []
    assert not remembered(visitor)


def test_invalid_refresh_token_is_deleted(scripted_service: ScriptedService, visitor: Visitor) -> None:
    scripted_service.answers_with(REFRESH, status=400, body={"error": "invalid_grant"})
    with pytest.raises(refusals.AccessEndedError):
        errands.refresh(visitor)
    assert not remembered(visitor)


@pytest.mark.parametrize("error", ["invalid_client", "unauthorized_client"])
def test_refused_application_keeps_the_tokens(scripted_service: ScriptedService, visitor: Visitor, error: str) -> None:
    scripted_service.answers_with(REFRESH, status=401, body={"error": error})
    with pytest.raises(refusals.ApplicationRefusedError):
        errands.refresh(visitor)
    assert remembered(visitor)


BROKEN = [(429, {"error": "invalid_grant"}), (503, "<h1>Busy</h1>"), (500, {}), (200, "<h1>Log in</h1>"), (200, [])]


@pytest.mark.parametrize(("status", "body"), BROKEN)
@pytest.mark.parametrize("question", ["GET /api/me/", REFRESH])
def test_error_of_the_service_keeps_the_tokens(
    scripted_service: ScriptedService, question: str, status: int, body: object
) -> None:
    visitor = remember(token=token(expires_in=0 if question == REFRESH else 3600))
    before = remembered(visitor)
    scripted_service.answers_with(question, status=status, body=body)
    with pytest.raises(refusals.UnavailableError):
        errands.overview(visitor)
    assert remembered(visitor) == before


def test_timeout_of_the_service_keeps_the_tokens(
    scripted_service: ScriptedService, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silence() -> Answer:
        time.sleep(0.5)
        return Answer()

    monkeypatch.setattr(service, "TIMEOUT", 0.1)
    scripted_service.answers["GET /api/me/"] = silence
    with pytest.raises(refusals.UnavailableError):
        errands.overview(visitor)
    assert remembered(visitor)


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("not_permitted", "no role permits it now"),
        ("not_allowed", "the administrator does not allow it"),
        ("not_granted", "connecting again can help"),
        ("raining", "the service desk says “raining”"),
    ],
)
def test_insufficient_scope_is_distinguished_and_keeps_the_tokens(
    scripted_service: ScriptedService, visitor: Visitor, verdict: str, words: str
) -> None:
    body = {"error": "insufficient_scope", "missing": {"account:read": verdict}}
    scripted_service.answers_with("GET /api/me/", status=403, body=body)
    with pytest.raises(refusals.NotInEffectError, match=words):
        errands.overview(visitor)
    assert remembered(visitor)


def test_refusal_that_is_about_no_scope_is_said_so(scripted_service: ScriptedService, visitor: Visitor) -> None:
    scripted_service.answers_with("GET /api/me/", status=403, body={"detail": "Not today."})
    with pytest.raises(refusals.NotInEffectError, match="did not permit it"):
        errands.overview(visitor)


def test_refused_requests_leave_the_rest(scripted_service: ScriptedService, visitor: Visitor) -> None:
    body = {"missing": {"request:read": "not_permitted"}}
    scripted_service.answers_with("GET /api/requests/", status=403, body=body)
    overview = errands.overview(visitor)
    assert overview.me == ME
    assert "“request:read” is not in effect: no role permits it now" in overview.refusal


def test_tokens_are_revoked_at_the_service(scripted_service: ScriptedService, visitor: Visitor) -> None:
    errands.disconnect(visitor)
    assert scripted_service.asked == ["POST /oauth/revoke"]
    assert not remembered(visitor)


def test_tokens_are_deleted_though_the_service_does_not_answer(
    scripted_service: ScriptedService, visitor: Visitor
) -> None:
    scripted_service.answers_with("POST /oauth/revoke", status=503)
    with pytest.raises(refusals.UnavailableError):
        errands.disconnect(visitor)
    assert not remembered(visitor)


def test_nothing_secret_is_logged(
    scripted_service: ScriptedService, caplog: pytest.LogCaptureFixture, state_folder_of_its_own: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    errands.overview(remember(token=token(expires_in=0)))
    assert "POST /oauth/token" in caplog.text  # the library below does say something
    known = json.loads((state_folder_of_its_own / "third_party.json").read_text())
    for secret in ("fma_old", "fmr_old", "fma_1", "fmr_1", known["client_secret"]):
        assert secret not in caplog.text


@pytest.mark.parametrize("refusal", RefusalError.__subclasses__())
def test_every_refusal_has_a_message(refusal: type[RefusalError]) -> None:
    assert str(refusal({}) if refusal is refusals.NotInEffectError else refusal())
