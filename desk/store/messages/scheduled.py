"""Scheduled replies: those of a case and of a person, and those that time or somebody's word makes due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Row, and_, exists, func, literal_column, or_, select, update
from sqlalchemy.orm import Session

from desk.model.agent import Agent
from desk.model.case import Case, CaseStatus
from desk.model.channel import Channel
from desk.model.customer import Customer
from desk.model.errors import NotFound
from desk.model.message import AuthorKind, Message, MessageKind
from desk.model.scheduled_reply import ScheduledReply, ScheduledState

IS_PENDING: ColumnElement[bool] = literal_column(
    "scheduled_replies.state IN ('waiting', 'held_back')", Boolean
)
"""As the partial indexes have it, word by word: with a parameter in its place none would be used."""

SCHEDULED = (
    ScheduledReply.id,
    ScheduledReply.case_id,
    ScheduledReply.agent_id,
    Agent.name.label("agent"),
    ScheduledReply.channel_id,
    Channel.kind.label("channel"),
    ScheduledReply.client_id,
    ScheduledReply.at,
    ScheduledReply.made_at,
    ScheduledReply.held_at,
    ScheduledReply.state,
    ScheduledReply.why,
    ScheduledReply.content,
)
"""What is shown of one, where its agent and its channel are joined."""


def get_scheduled(session: Session, scheduled_id: int, *, lock: bool = False) -> ScheduledReply:
    """One, held with `lock`; the case is held before. Raises NotFound."""
    found = session.get(ScheduledReply, scheduled_id, with_for_update=lock, populate_existing=lock)
    if found is None:
        raise NotFound(f"There is no scheduled reply {scheduled_id}.")
    return found


def by_client(session: Session, agent_id: int, client_id: str) -> ScheduledReply | None:
    """The agent's that carries this screen's id, where it was taken already."""
    own = ScheduledReply.agent_id == agent_id, ScheduledReply.client_id == client_id
    return session.scalar(select(ScheduledReply).where(*own))


def scheduled_row(session: Session, scheduled_id: int) -> Row[*tuple[Any, ...]]:
    """One as a row of `SCHEDULED`."""
    return session.execute(_rows().where(ScheduledReply.id == scheduled_id)).one()


def scheduled_by(session: Session, agent_id: int, limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """A person's, the first to leave first: rows of `SCHEDULED`, with subject and customer."""
    return session.execute(
        _rows()
        .add_columns(Case.subject, Customer.name.label("customer"))
        .join(Case, Case.id == ScheduledReply.case_id)
        .join(Customer, Customer.id == Case.customer_id)
        .where(ScheduledReply.agent_id == agent_id, IS_PENDING)
        .order_by(ScheduledReply.at, ScheduledReply.id)
        .limit(limit)
    ).all()


def count_scheduled(session: Session, agent_id: int) -> int:
    """How many a person has."""
    own = ScheduledReply.agent_id == agent_id, IS_PENDING
    return session.scalar(select(func.count()).where(*own)) or 0


def newest_message(session: Session, case_id: int) -> int:
    """The number of the newest message of the case, 0 for none."""
    return session.scalar(select(func.max(Message.id)).where(Message.case_id == case_id)) or 0


def spoken_since(session: Session, scheduled: ScheduledReply) -> Message | None:
    """The first word that its agent did not know of: the customer's, or a colleague's to the customer."""
    return session.scalars(
        select(Message)
        .where(
            Message.case_id == scheduled.case_id,
            Message.id > scheduled.seen_id,
            _speaks_to_it(scheduled.agent_id),
        )
        .order_by(Message.id)
        .limit(1)
    ).first()


def due_scheduled(session: Session, now: datetime, limit: int) -> Sequence[tuple[int, int]]:
    """(number, agent) of those whose time has come, the first to leave first."""
    waiting = ScheduledReply.state == ScheduledState.WAITING
    rows = session.execute(
        select(ScheduledReply.id, ScheduledReply.agent_id)
        .where(waiting, ScheduledReply.at <= now)
        .order_by(ScheduledReply.at, ScheduledReply.id)
        .limit(limit)
    )
    return [(row.id, row.agent_id) for row in rows]


def overtaken_scheduled(session: Session, limit: int) -> Sequence[int]:
    """Those that wait while somebody has spoken, or while their case can no longer be answered."""
    spoken = exists().where(
        Message.case_id == ScheduledReply.case_id,
        Message.id > ScheduledReply.seen_id,
        _speaks_to_it(ScheduledReply.agent_id),
    )
    ended = exists().where(Case.id == ScheduledReply.case_id, Case.status == CaseStatus.CLOSED)
    return session.scalars(
        select(ScheduledReply.id)
        .where(ScheduledReply.state == ScheduledState.WAITING, or_(spoken, ended))
        .order_by(ScheduledReply.id)
        .limit(limit)
    ).all()


def move_scheduled(session: Session, from_id: int, to_id: int, *, why: str, now: datetime) -> list[int]:
    """Those of one case are held back in another, which they have become a part of; their numbers."""
    return list(
        session.scalars(
            update(ScheduledReply)
            .where(ScheduledReply.case_id == from_id, IS_PENDING)
            .values(case_id=to_id, state=ScheduledState.HELD_BACK, why=why, held_at=now)
            .returning(ScheduledReply.id)
            .execution_options(synchronize_session=False)
        )
    )


def scheduled_back(session: Session, numbers: Sequence[int], from_id: int, to_id: int) -> None:
    """Those that are still there go back to their case; who wrote them decides."""
    session.execute(
        update(ScheduledReply)
        .where(ScheduledReply.id.in_(numbers), ScheduledReply.case_id == from_id)
        .values(case_id=to_id)
        .execution_options(synchronize_session=False)
    )


def _rows() -> Any:
    return (
        select(*SCHEDULED)
        .join(Agent, Agent.id == ScheduledReply.agent_id)
        .join(Channel, Channel.id == ScheduledReply.channel_id)
    )


def _speaks_to_it(agent_id: Any) -> ColumnElement[bool]:
    """What a person said since. An automatic answer and a note among colleagues change nothing."""
    return or_(
        and_(Message.kind == MessageKind.INBOUND, Message.automatic.is_(None)),
        and_(
            Message.kind == MessageKind.OUTBOUND,
            Message.author_kind == AuthorKind.AGENT,
            Message.agent_id != agent_id,
        ),
    )
