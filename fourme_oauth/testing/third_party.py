"""A third-party application in process, which uses Django's test client."""

import base64
import hashlib
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit

from django.test import Client
from django.urls import reverse

from ..models import Application

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()

FORM = "application/x-www-form-urlencoded"


def answer_parameters(response: Any) -> dict[str, str]:
    """Return the parameters of the redirect to the redirect URI."""
    assert response.status_code == 302, response.content.decode()  # noqa: S101 - fails the test that asks
    return dict(parse_qsl(urlsplit(response["Location"]).query, keep_blank_values=True))


class HiddenInputs(HTMLParser):
    """The hidden inputs of the one form on a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "input" and attributes.get("type") == "hidden":
            self.values[attributes["name"] or ""] = attributes["value"] or ""


class ThirdParty:
    """
    Walks through authorize, consent, exchange, refresh and API call.

    ``browser`` is the test client of the user, signed in; the application's own requests carry no cookie.
    ``parameters`` are those of the request at hand, in the RFC's words: they replace what the application would send,
    and ``None`` leaves one out. Answers are Django's test responses; nothing is asserted unless a method says so.
    """

    def __init__(self, browser: Client, application: Application, secret: str | None = None) -> None:
        self.browser = browser
        self.back_channel = Client()
        self.application = application
        self.secret = secret

    @property
    def redirect_uri(self) -> str:
        registered: list[str] = self.application.redirect_uris.split()
        return registered[0]

    def authorize_url(self, **parameters: str | None) -> str:
        """Return the link that the application sends its user to."""
        values: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.application.client_id,
            "redirect_uri": self.redirect_uri,
            "state": "abc",
        }
        return reverse("oauth2_provider:authorize") + "?" + _encoded(values | parameters)

    def authorize(self, **parameters: str | None) -> Any:
        """Follow the link: the consent page, or the redirect back."""
        return self.browser.get(self.authorize_url(**parameters))

    def answer(self, button: str, page: Any = None, **parameters: str | None) -> Any:
        """Press a button of the consent page: ``allow`` or ``deny``."""
        page = page or self.authorize(**parameters)
        hidden = HiddenInputs(page.content.decode()).values
        answer = {"signature": hidden["signature"], button: "1"}
        return self.browser.post(self.authorize_url(**parameters), answer)

    def code(self, **parameters: str | None) -> str:
        """Get a code, allowing on the consent page if it is shown."""
        response = self.authorize(**parameters)
        if response.status_code == 200:
            response = self.answer("allow", page=response, **parameters)
        return answer_parameters(response)["code"]

    def post(self, path: str, **parameters: str | None) -> Any:
        """Call an endpoint with the credentials in the body."""
        values = {"client_id": self.application.client_id, "client_secret": self.secret, **parameters}
        return self.back_channel.post(path, _encoded(values), content_type=FORM)

    def post_basic(self, path: str, **parameters: str | None) -> Any:
        """Call an endpoint with the credentials in the header."""
        pair = f"{quote_plus(self.application.client_id)}:{quote_plus(self.secret or '')}"
        header = "Basic " + base64.b64encode(pair.encode()).decode()
        return self.back_channel.post(path, _encoded(parameters), content_type=FORM, headers={"Authorization": header})

    def exchange(self, code: str, **parameters: str | None) -> Any:
        """Exchange a code for tokens."""
        values: dict[str, str | None] = {"grant_type": "authorization_code", "redirect_uri": self.redirect_uri}
        return self.post(reverse("oauth2_provider:token"), **values | {"code": code} | parameters)

    def refresh(self, refresh_token: str, **parameters: str | None) -> Any:
        """Exchange a refresh token for the next pair."""
        values: dict[str, str | None] = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return self.post(reverse("oauth2_provider:token"), **values | parameters)

    def tokens(self, **parameters: str | None) -> dict[str, Any]:
        """Go through authorization and exchange, with PKCE where it is required, and return the token response."""
        verifier: dict[str, str | None] = {}
        if self.application.pkce_required:
            parameters = {"code_challenge": CHALLENGE, "code_challenge_method": "S256", **parameters}
            verifier = {"code_verifier": VERIFIER}
        response = self.exchange(self.code(**parameters), **verifier)
        assert response.status_code == 200, response.content  # noqa: S101 - fails the test that asks
        tokens: dict[str, Any] = response.json()
        return tokens

    def introspect(self, token: str) -> dict[str, Any]:
        """Introspect a token (RFC 7662)."""
        answer: dict[str, Any] = self.post(reverse("oauth2_provider:introspect"), token=token).json()
        return answer

    def revoke(self, token: str, **parameters: str | None) -> Any:
        """Revoke a token (RFC 7009)."""
        return self.post(reverse("oauth2_provider:revoke-token"), token=token, **parameters)

    def call(self, token: str, path: str = "/api/me/", *, method: str = "GET", **content: Any) -> Any:
        """Call the API."""
        return self.back_channel.generic(method, path, headers={"Authorization": f"Bearer {token}"}, **content)


def _encoded(parameters: dict[str, str | None]) -> str:
    return urlencode({name: value for name, value in parameters.items() if value is not None})
