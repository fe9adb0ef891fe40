"""Format a record as a table."""

import statistics
from collections.abc import Iterator

from benchmarks.traffic.record import Record

COLUMNS = "{:<20}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>8}"


def table(record: Record, *, seconds: float) -> Iterator[str]:
    """Yield the lines of a table: throughput, quantiles of latency in milliseconds, errors, by kind of request."""
    yield COLUMNS.format("kind", "requests", "per s", "median", "95 %", "99 %", "longest", "errors")
    for kind, latencies in sorted(record.seconds.items()):
        errors = sum(number for (of_kind, _), number in record.errors.items() if of_kind == kind)
        rate = f"{len(latencies) / seconds:.1f}"
        yield COLUMNS.format(
            kind, len(latencies), rate, *(f"{each * 1000:.0f}" for each in quantiles(latencies)), errors
        )
    rate = f"{record.requests / seconds:.1f}"
    yield COLUMNS.format("all", record.requests, rate, "", "", "", "", record.errors.total())


def quantiles(latencies: list[float]) -> tuple[float, float, float, float]:
    """Return the median, the 95th and the 99th percentile, and the longest."""
    hundredths = statistics.quantiles(latencies, n=100, method="inclusive") if len(latencies) > 1 else latencies * 99
    return hundredths[49], hundredths[94], hundredths[98], max(latencies)
