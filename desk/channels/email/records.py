"""TXT records of the DNS, to check signatures by: cached, and waited for no longer than a batch can bear."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

import dns.exception
import dns.resolver

from desk.model.errors import Unavailable

LOOKUP_SECONDS = 1.5
BATCH_SECONDS = 3.0
"""So long all look-ups of one batch may take together."""

PAUSE_SECONDS = 60.0
"""After two look-ups without an answer, the DNS is taken for away for so long."""

FAILURES = 2
KEPT = 2000
LONGEST_KEPT = 3600.0
ABSENT_KEPT = 300.0
# A key of 4096 bits takes 740 letters; the numbers of a larger one cost more than they are worth.
LONGEST_RECORD = 1000

Ask = Callable[[str, float], tuple[bytes | None, float]]
"""(name, seconds) → the record, or None where there is none, and for how many seconds that holds."""


def ask_dns(name: str, seconds: float) -> tuple[bytes | None, float]:
    """The TXT record of `name`, its pieces joined. Raises Unavailable when nobody answers in time."""
    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=seconds, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return None, ABSENT_KEPT
    except (dns.exception.DNSException, OSError, ValueError) as error:
        raise Unavailable(f"The DNS did not answer ({type(error).__name__}).") from error
    return b"".join(next(iter(answer)).strings), float(answer.rrset.ttl if answer.rrset else ABSENT_KEPT)


@dataclass
class TextRecords:
    """Looks records up for one reader, within `BATCH_SECONDS` between two calls of `begin`."""

    ask: Ask = ask_dns
    clock: Callable[[], float] = time.monotonic
    _known: OrderedDict[str, tuple[float, bytes | None]] = field(default_factory=OrderedDict)
    _left: float = BATCH_SECONDS
    _failures: int = 0
    _resting_until: float = float("-inf")

    def begin(self) -> None:
        """A new batch, with all its time before it."""
        self._left = BATCH_SECONDS

    def find(self, name: str) -> bytes | None:
        """The record, or None where there is none. Raises Unavailable when it cannot be known now."""
        now = self.clock()
        known = self._known.get(name)
        if known and known[0] > now:
            return known[1]
        if now < self._resting_until or self._left <= 0:
            raise Unavailable("The DNS did not answer in time.")
        try:
            record, seconds = self.ask(name, min(LOOKUP_SECONDS, self._left))
        except Unavailable:
            self._failures += 1
            if self._failures >= FAILURES:
                self._resting_until = now + PAUSE_SECONDS
            raise
        finally:
            self._left -= self.clock() - now
        self._failures = 0
        if record is not None and len(record) > LONGEST_RECORD:
            record = None
        self._keep(name, now + min(seconds, LONGEST_KEPT), record)
        return record

    def _keep(self, name: str, until: float, record: bytes | None) -> None:
        self._known[name] = until, record
        self._known.move_to_end(name)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
