"""Surveys: cases about which somebody may be asked now, and what was asked already."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from desk.model.case import DONE, Case
from desk.model.conversation import Conversation
from desk.model.customer import Address, AddressKind
from desk.model.message import Message, MessageKind
from desk.model.survey import Survey
from desk.model.transit import SURVEY_TEXT, Outbox, OutboxState


def cases_to_ask_about(
    session: Session, *, resolved_from: datetime, resolved_until: datetime, asked_since: datetime, limit: int
) -> Sequence[Any]:
    """`{case_id, channel_id, asking}` of cases resolved in the span, whose queue asks, which one of us
    answered by mail or text, and of whose customer nobody was asked since; of each customer the last.

    Left out is what a machine wrote into, what forged its sender, spam, and chats, which ask by themselves.
    """
    asked = {"since": resolved_from, "until": resolved_until, "asked_since": asked_since, "limit": limit}
    return session.execute(_TO_ASK, asked).all()


def find_survey(session: Session, survey_id: int, *, lock: bool = False) -> Survey | None:
    return session.get(Survey, survey_id, with_for_update=lock or None)


def find_survey_carried(session: Session, outbox_id: int) -> Survey | None:
    """The survey that a row of the outbox carries."""
    return session.scalar(select(Survey).where(Survey.outbox_id == outbox_id))


def survey_said_last(session: Session, conversation_id: int, channel_id: int) -> Survey | None:
    """The survey that left by text in this conversation, where it is the last thing that we said there and
    its case still rests; held for its answer."""
    said_since = select(Message.id).where(
        Message.conversation_id == conversation_id,
        Message.kind == MessageKind.OUTBOUND,
        Message.at > Survey.asked_at,
    )
    return session.scalar(
        select(Survey)
        .join(Outbox, Outbox.id == Survey.outbox_id)
        .join(Case, Case.id == Survey.case_id)
        .join(Conversation, Conversation.case_id == Case.id)
        .where(
            Conversation.id == conversation_id,
            Outbox.channel_id == channel_id,
            Outbox.kind == SURVEY_TEXT,
            Outbox.state == OutboxState.SENT,
            Case.status.in_(DONE),
            ~said_since.exists(),
        )
        .with_for_update(of=Survey)
    )


_TO_ASK = text(
    """
    SELECT DISTINCT ON (c.customer_id) c.id AS case_id, a.channel_id, q.survey AS asking
    FROM cases c JOIN queues q ON q.id = c.queue_id
      CROSS JOIN LATERAL (SELECT m.channel_id FROM messages m
        WHERE m.case_id = c.id AND m.kind = 'outbound' AND m.author_kind = 'agent'
          AND m.state NOT IN ('failed', 'bounced') ORDER BY m.position DESC LIMIT 1) a
      JOIN channels d ON d.id = a.channel_id AND d.enabled AND d.kind IN ('email', 'sms')
    WHERE q.survey <> 'nobody' AND c.status IN ('resolved', 'closed')
      AND c.resolved_at > :since AND c.resolved_at <= :until
      AND c.merged_into_id IS NULL AND c.last_inbound_position > 0 AND c.channel <> 'chat'
      AND lower(coalesce(c.resolution_reason, '')) <> 'spam'
      AND NOT EXISTS (SELECT FROM messages m WHERE m.case_id = c.id AND m.kind = 'inbound'
        AND (m.automatic IS NOT NULL OR m.verdict = 'fail'))
      AND NOT EXISTS (SELECT FROM surveys s WHERE s.case_id = c.id)
      AND NOT EXISTS (SELECT FROM surveys s JOIN cases o ON o.id = s.case_id
        WHERE o.customer_id = c.customer_id AND s.asked_at > :asked_since)
    ORDER BY c.customer_id, c.resolved_at DESC LIMIT :limit
    """
)


def bounces(session: Session, address: str) -> bool:
    """Whether mail to this address came back."""
    troubled = select(Address.id).where(
        Address.kind == AddressKind.EMAIL, Address.value == address, Address.trouble.is_not(None)
    )
    return bool(session.scalar(select(troubled.exists())))
