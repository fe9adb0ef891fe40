"""A hand-written third-party application that talks to the endpoints through Django's test client."""

import base64
import hashlib
from html.parser import HTMLParser
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit

from django.test import Client

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def answer_parameters(response):
    """What the browser carries to the redirect URI."""
    assert response.status_code == 302, response.content.decode()
    return dict(parse_qsl(urlsplit(response["Location"]).query, keep_blank_values=True))


class HiddenInputs(HTMLParser):
    """The hidden inputs of the one form on a page."""

    def __init__(self, html):
        super().__init__()
        self.values = {}
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "input" and attributes.get("type") == "hidden":
            self.values[attributes["name"]] = attributes["value"]


class ThirdParty:
    def __init__(self, browser, application, secret=None):
        self.browser = browser
        self.back_channel = Client()
        self.application = application
        self.secret = secret

    @property
    def redirect_uri(self):
        return self.application.redirect_uris.split()[0]

    def authorize_url(self, **parameters):
        values = {
            "response_type": "code",
            "client_id": self.application.client_id,
            "redirect_uri": self.redirect_uri,
            "state": "abc",
        } | parameters
        return "/oauth/authorize?" + urlencode({name: value for name, value in values.items() if value is not None})

    def authorize(self, **parameters):
        return self.browser.get(self.authorize_url(**parameters))

    def answer(self, button, page=None, **parameters):
        """Press a button of the consent page."""
        page = page or self.authorize(**parameters)
        shown = HiddenInputs(page.content.decode()).values
        return self.browser.post(self.authorize_url(**parameters), {"shown": shown["shown"], button: "1"})

    def code(self, **parameters):
        """Get a code, through the consent page if it comes."""
        response = self.authorize(**parameters)
        if response.status_code == 200:
            response = self.answer("allow", page=response, **parameters)
        return answer_parameters(response)["code"]

    def post(self, path, **parameters):
        """Call an endpoint with the credentials in the body."""
        values = {"client_id": self.application.client_id, "client_secret": self.secret} | parameters
        body = urlencode({name: value for name, value in values.items() if value is not None})
        return self.back_channel.post(path, body, content_type="application/x-www-form-urlencoded")

    def post_basic(self, path, **parameters):
        pair = f"{quote_plus(self.application.client_id)}:{quote_plus(self.secret or '')}"
        return self.back_channel.post(
            path,
            urlencode(parameters),
            content_type="application/x-www-form-urlencoded",
            headers={"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()},
        )

    def exchange(self, code, **parameters):
        values = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri} | parameters
        return self.post("/oauth/token", **values)

    def refresh(self, refresh_token, **parameters):
        return self.post("/oauth/token", grant_type="refresh_token", refresh_token=refresh_token, **parameters)

    def tokens(self, **parameters):
        """Walk the whole way and return the token response."""
        response = self.exchange(self.code(**parameters))
        assert response.status_code == 200, response.content
        return response.json()

    def introspect(self, token):
        return self.post("/oauth/introspect", token=token).json()

    def revoke(self, token, **parameters):
        return self.post("/oauth/revoke", token=token, **parameters)

    def call(self, token, path="/api/me/"):
        return self.back_channel.get(path, headers={"Authorization": f"Bearer {token}"})
