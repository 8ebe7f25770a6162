"""A day's contacts as rows, written at once: closed and read, as they would stand after all these deeds.

Nothing is recorded in the journal and nothing put into the outbox: what is over is told to nobody.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Table, insert, select, text
from sqlalchemy.orm import Session

from desk.demo.history.plan import Contact, Exchange
from desk.demo.history.surveys import surveys_of
from desk.demo.line import phones
from desk.demo.people import Person
from desk.demo.shop import HELP, NAME
from desk.model.agent import Agent
from desk.model.assignment import Assignment
from desk.model.case import Case, CaseChange, CaseRead, CaseStatus, Category
from desk.model.channel import Channel
from desk.model.chat import Chat, ChatState, EndedBy, Visitor
from desk.model.conversation import Conversation
from desk.model.inbound import ChannelKind
from desk.model.message import AuthorKind, DeliveryState, Message, MessageKind
from desk.model.queue import Queue
from desk.model.record import Record
from desk.model.survey import Survey

GRACE = timedelta(days=14)
SOLVED = "Solved"
SUBJECT, PREVIEW = 80, 160
WRITTEN_IN_ORDER = (Case, Conversation, Visitor, Chat, Message, Assignment, CaseChange, CaseRead)


@dataclass(frozen=True)
class Shop:
    """The shop's numbers by name."""

    agents: dict[str, int]
    queues: dict[str, int]
    categories: dict[str, int]
    channels: dict[ChannelKind, int]

    @classmethod
    def of(cls, session: Session) -> Shop:
        kinds = (ChannelKind.EMAIL, ChannelKind.CHAT, ChannelKind.SMS)
        channels = session.execute(
            select(Channel.kind, Channel.id).where(Channel.kind.in_(kinds)).order_by(Channel.id.desc())
        )
        return cls(
            agents={row.name: row.id for row in session.execute(select(Agent.name, Agent.id))},
            queues={row.name: row.id for row in session.execute(select(Queue.name, Queue.id))},
            categories={row.name: row.id for row in session.execute(select(Category.name, Category.id))},
            channels={row.kind: row.id for row in channels},
        )


def write_contacts(
    session: Session, shop: Shop, told: Sequence[Contact], customer_ids: dict[str, int], end: datetime
) -> int:
    """Write these contacts as they stand at `end`; how many. Whose customer is gone is left out."""
    told = [one for one in told if one.person.address in customer_ids]
    if not told:
        return 0
    case_ids, conversation_ids, visitor_ids = (
        _numbers(session, of, len(told)) for of in (Case, Conversation, Visitor)
    )
    rows = _Rows(shop, end)
    for contact, *ids in zip(told, case_ids, conversation_ids, visitor_ids, strict=True):
        rows.add(contact, customer_ids[contact.person.address], *ids)
    for noun in WRITTEN_IN_ORDER:
        if rows.of[noun]:
            session.execute(insert(table_of(noun)), rows.of[noun])
    numbered = [
        (contact, case_id, customer_ids[contact.person.address])
        for contact, case_id in zip(told, case_ids, strict=True)
    ]
    if surveys := surveys_of(session, numbered, end):
        session.execute(insert(table_of(Survey)), surveys)
    return len(told)


def _numbers(session: Session, of: type[Record], count: int) -> list[int]:
    taken = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")
    return list(session.scalars(taken, {"name": of.__tablename__, "count": count}))


def table_of(noun: type[Record]) -> Table:
    """For rows that are all alike: the mapper would send rows with a None in another place one by one."""
    return Record.metadata.tables[noun.__tablename__]


