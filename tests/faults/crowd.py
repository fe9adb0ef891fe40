"""Many who act at the same time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

SIXTEEN = 16


def at_once(*acts):
    """Do it all at the same time and return what came of it, in order."""
    together = Barrier(len(acts))

    def start(act):
        together.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(start, acts))
