"""
An API in a process of its own: each round calls it once with every token.

Run as a module: for each line on standard input it does a round and prints the median duration as a line of JSON.
"""

import json
import statistics
import sys
import time
from importlib import import_module

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.db import connection
from django.test import RequestFactory

from benchmarks.sites.bearer_settings import MODULES, settings_of_api


def seconds_of_a_request(site: WSGIHandler, authorization: str) -> float:
    """Call the API as a WSGI application, and measure only this call."""
    environ = RequestFactory().get("/", headers={"Authorization": authorization}).environ
    started = time.perf_counter()
    response = site(environ, lambda status, headers: None)
    content = b"".join(response)
    response.close()
    seconds = time.perf_counter() - started
    if response.status_code != 200:
        raise RuntimeError(content)
    return seconds


def main(api: str) -> None:
    """Set up the site, and do a round for each line on standard input."""
    settings.configure(**settings_of_api(api))
    django.setup()
    call_command("migrate", verbosity=0)
    headers = import_module(MODULES[api]).fill()
    if connection.vendor != "mysql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as autovacuum does on a running site
    site = WSGIHandler()
    for _ in sys.stdin:
        seconds = statistics.median(seconds_of_a_request(site, each) for each in headers)
        print(json.dumps({"request": seconds}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
