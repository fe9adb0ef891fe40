"""Concurrent calls in threads."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

SIXTEEN = 16


def at_once(*acts):
    """Call all functions at the same time and return their results in order."""
    together = Barrier(len(acts))

    def start(act):
        together.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(start, acts))
