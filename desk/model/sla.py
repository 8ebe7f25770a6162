"""What is promised about time: calendars, targets, and the clock of each promise with its ledger."""

from __future__ import annotations

from enum import StrEnum


class ClockKind(StrEnum):
    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"


RESPONSES = (ClockKind.FIRST_RESPONSE, ClockKind.NEXT_RESPONSE)


class Phase(StrEnum):
    """Where a clock stands. `missed_at` is beside it: a clock that was missed runs on until it is met."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    CANCELLED = "cancelled"


OPEN_PHASES = (Phase.RUNNING, Phase.PAUSED)


class EntryKind(StrEnum):
    """What a line of a clock's ledger says; `voided` takes back the lines it names."""

    STARTED = "started"
    PAUSED = "paused"
    RESUMED = "resumed"
    RETARGETED = "retargeted"
    WARNED = "warned"
    MISSED = "missed"
    MET = "met"
    CANCELLED = "cancelled"
    FLAGGED = "flagged"
    MOVED = "moved"
    VOIDED = "voided"
