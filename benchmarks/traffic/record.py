"""Latencies and errors by kind of request."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

Response = TypeVar("Response")


class UnexpectedResponse(Exception):
    """The client can't continue its flow. The error has been recorded."""


@dataclass
class Record:
    """The record of one client, or of several merged."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Number of errors, by (kind of request, error)."""

    def measure(self, kind: str, act: Callable[[], Response], is_expected: Callable[[Response], bool]) -> Response:
        """Call ``act`` and record its latency. Raise ``UnexpectedResponse`` on an ``OSError`` or a wrong response."""
        started = time.perf_counter()
        try:
            response = act()
        except OSError as error:
            self.errors[kind, type(error).__name__] += 1
            raise UnexpectedResponse from error
        self.seconds[kind].append(time.perf_counter() - started)
        if not is_expected(response):
            self.errors[kind, _status_of(response)] += 1
            raise UnexpectedResponse
        return response

    @property
    def requests(self) -> int:
        """Number of requests that got a response."""
        return sum(len(seconds) for seconds in self.seconds.values())


def merged(records: Iterable[Record]) -> Record:
    """Return the records of several clients as one."""
    total = Record()
    for record in records:
        total.errors += record.errors
        for kind, seconds in record.seconds.items():
            total.seconds[kind] += seconds
    return total


def _status_of(response: object) -> str:
    return f"HTTP {getattr(response, 'status_code', None) or getattr(response, 'status', '?')}"