@dataclass
class _Rows:
    shop: Shop
    end: datetime
    of: dict[type[Record], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def add(
        self, contact: Contact, customer_id: int, case_id: int, conversation_id: int, visitor_id: int
    ) -> None:
        channel_id, agent_id = self.shop.channels[contact.channel], self.shop.agents[contact.agent]
        is_chat = contact.channel is ChannelKind.CHAT
        public = secrets.token_hex(12)
        first, last = contact.exchanges[0], contact.exchanges[-1]
        subject = contact.topic.subject if contact.channel is ChannelKind.EMAIL else first.said[:SUBJECT]
        closed_at = last.resolved_at + GRACE
        is_closed = closed_at < self.end
        self.of[Case].append(
            {
                "id": case_id,
                "customer_id": customer_id,
                "subject": subject,
                "channel": contact.channel,
                "opened_at": first.asked_at,
                "last_at": last.answered_at,
                "status": CaseStatus.CLOSED if is_closed else CaseStatus.RESOLVED,
                "queue_id": self.shop.queues[contact.topic.queue],
                "assignee_id": agent_id,
                "category_id": self.shop.categories.get(contact.topic.category or ""),
                "tags": [],
                "fields": {"order_number": contact.person.order},
                "resolved_at": last.resolved_at,
                "resolution_reason": SOLVED,
                "closed_at": closed_at if is_closed else None,
                "first_replied_at": first.answered_at,
                "preview": " ".join(last.answer.split())[:PREVIEW],
                "last_position": 3 * len(contact.exchanges),
                "last_inbound_position": 3 * len(contact.exchanges) - 2,
            }
        )
        self.of[Conversation].append(
            {
                "id": conversation_id,
                "case_id": case_id,
                "customer_id": customer_id,
                "channel_id": channel_id,
                "subject": subject,
                "created_at": first.asked_at,
            }
        )
        if is_chat:
            self._chat(contact, customer_id, conversation_id, visitor_id, public)
        address = public if is_chat else _address(contact)
        for number, exchange in enumerate(contact.exchanges):
            spoken = {
                "case_id": case_id,
                "conversation_id": conversation_id,
                "channel_id": channel_id,
                "subject": subject,
                "recipients_cc": [],
                "reply_to": [],
                "suspicions": [],
                "mentions": [],
            }
            self._messages(contact, exchange, 3 * number, spoken, agent_id, address)
            self._changes(contact, exchange, case_id, is_again=number > 0)
        stint = {"sentence": f"{contact.agent} took the case", "reasons": []}
        self.of[Assignment].append(
            {
                "case_id": case_id,
                "agent_id": agent_id,
                "assigned_at": first.asked_at + (first.answered_at - first.asked_at) * 0.8,
                "reason": stint,
                "ended_at": last.resolved_at,
            }
        )
        self.of[CaseRead].append(
            {"case_id": case_id, "agent_id": agent_id, "position": 3 * len(contact.exchanges)}
        )

    def _chat(
        self, contact: Contact, customer_id: int, conversation_id: int, visitor_id: int, public: str
    ) -> None:
        exchange, person = contact.exchanges[0], contact.person
        self.of[Visitor].append(
            {
                "id": visitor_id,
                "public": public,
                "secret_hash": secrets.token_hex(32),
                "channel_id": self.shop.channels[ChannelKind.CHAT],
                "created_at": exchange.asked_at,
                "customer_id": customer_id,
                "name": person.name,
                "external_id": person.number,
                "identified_at": exchange.asked_at,
                "revoked_at": exchange.resolved_at,
            }
        )
        self.of[Chat].append(
            {
                "conversation_id": conversation_id,
                "visitor_id": visitor_id,
                "begun_at": exchange.asked_at,
                "last_visitor_at": exchange.asked_at,
                "visitor_seen_at": exchange.resolved_at,
                "state": ChatState.ENDED,
                "last_sequence": 2,
                "visitor_read": 2,
                "agent_read": 2,
                "answered_sequence": 2,
                "joined_at": exchange.asked_at + (exchange.answered_at - exchange.asked_at) * 0.7,
                "last_agent_at": exchange.answered_at,
                "ended_at": exchange.resolved_at,
                "ended_by": EndedBy.VISITOR,
                "score": contact.score,
                "scored_at": exchange.resolved_at if contact.score else None,
                "fields": {},
            }
        )

    def _messages(
        self,
        contact: Contact,
        exchange: Exchange,
        before: int,
        spoken: dict[str, Any],
        agent_id: int,
        address: str,
    ) -> None:
        is_chat = contact.channel is ChannelKind.CHAT
        to_us = [{"address": HELP, "name": NAME}] if contact.channel is ChannelKind.EMAIL else []
        self.of[Message] += [
            spoken
            | {
                "position": before + 1,
                "kind": MessageKind.INBOUND,
                "author_kind": AuthorKind.CUSTOMER,
                "at": exchange.asked_at,
                "visible_to_customer": True,
                "author_name": contact.person.name,
                "author_address": address,
                "text": exchange.said,
                "reply": exchange.said,
                "recipients_to": to_us,
                "sequence": 1 if is_chat else None,
                "agent_id": None,
                "state": None,
            },
            spoken
            | {
                "position": before + 2,
                "kind": MessageKind.OUTBOUND,
                "author_kind": AuthorKind.AGENT,
                "at": exchange.answered_at,
                "visible_to_customer": True,
                "author_name": contact.agent,
                "author_address": None,
                "text": exchange.answer,
                "reply": exchange.answer,
                "recipients_to": [] if is_chat else [{"address": address, "name": contact.person.name}],
                "sequence": 2 if is_chat else None,
                "agent_id": agent_id,
                "state": DeliveryState.SENT,
            },
            spoken
            | {
                "conversation_id": None,
                "channel_id": None,
                "subject": None,
                "position": before + 3,
                "kind": MessageKind.EVENT,
                "author_kind": AuthorKind.SYSTEM,
                "at": exchange.resolved_at,
                "visible_to_customer": False,
                "author_name": "",
                "author_address": None,
                "text": _resolved(contact),
                "reply": _resolved(contact),
                "recipients_to": [],
                "sequence": None,
                "agent_id": None,
                "state": None,
            },
        ]

    def _changes(self, contact: Contact, exchange: Exchange, case_id: int, *, is_again: bool) -> None:
        agent = f"agent:{self.shop.agents[contact.agent]}"
        line = {"case_id": case_id, "what": "status", "why": None}
        if is_again:
            wrote = f"The answer of {contact.person.name} reopened the case."
            self.of[CaseChange].append(
                line
                | {
                    "at": exchange.asked_at,
                    "actor": "system:demo",
                    "sentence": wrote,
                    "before": "resolved",
                    "after": "open",
                }
            )
        self.of[CaseChange].append(
            line
            | {
                "at": exchange.resolved_at,
                "actor": agent,
                "sentence": _resolved(contact),
                "before": "waiting",
                "after": "resolved",
                "why": SOLVED,
            }
        )


def _resolved(contact: Contact) -> str:
    return f"{contact.agent} resolved the case: {SOLVED}"


def _address(contact: Contact) -> str:
    if contact.channel is ChannelKind.SMS:
        return _phones()[contact.person]
    return contact.person.address


@cache
def _phones() -> dict[Person, str]:
    return {person: number for number, person in phones().items()}
