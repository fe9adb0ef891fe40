"""No code, token, secret or verifier reaches a log or an error report, at whatever level the site logs."""

import logging

import pytest
from django.test import Client, override_settings

from fourme_oauth.authorization_server import back_channel
from tests.reports import ADMINISTRATORS
from tests.third_party import CHALLENGE, VERIFIER

LIBRARIES = ("oauthlib", "oauth2_provider", "fourme_oauth", "django")


@pytest.fixture
def logged(caplog):
    for name in ["", *LIBRARIES]:
        caplog.set_level(logging.DEBUG, name)
    return caplog


def credentials_of_a_flow(third_party):
    """Go through the flow, with failures, and return every credential in it."""
    code = third_party.code(code_challenge=CHALLENGE, code_challenge_method="S256")
    third_party.exchange(code, code_verifier="w" * 43)
    tokens = third_party.exchange(code, code_verifier=VERIFIER).json()
    third_party.exchange(code, code_verifier=VERIFIER)
    again = third_party.exchange(third_party.code()).json()
    refreshed = third_party.refresh(again["refresh_token"]).json()
    third_party.refresh(again["refresh_token"])
    third_party.call(refreshed["access_token"])
    third_party.post("/oauth/token", grant_type="refresh_token", refresh_token="wrong", client_secret="mistyped")
    third_party.introspect(refreshed["access_token"])
    third_party.revoke(refreshed["refresh_token"])
    texts = [pair[name] for pair in (tokens, again, refreshed) for name in ("access_token", "refresh_token")]
    return [code, VERIFIER, third_party.secret, "mistyped", *texts]


def test_no_log_has_codes_tokens_secrets_or_verifiers(third_party, logged):
    said = credentials_of_a_flow(third_party)
    assert [text for text in said if text in logged.text] == []


def test_without_the_filter_the_log_has_credentials(third_party, logged):
    """Counter-test: the libraries do log credentials."""
    loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict if name.startswith(LIBRARIES[:2])]
    filters = {logger: logger.filters for logger in loggers}
    try:
        for logger in loggers:
            logger.filters = []
        said = credentials_of_a_flow(third_party)
    finally:
        for logger, kept in filters.items():
            logger.filters = kept
    assert [text for text in said if text in logged.text] != []


def test_warnings_of_the_libraries_are_still_logged(logged):
    logging.getLogger("oauthlib.oauth2.rfc6749.endpoints.base").warning("Something is wrong.")
    assert "Something is wrong." in logged.text


def report(third_party, mailoutbox, monkeypatch, **parameters):
    """Django's error report about a token request with an unhandled exception."""

    def break_down(*args, **kwargs):
        code_verifier, plaintext = parameters["code_verifier"], third_party.secret  # local variables of frames
        raise RuntimeError(len(code_verifier + plaintext))

    monkeypatch.setattr(back_channel, "authorization_server", break_down)
    third_party.back_channel = Client(raise_request_exception=False)
    return third_party.post("/oauth/token", grant_type="authorization_code", **parameters)


SENT = {"code": "the-code-of-somebody", "code_verifier": VERIFIER}


@override_settings(DEBUG=True)
def test_debug_page_has_no_credentials(third_party, mailoutbox, monkeypatch):
    page = report(third_party, mailoutbox, monkeypatch, **SENT).content.decode()
    assert "RuntimeError" in page
    assert [text for text in [*SENT.values(), third_party.secret] if text in page] == []


@override_settings(DEBUG=False, ADMINS=ADMINISTRATORS)
def test_error_mail_to_administrators_has_no_credentials(third_party, mailoutbox, monkeypatch):
    report(third_party, mailoutbox, monkeypatch, **SENT)
    mail = mailoutbox[0].body + "".join(str(alternative[0]) for alternative in mailoutbox[0].alternatives)
    assert "RuntimeError" in mail
    assert [text for text in [*SENT.values(), third_party.secret] if text in mail] == []


@override_settings(DEBUG=True)
def test_a_debug_page_does_not_have_the_authorization_header(third_party, mailoutbox, monkeypatch):
    report(third_party, mailoutbox, monkeypatch, **SENT)
    response = third_party.post_basic("/oauth/token", grant_type="authorization_code", **SENT)
    page = response.content.decode()
    assert "RuntimeError" in page
    assert "Basic " not in page
