"""Run work after a response has been sent, so that it adds no latency."""

from collections.abc import Callable
from typing import TypeVar

from django.http.response import HttpResponseBase

Response = TypeVar("Response", bound=HttpResponseBase)


def after_response(response: Response, act: Callable[[], None]) -> Response:
    """Return ``response``, and call ``act`` once it has been sent. Exceptions of ``act`` are lost: log them there."""
    # The server closes a response when all of it is sent, and so does Django's test client. Only this list is private:
    # the public signal, request_finished, doesn't say for which response, and Django's own receiver has closed the
    # database connections before ours is called.
    response._resource_closers.append(act)  # type: ignore[attr-defined] # the stubs don't know it
    return response
