"""How a text fares, as the provider tells it: in any order, several at once, now and then twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from desk.channels.sms.trouble import sentence_of
from desk.model.message import DeliveryState

RANKS = {
    "accepted": 1,
    "scheduled": 2,
    "queued": 3,
    "sending": 4,
    "sent": 5,
    "delivered": 6,
    "read": 7,
    "canceled": 8,
    "undelivered": 9,
    "failed": 10,
}
"""The furthest is shown; the last three end it, whatever is told after them."""

ENDED_BADLY = frozenset({"canceled", "undelivered", "failed"})


@dataclass(frozen=True, slots=True)
class Reported:
    """One status as it was told."""

    status: str
    error_code: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a message says of itself."""

    state: DeliveryState
    sentence: str = ""

    @property
    def is_failed(self) -> bool:
        return self.state is DeliveryState.FAILED


def shown_of(reports: Iterable[Reported]) -> Shown | None:
    """The furthest status of a text, in words; None where none that we know was told.

    It depends on what was told, and not on its order. An error code once told is never forgotten.
    """
    known = [one for one in reports if one.status in RANKS]
    if not known:
        return None
    furthest = max(known, key=lambda one: (RANKS[one.status], one.error_code or ""))
    codes = sorted(one.error_code for one in known if one.error_code)
    code = furthest.error_code or (codes[0] if codes else None)
    if furthest.status in ENDED_BADLY:
        return Shown(DeliveryState.FAILED, f"It did not arrive. {sentence_of(code)}")
    trouble = sentence_of(code) if code else ""
    if RANKS[furthest.status] >= RANKS["delivered"]:
        read = "It was read." if furthest.status == "read" else ""
        return Shown(DeliveryState.DELIVERED, f"{read} {trouble}".strip())
    if furthest.status == "sent":
        return Shown(DeliveryState.SENT, trouble)
    return Shown(DeliveryState.SENT, f"Twilio has it and sends it. {trouble}".strip())
