"""When to try again: mail that could not leave, and mailboxes that could not be reached."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

_STEPS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))

GIVE_UP_AFTER = timedelta(hours=48)

_RECONNECT_AT_MOST = timedelta(minutes=5)

# A wait of nearly nothing would only hit the same trouble again.
_LEAST_SHARE = 0.1


def next_try(
    attempts: int, first_try: datetime, now: datetime, random: Callable[[], float]
) -> datetime | None:
    """When to try a delivery again after `attempts` failures; None when it is time to give up.

    Up to 1, 5, 15 and 60 minutes, then hourly, until 48 hours after `first_try`, when one last
    try is made. `random` gives numbers in [0, 1): the wait is spread over its whole step, so
    that a server coming back is not met by everybody at once.
    """
    last_try = first_try + GIVE_UP_AFTER
    if now >= last_try:
        return None
    step = _STEPS[min(max(attempts, 1), len(_STEPS)) - 1]
    return min(now + _jittered(step, random), last_try)


def reconnect_after(failures: int, random: Callable[[], float]) -> timedelta:
    """How long to leave a mailbox alone after so many failures in a row: 1 s doubling to 5 min, spread."""
    doubled = timedelta(seconds=2 ** min(failures, 10))
    return max(_jittered(min(doubled, _RECONNECT_AT_MOST), random), timedelta(seconds=1))


def _jittered(step: timedelta, random: Callable[[], float]) -> timedelta:
    return step * max(_LEAST_SHARE, random())
