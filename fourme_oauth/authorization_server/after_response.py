"""What can wait until an answer is on its way, so that it holds nobody up."""

from collections.abc import Callable
from typing import TypeVar

from django.http.response import HttpResponseBase

Answer = TypeVar("Answer", bound=HttpResponseBase)


def after_response(answer: Answer, act: Callable[[], None]) -> Answer:
    """Return ``answer``, and arrange that ``act`` is done when it is sent. What that raises is lost: log it there."""
    # The server closes an answer when the last of it is sent; so does Django's test client. Private, and nothing public
    # does it for one answer: the signal request_finished does not tell which one it was.
    answer._resource_closers.append(act)  # type: ignore[attr-defined] # the stubs don't know it
    return answer
