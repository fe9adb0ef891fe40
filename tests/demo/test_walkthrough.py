"""The walkthrough: the report of a failed step, and how its browser parses pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import pytest
from pytest_django.live_server_helper import LiveServer

from demo_project.seed.document import Document, seed
from demo_project.walkthrough import walk as walk_module
from demo_project.walkthrough.demo_server import DemoDidNotStartError
from demo_project.walkthrough.pages import NotOnPageError, Page
from demo_project.walkthrough.walk import walk
from fourme_oauth.models import Scope

FORM = """
<form action="/send"><input type="hidden" name="token" value="t">
  <label for="a">Read</label><input type="checkbox" name="scopes" value="1" id="a" checked>
  <label for="b">Write</label><input type="checkbox" name="scopes" value="2" id="b">
  <select name="kind"><option value="x" selected>Ex</option><option value="y">Why</option></select>
  <textarea name="uris">
one &amp; two</textarea>
  <button name="allow" value="yes">Allow</button><button aria-label="Revoke Acme">Revoke</button>
</form>
"""


def test_form_sends_what_a_browser_sends() -> None:
    form = Page(FORM).forms[0]
    assert form.data(form.button("Allow")) == [
        ("token", "t"),
        ("scopes", "1"),
        ("kind", "x"),
        ("uris", "one & two"),
        ("allow", "yes"),
    ]


def test_form_is_filled() -> None:
    form = Page(FORM).form_with_field("scopes")
    form.choose("scopes", "Write")
    form.fill("kind", "y")
    form.fill("uris", "three")
    assert form.data() == [("token", "t"), ("scopes", "2"), ("kind", "y"), ("uris", "three")]


def test_button_is_found_by_its_accessible_name() -> None:
    assert Page(FORM).form_with_button("Revoke Acme").action == "/send"


def test_text_is_found_by_id() -> None:
    assert Page('<p id="outer">a <b id="inner">secret</b></p>').text("inner") == "secret"


def test_what_is_not_there_is_not_found() -> None:
    page = Page(FORM)
    for look in (
        lambda: page.text("client-secret"),
        lambda: page.form_with_button("Deny"),
        lambda: page.form_with_field("name"),
        lambda: page.forms[0].fill("name", "x"),
        lambda: page.forms[0].choose("scopes", "Delete"),
    ):
        with pytest.raises(NotOnPageError):
            look()


def test_step_that_does_not_hold_is_named(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    document = seed(base_url=live_server.url, rotate_secrets=False)
    Scope.objects.filter(name="person:update").delete()

    @contextmanager
    def serving() -> Iterator[Document]:
        yield document

    monkeypatch.setattr(walk_module, "demo_server", serving)
    output = StringIO()
    assert not walk(output)
    assert output.getvalue().startswith("step 1 failed: NotOnPageError: 'scopes' does not offer")


def test_demo_that_does_not_start_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def failing() -> Iterator[Document]:
        raise DemoDidNotStartError("no such database")
        yield

    monkeypatch.setattr(walk_module, "demo_server", failing)
    output = StringIO()
    assert not walk(output)
    assert output.getvalue() == "the start failed: DemoDidNotStartError: no such database\n"
