"""Python's garbage collector, told what a process keeps for its whole life."""

from __future__ import annotations

import gc

_YOUNG, _MIDDLE, _OLD = 5_000, 10, 400


def set_aside() -> None:
    """Leave all that exists by now out of every later collection, and collect little at a time.

    To be called once, when everything is imported and made. A full collection walks every object: with
    the modules of a web process that is most of a second, in which no line is served. What is set aside
    is not walked (`gc.freeze`), and a later full collection of what came since takes some 30 ms. It is
    rare, and the frequent one is of so few objects that no line waits for it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
