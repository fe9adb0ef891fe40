"""
A site in a process of its own: each round exchanges a code and refreshes the token.

Run as a module: for each line on standard input it does a round and prints its timings as a line of JSON.
"""

import base64
import json
import sys
import time
from importlib import import_module
from typing import Any
from urllib.parse import urlencode

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.test import RequestFactory

from benchmarks.sites.settings import MODULES, settings_of


class Driver:
    """Calls the token endpoint as a WSGI application, and measures only these calls."""

    def __init__(self, contents: Any) -> None:
        self._contents = contents
        self._site = WSGIHandler()
        pair = f"{contents.client_id}:{contents.client_secret}".encode()
        self._headers = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}

    def round(self) -> dict[str, float]:
        """Exchange a new code, then refresh, and return the duration of each in seconds."""
        code_proof = {"redirect_uri": self._contents.redirect_uri, "code_verifier": self._contents.verifier}
        code = self._contents.new_code()
        exchange, tokens = self._post(grant_type="authorization_code", code=code, **code_proof)
        refresh, _ = self._post(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
        return {"exchange": exchange, "refresh": refresh}

    def _post(self, **parameters: str) -> tuple[float, dict[str, str]]:
        form = "application/x-www-form-urlencoded"
        endpoint, body = self._contents.token_endpoint, urlencode(parameters)
        environ = RequestFactory().post(endpoint, body, content_type=form, headers=self._headers).environ
        started = time.perf_counter()
        response = self._site(environ, lambda status, headers: None)
        content = b"".join(response)
        response.close()
        seconds = time.perf_counter() - started
        if response.status_code != 200:
            raise RuntimeError(content)
        return seconds, json.loads(content)


def main(site: str) -> None:
    """Set up the site, and do a round for each line on standard input."""
    settings.configure(**settings_of(site))
    django.setup()
    call_command("migrate", verbosity=0)
    driver = Driver(import_module(MODULES[site]).fill())
    for _ in sys.stdin:
        print(json.dumps(driver.round()), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
