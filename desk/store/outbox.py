"""The outbox: what is due to be handed over, one lease at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from desk.model.errors import NotFound
from desk.model.transit import Acknowledgement, Outbox, OutboxState
from desk.store.line import Line, Statement

LEASE = timedelta(seconds=30)
"""How long a mail is believed to be on its way without a sign of life from who carries it."""

DUE = (OutboxState.QUEUED, OutboxState.UNCERTAIN)


def due_channels(session: Session, now: datetime) -> Sequence[int]:
    """The channels with something to hand over now."""
    return session.scalars(
        select(Outbox.channel_id)
        .where(Outbox.state.in_(DUE), Outbox.not_before <= now)
        .distinct()
        .order_by(Outbox.channel_id)
    ).all()


def next_due(session: Session, channel_id: int, now: datetime) -> Outbox | None:
    """The next one of the channel, its row held; those that others hold are passed over."""
    return session.scalar(
        select(Outbox)
        .where(Outbox.state.in_(DUE), Outbox.not_before <= now, Outbox.channel_id == channel_id)
        .order_by(Outbox.not_before, Outbox.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def get_outgoing(session: Session, outbox_id: int) -> Outbox:
    """One row, held. Raises NotFound."""
    found = session.scalar(
        select(Outbox)
        .where(Outbox.id == outbox_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound(f"Nothing with the number {outbox_id} waits to be sent.")
    return found


def find_for_message(session: Session, message_id: int) -> Outbox | None:
    """What carries a message out, its row held."""
    return session.scalar(
        select(Outbox)
        .where(Outbox.message_id == message_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def find_sent(session: Session, channel_id: int, internet_ids: Sequence[str]) -> Outbox | None:
    """The first of these Message-IDs that we made, its row held."""
    found = session.scalars(
        select(Outbox)
        .where(Outbox.internet_id.in_(list(internet_ids)), Outbox.channel_id == channel_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    return min(found, key=lambda one: internet_ids.index(one.internet_id), default=None)


def last_sent_in(session: Session, conversation_id: int) -> Outbox | None:
    """What was handed over last in a conversation, its row held."""
    return session.scalar(
        select(Outbox)
        .where(
            text(
                "outbox.message_id IN (SELECT m.id FROM messages m "
                "WHERE m.conversation_id = :conversation_id AND m.kind = 'outbound')"
            ).bindparams(conversation_id=conversation_id)
        )
        .order_by(Outbox.id.desc())
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def renew(session: Session, outbox_ids: Sequence[int], now: datetime) -> None:
    """A sign of life: these are still being carried."""
    session.execute(
        update(Outbox)
        .where(Outbox.id.in_(list(outbox_ids)), Outbox.state == OutboxState.SENDING)
        .values(lease_until=now + LEASE)
        .execution_options(synchronize_session=False)
    )


def abandoned(session: Session, now: datetime, limit: int) -> Sequence[Outbox]:
    """What was on its way when whoever carried it fell silent, the rows held."""
    return session.scalars(
        select(Outbox)
        .where(Outbox.state == OutboxState.SENDING, Outbox.lease_until < now)
        .order_by(Outbox.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def withdraw_all(session: Session, channel_id: int, kind: str, sentence: str) -> None:
    """Nothing of this kind leaves the channel any more, be it waiting or just claimed."""
    session.flush()
    session.execute(
        update(Outbox)
        .where(
            Outbox.channel_id == channel_id,
            Outbox.kind == kind,
            Outbox.state.in_((*DUE, OutboxState.SENDING)),
        )
        .values(state=OutboxState.WITHDRAWN, trouble=sentence, lease_until=None)
    )


_ACKNOWLEDGE = Statement(
    """
    WITH decided AS (
      INSERT INTO acknowledgements (address, at, case_id)
      SELECT CAST(:address AS varchar), :at, CAST(:case_id AS bigint)
      WHERE NOT EXISTS (
        SELECT FROM acknowledgements WHERE address = CAST(:address AS varchar) AND at > :since)
      RETURNING at, case_id),
    known AS (
      INSERT INTO thread_ids (channel_id, message_id, conversation_id, ours)
      SELECT :channel_id, CAST(:internet_id AS varchar), CAST(:conversation_id AS bigint), true
      FROM decided)
    INSERT INTO outbox (channel_id, kind, internet_id, recipients, queued_at, not_before, case_id, content,
                        state, attempts, perhaps_twice)
    SELECT :channel_id, :kind, CAST(:internet_id AS varchar), CAST(:recipients AS jsonb), at, at,
           case_id,
           CAST(:content AS jsonb) || jsonb_build_object(
             'conversation_id', CAST(:conversation_id AS bigint),
             'text', coalesce((SELECT nullif(value #>> '{}', '') FROM policies
                               WHERE key = 'acknowledgement_text'), :standard_text)),
           'queued', 0, false
    FROM decided RETURNING id
    """
)


def keep_acknowledgement(
    line: Line,
    *,
    kind: str,
    channel_id: int,
    case_id: int,
    conversation_id: int,
    internet_id: str,
    address: str,
    content: Mapping[str, Any],
    standard_text: str,
    since: datetime,
    at: datetime,
) -> None:
    """Have the address told that we have its message, in the words of the policy where there are some.

    One statement; nothing is kept when it was told since the moment given.
    """
    line.write(
        _ACKNOWLEDGE,
        {
            "kind": kind,
            "channel_id": channel_id,
            "case_id": case_id,
            "conversation_id": conversation_id,
            "internet_id": internet_id,
            "address": address,
            "recipients": json.dumps({address: {"state": "queued"}}),
            "content": json.dumps(content),
            "standard_text": standard_text,
            "since": since,
            "at": at,
        },
    )


def acknowledgements_since(session: Session, since: datetime) -> int:
    """How many automatic mails were decided on, to anybody."""
    return session.scalar(select(func.count()).where(Acknowledgement.at > since)) or 0
