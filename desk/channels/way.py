"""One way to answer a customer."""

from __future__ import annotations

from dataclasses import dataclass

from desk.model.inbound import ChannelKind, Participant


@dataclass(frozen=True, slots=True)
class Way:
    """By a channel, to people: `reason` says why it is offered, `obstacle` why it cannot be gone now.

    `by_template` says that only free words are in the way: an approved template may go.
    """

    kind: ChannelKind
    channel_id: int
    channel: str
    to: tuple[Participant, ...]
    reason: str
    obstacle: str | None = None
    by_template: bool = False
