"""What one client noted down: how long each kind of request took, and what went wrong."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

Answer = TypeVar("Answer")


class UnexpectedAnswer(Exception):
    """The client can't go on from here. The text says what came."""


@dataclass
class Record:
    """Of one client, or of all of them together."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often what went wrong with which kind of request."""

    def measure(self, kind: str, act: Callable[[], Answer], is_right: Callable[[Answer], bool]) -> Answer:
        """Do it and note how long it took. Raises ``UnexpectedAnswer`` where the answer is not right."""
        started = time.perf_counter()
        try:
            answer = act()
        except OSError as fault:
            self.errors[kind, type(fault).__name__] += 1
            raise UnexpectedAnswer from fault
        self.seconds[kind].append(time.perf_counter() - started)
        if not is_right(answer):
            self.errors[kind, _status_of(answer)] += 1
            raise UnexpectedAnswer
        return answer

    @property
    def requests(self) -> int:
        """How many were answered."""
        return sum(len(seconds) for seconds in self.seconds.values())


def together(records: Iterable[Record]) -> Record:
    """Return what several clients noted down."""
    total = Record()
    for record in records:
        total.errors += record.errors
        for kind, seconds in record.seconds.items():
            total.seconds[kind] += seconds
    return total


def _status_of(answer: object) -> str:
    return f"HTTP {getattr(answer, 'status_code', None) or getattr(answer, 'status', '?')}"
