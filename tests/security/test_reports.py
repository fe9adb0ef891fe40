"""Django's error reports about unhandled exceptions contain no credentials."""

import json
from urllib.parse import urlencode

import pytest
from django.test import Client

from fourme_oauth.authorization_server import issuance, request_validator
from tests.third_party import CHALLENGE, VERIFIER

FORM, JSON = "application/x-www-form-urlencoded", "application/json"


@pytest.fixture
def break_down(third_party, monkeypatch, settings):
    """Let ``name`` of ``module`` raise, deep inside oauthlib, with the credentials in local variables."""

    def fail(*args, **kwargs):
        raise RuntimeError

    def break_down(module, name):
        settings.DEBUG = True
        monkeypatch.setattr(module, name, fail)
        third_party.back_channel = Client(raise_request_exception=False)
        third_party.browser.raise_request_exception = False

    return break_down


def page_of(response):
    page = response.content.decode()
    assert (response.status_code, "RuntimeError" in page) == (500, True)
    return page


@pytest.mark.parametrize(("content_type", "encode"), [(JSON, json.dumps), (FORM, urlencode)])
def test_a_debug_page_about_an_exchange_has_nothing_of_the_body(third_party, break_down, content_type, encode):
    code = third_party.code(code_challenge=CHALLENGE, code_challenge_method="S256")
    break_down(issuance, "_store_pair")
    body = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
    body |= {"client_id": third_party.application.client_id, "client_secret": third_party.secret}
    body |= {"redirect_uri": third_party.redirect_uri}
    page = page_of(third_party.back_channel.post("/oauth/token", encode(body), content_type=content_type))
    assert [text for text in (code, VERIFIER, third_party.secret) if text in page] == []


def test_a_debug_page_about_a_refresh_has_no_token(third_party, break_down):
    refresh_token = third_party.tokens()["refresh_token"]
    break_down(issuance, "_store_pair")
    page = page_of(third_party.refresh(refresh_token))
    assert [text for text in (refresh_token, third_party.secret, "fma_", "fmr_") if text in page] == []


def test_debug_page_about_a_consent_has_no_code(third_party, break_down, monkeypatch):
    prompt = third_party.authorize()
    break_down(request_validator.Grant.objects, "create")
    monkeypatch.setattr("oauthlib.common.generate_token", lambda *args: "TheCodeThatNobodyMayRead")
    assert "TheCodeThatNobodyMayRead" not in page_of(third_party.answer("allow", page=prompt))
