"""`manage.py third_party_background_action`: what the third-party application does while its users are away."""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.utils import timezone

from demo_project.seed.document import Document
from demo_project.service_desk.models import Request
from demo_project.state_folder import PROJECT_ROOT
from demo_project.third_party import credentials
from demo_project.third_party.errands import SUBJECT
from demo_project.third_party.refusals import AccessEndedError, UnavailableError
from demo_project.third_party.visitors import Visitor
from demo_project.walkthrough.browser import Browser
from fourme_oauth import revocation
from fourme_oauth.models import AccessToken, Application, Authorization

from .conftest import answer_the_prompt, remember
from .scripted_service import ME, ScriptedService

pytestmark = pytest.mark.once


def act() -> str:
    output = StringIO()
    call_command("third_party_background_action", stdout=output)
    return output.getvalue()


def fail() -> str:
    """Run it where it fails with CommandError, and return what it printed."""
    output = StringIO()
    with pytest.raises(CommandError):
        call_command("third_party_background_action", stdout=output)
    return output.getvalue()


def revoke(username: str) -> None:
    revocation.revoke(Authorization.objects.get(user__username=username))


def token_of(visitor: Visitor) -> dict[str, object]:
    visitor.reload()
    return visitor.token


def test_request_is_submitted_while_the_user_is_away(connected: Visitor) -> None:
    printed = act()
    submitted = Request.objects.get(subject=SUBJECT)
    assert printed == f"specialist: submitted request {submitted.pk}, “{SUBJECT}”\n"
    assert submitted.requested_by.username == "specialist"


def test_tokens_are_new_afterwards(connected: Visitor) -> None:
    before = dict(token_of(connected))
    act()
    assert token_of(connected)["refresh_token"] != before["refresh_token"]


def test_page_goes_on_with_the_new_tokens(browser: Browser, connected: Visitor) -> None:
    act()
    assert "You are <strong>specialist</strong>" in browser.get("/third-party/").html


def test_expired_access_token_is_refreshed(connected: Visitor) -> None:
    AccessToken.objects.update(expires=timezone.now() - timedelta(hours=1))
    with connected.locked():
        connected.token["expires_at"] = time.time() - 3600
        connected.save()
    assert "submitted request" in act()


def test_requests_are_read_where_the_role_does_not_permit_more(browser_of: Callable[[str], Browser]) -> None:
    answer_the_prompt(browser_of("auditor"), "Allow")
    why = "“request:create” is not in effect: no role permits it now."
    assert act() == f"auditor: read 6 requests, and submitted none. {why}\n"
    assert not Request.objects.filter(subject=SUBJECT).exists()


def test_everybody_who_is_connected_has_a_line(browser_of: Callable[[str], Browser]) -> None:
    for username in ("specialist", "key_contact"):
        answer_the_prompt(browser_of(username), "Allow")
    who = {line.partition(":")[0] for line in act().splitlines()}
    assert who == {"specialist", "key_contact"}


def test_revoked_access_is_reported_and_the_tokens_are_deleted(connected: Visitor) -> None:
    revoke("specialist")
    assert act() == f"specialist: {AccessEndedError.words}\n"
    assert token_of(connected) == {}


def test_user_whose_tokens_were_deleted_is_not_reported_again(connected: Visitor) -> None:
    revoke("specialist")
    act()
    assert act() == "Nobody is connected.\n"


def test_revoked_access_of_one_user_does_not_affect_another(browser_of: Callable[[str], Browser]) -> None:
    for username in ("specialist", "key_contact"):
        answer_the_prompt(browser_of(username), "Allow")
    revoke("specialist")
    printed = act()
    assert f"specialist: {AccessEndedError.words}" in printed
    assert "key_contact: submitted request" in printed


def test_lost_role_is_reported_and_keeps_the_tokens(connected: Visitor) -> None:
    User.objects.get(username="specialist").groups.clear()
    assert act() == "specialist: “request:read” is not in effect: no role permits it now.\n"
    assert token_of(connected)


def test_role_that_is_given_back_is_enough(connected: Visitor) -> None:
    specialist = User.objects.get(username="specialist")
    specialist.groups.clear()
    act()
    specialist.groups.add(Group.objects.get(name="specialist"))
    assert "submitted request" in act()


def test_disabled_application_is_reported_to_the_operator(connected: Visitor) -> None:
    revocation.disable(Application.objects.get(name="Acme Dashboard"))
    assert "does not accept the credentials of Acme Dashboard" in fail()


def test_unavailable_service_is_reported_to_the_operator(connected: Visitor) -> None:
    known = credentials.load()
    credentials.save(base_url="http://127.0.0.1:1", client_id=known.client_id, client_secret=known.client_secret)
    assert fail() == f"specialist: {UnavailableError.words}\n"
    assert token_of(connected)


def test_nobody_connected_is_no_failure(scripted_service: ScriptedService) -> None:
    remember(state="on the way")
    assert act() == "Nobody is connected.\n"
    assert scripted_service.asked == []


def test_missing_credentials_print_how_to_get_them() -> None:
    with pytest.raises(CommandError, match=r"manage\.py demo"):
        act()


def test_somebody_who_never_came_back_to_the_page_is_named_by_the_service(scripted_service: ScriptedService) -> None:
    """Without a database: the name comes from the service."""
    remember(token={"access_token": "fma_1", "refresh_token": "fmr_1", "token_type": "Bearer"})
    assert act() == f"{ME['username']}: submitted request 7, “{SUBJECT}”\n"


def test_somebody_of_whom_nothing_is_known_has_a_line_too(scripted_service: ScriptedService) -> None:
    scripted_service.answers_with("POST /oauth/token", status=400, body={"error": "invalid_grant"})
    remember(token={"access_token": "fma_1", "refresh_token": "fmr_1", "token_type": "Bearer"})
    assert act() == f"somebody: {AccessEndedError.words}\n"


def test_nothing_secret_is_printed(connected: Visitor, introduced: Document) -> None:
    tokens = [dict(token_of(connected))]
    printed = act()
    tokens.append(token_of(connected))
    assert str(introduced["applications"]["dashboard"]["client_secret"]) not in printed
    for token in tokens:
        assert str(token["access_token"]) not in printed
        assert str(token["refresh_token"]) not in printed


def without_numbers(text: str) -> str:
    """A request's number depends on how many there have been in this database."""
    return re.sub(r"request \d+", "request …", text)


def test_documentation_shows_what_is_printed(browser_of: Callable[[str], Browser]) -> None:
    for username in ("key_contact", "specialist", "auditor", "end_user"):
        answer_the_prompt(browser_of(username), "Allow")
    documented = without_numbers((PROJECT_ROOT / "docs" / "demo.md").read_text(encoding="utf-8"))
    assert f"```\n{without_numbers(act())}```" in documented
    revoke("key_contact")
    User.objects.get(username="specialist").groups.clear()
    assert f"```\n{act()}```" in documented
