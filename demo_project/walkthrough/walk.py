"""Run the walkthrough on a demo server of its own. The first step that fails ends it."""

from typing import IO

import requests
from django.core.management.base import OutputWrapper
from oauthlib.oauth2 import OAuth2Error

from demo_project.walkthrough.demo_server import DemoDidNotStartError, demo_server
from demo_project.walkthrough.expectations import UnexpectedResultError
from demo_project.walkthrough.pages import NotOnPageError
from demo_project.walkthrough.steps import Walkthrough

FAILURES = (
    DemoDidNotStartError,
    UnexpectedResultError,
    NotOnPageError,
    OAuth2Error,
    requests.RequestException,
    KeyError,
    ValueError,
)


def walk(output: IO[str] | OutputWrapper) -> bool:
    """Run all steps, and return whether all passed."""
    walkthrough: Walkthrough | None = None
    try:
        with demo_server() as document:
            walkthrough = Walkthrough(document, output)
            walkthrough.walk()
    except FAILURES as failure:
        step = f"step {walkthrough.step}" if walkthrough else "the start"
        output.write(f"{step} failed: {type(failure).__name__}: {failure}\n")
        return False
    output.write("All steps passed.\n")
    return True
