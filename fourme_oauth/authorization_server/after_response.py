"""What can wait until a response is on its way, so that it holds nobody up."""

from collections.abc import Callable
from typing import TypeVar

from django.http.response import HttpResponseBase

Answer = TypeVar("Answer", bound=HttpResponseBase)


def after_response(answer: Answer, act: Callable[[], None]) -> Answer:
    """Return ``answer``, and arrange that ``act`` is done once it is sent. What that raises is lost: log it there."""
    # The server closes a response when the last of it is sent, and so does Django's test client. Only this list is
    # private: the public signal for it, request_finished, doesn't say for which response, and has closed the database
    # connections before a receiver of ours is called.
    answer._resource_closers.append(act)  # type: ignore[attr-defined] # the stubs don't know it
    return answer
