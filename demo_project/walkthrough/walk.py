"""The steps, in order. Each says what was sent and what came back, and the first that does not hold ends the walk."""

from typing import IO

import requests
from django.core.management.base import OutputWrapper
from oauthlib.oauth2 import OAuth2Error

from demo_project.walkthrough.demo_server import DemoDidNotStartError, demo_server
from demo_project.walkthrough.expectations import DidNotHoldError
from demo_project.walkthrough.pages import NotOnPageError
from demo_project.walkthrough.steps import Walkthrough

FAILURES = (
    DemoDidNotStartError,
    DidNotHoldError,
    NotOnPageError,
    OAuth2Error,
    requests.RequestException,
    KeyError,
    ValueError,
)


def walk(output: IO[str] | OutputWrapper) -> bool:
    """Walk all steps. Return whether every one held."""
    walkthrough: Walkthrough | None = None
    try:
        with demo_server() as document:
            walkthrough = Walkthrough(document, output)
            walkthrough.walk()
    except FAILURES as failure:
        step = f"step {walkthrough.step}" if walkthrough else "the start"
        output.write(f"{step} did not hold: {type(failure).__name__}: {failure}\n")
        return False
    output.write("Every step held.\n")
    return True
