"""How a case's customer can be reached: our open doors, their addresses, and where they wrote last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from desk.model.case import Case
from desk.model.channel import Channel
from desk.model.chat import Chat, ChatState, Visitor
from desk.model.conversation import Conversation
from desk.model.customer import Address, AddressKind, Consent
from desk.model.inbound import ChannelKind
from desk.model.message import Message
from desk.store.messages.reading import last_inbound
from desk.store.texts.reach import TextReach, text_reach


@dataclass(frozen=True, slots=True)
class Door:
    """A channel of ours that is switched on."""

    channel_id: int
    kind: ChannelKind
    name: str


@dataclass(frozen=True, slots=True)
class Known:
    """An address of the customer."""

    kind: AddressKind
    value: str
    verified: bool


@dataclass(frozen=True, slots=True)
class LiveChat:
    """The case's latest chat: its visitor, and for how long their browser has given no sign."""

    channel_id: int
    public: str
    name: str
    email: str | None
    state: ChatState
    unseen_for: timedelta


@dataclass(frozen=True, slots=True)
class Reach:
    """All that the choice of a way looks at. `last` is the customer's latest message in the case, `spoken`
    holds its channels, where they wrote last first; `consents` their last word by channel.
    """

    name: str
    last: Message | None
    spoken: tuple[int, ...]
    doors: tuple[Door, ...]
    addresses: tuple[Known, ...]
    consents: dict[str, bool]
    chat: LiveChat | None = None
    texts: TextReach = field(default_factory=TextReach)

    def doors_of(self, kind: ChannelKind) -> list[Door]:
        """The open doors of a kind; where something was said last comes first."""
        return sorted(
            (door for door in self.doors if door.kind is kind), key=lambda door: self.age(door.channel_id)
        )

    def age(self, channel_id: int) -> int:
        """How many channels of the case were used after this one; a channel not used at all is the oldest."""
        return self.spoken.index(channel_id) if channel_id in self.spoken else len(self.spoken)

    def known(self, kind: AddressKind) -> list[Known]:
        """The customer's addresses of a kind, those that were proven first."""
        return sorted((one for one in self.addresses if one.kind is kind), key=lambda one: not one.verified)


def reach_of(session: Session, case: Case, name: str, now: datetime) -> Reach:
    """What is known for answering this case, whose customer has `name`."""
    last = last_inbound(session, case.id)
    spoken = session.scalars(
        select(Message.channel_id)
        .where(Message.case_id == case.id, Message.channel_id.is_not(None))
        .group_by(Message.channel_id)
        .order_by(func.max(Message.position).desc())
    )
    doors = session.execute(
        select(Channel.id, Channel.kind, Channel.name).where(Channel.enabled.is_(True)).order_by(Channel.id)
    )
    addresses = session.execute(
        select(Address.kind, Address.value, Address.verified_at.is_not(None))
        .where(Address.customer_id == case.customer_id)
        .order_by(Address.id)
    )
    consents = session.execute(
        select(Consent.channel, Consent.granted).where(Consent.customer_id == case.customer_id)
    )
    known = tuple(Known(*row) for row in addresses)
    phones = [one.value for one in known if one.kind is AddressKind.PHONE]
    return Reach(
        name=name,
        last=last,
        spoken=_first_where_they_wrote(last, spoken),
        doors=tuple(Door(*row) for row in doors),
        addresses=known,
        consents={row.channel: row.granted for row in consents},
        chat=_chat(session, case.id, now),
        texts=text_reach(session, case, phones),
    )


def _first_where_they_wrote(last: Message | None, spoken: Iterable[int | None]) -> tuple[int, ...]:
    wrote = last.channel_id if last else None
    return tuple(dict.fromkeys(one for one in (wrote, *spoken) if one is not None))


def _chat(session: Session, case_id: int, now: datetime) -> LiveChat | None:
    row = session.execute(
        select(Visitor.channel_id, Visitor.public, Visitor.name, Chat.email, Chat.state, Chat.visitor_seen_at)
        .join(Visitor, Visitor.id == Chat.visitor_id)
        .join(Conversation, Conversation.id == Chat.conversation_id)
        .where(Conversation.case_id == case_id)
        .order_by(Chat.conversation_id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else LiveChat(*row[:5], unseen_for=now - row.visitor_seen_at)
