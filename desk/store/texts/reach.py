"""What the choice of a way by text looks at: our numbers, theirs in a case, stops, and when they wrote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from desk.model.case import Case
from desk.model.channel import Channel
from desk.model.conversation import Conversation, Participation
from desk.model.inbound import ChannelKind
from desk.model.message import Message, MessageKind
from desk.model.texting import Suppression


@dataclass(frozen=True, slots=True)
class TextDoor:
    """A number of ours: `part` is its setup."""

    address: str
    part: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TextReach:
    """`numbers` take part in the case by text, the last to write first; `wrote` are those who ever texted
    this channel, `lately` within 24 hours; `stopped` pairs a sender of ours with a number.
    """

    doors: Mapping[int, TextDoor] = field(default_factory=dict)
    numbers: tuple[str, ...] = ()
    wrote: frozenset[tuple[int, str]] = frozenset()
    lately: frozenset[tuple[int, str]] = frozenset()
    stopped: frozenset[tuple[str, str]] = frozenset()


def text_reach(session: Session, case: Case | None, known: Iterable[str]) -> TextReach:
    """All of it for one case, whose customer has the `known` numbers beside those in the case; or for a case
    still to begin.
    """
    doors = {
        row.id: TextDoor(row.address, row.config.get("sms") or {})
        for row in session.execute(
            select(Channel.id, Channel.address, Channel.config).where(
                Channel.kind == ChannelKind.SMS, Channel.enabled.is_(True)
            )
        )
    }
    if not doors:
        return TextReach()
    numbers = _numbers_in(session, case.id) if case else []
    candidates = list(dict.fromkeys([*numbers, *known]))
    wrote: Sequence[tuple[int, str, bool]] = session.execute(  # type: ignore[assignment]  # none is NULL
        select(
            Message.channel_id,
            Message.author_address,
            func.max(Message.at) > func.now() - text("interval '24 hours'"),
        )
        .where(
            Message.kind == MessageKind.INBOUND,
            Message.author_address.in_(candidates),
            Message.channel_id.in_(list(doors)),
        )
        .group_by(Message.channel_id, Message.author_address)
    ).all()
    stopped = session.execute(
        select(Suppression.sender, Suppression.number).where(
            Suppression.number.in_(candidates), Suppression.stopped
        )
    )
    return TextReach(
        doors=doors,
        numbers=tuple(numbers),
        wrote=frozenset((row[0], row[1]) for row in wrote),
        lately=frozenset((row[0], row[1]) for row in wrote if row[2]),
        stopped=frozenset((row[0], row[1]) for row in stopped),
    )


def _numbers_in(session: Session, case_id: int) -> list[str]:
    """Who takes part in the case by text: who wrote last comes first, then who was written to."""
    wrote = session.scalars(
        select(Message.author_address)
        .join(Channel, Channel.id == Message.channel_id)
        .where(
            Message.case_id == case_id,
            Message.kind == MessageKind.INBOUND,
            Channel.kind == ChannelKind.SMS,
        )
        .order_by(Message.position.desc())
        .limit(50)
    )
    take_part = session.scalars(
        select(Participation.address)
        .join(Conversation, Conversation.id == Participation.conversation_id)
        .join(Channel, Channel.id == Conversation.channel_id)
        .where(Conversation.case_id == case_id, Channel.kind == ChannelKind.SMS)
        .order_by(Participation.id.desc())
        .limit(50)
    )
    return [one for one in dict.fromkeys([*wrote, *take_part]) if one]
