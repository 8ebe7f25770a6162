"""What is learnt of how long cases take whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Row, delete, select
from sqlalchemy.orm import Session

from desk.model.agent import Agent
from desk.model.queue import Queue
from desk.model.routing_policy import HandleTime


def keep_handle_times(session: Session, learnt: Iterable[HandleTime]) -> None:
    """These in the place of all that were."""
    session.execute(delete(HandleTime))
    session.add_all(learnt)
    session.flush()


def handle_times(session: Session) -> Sequence[Row[HandleTime, str, str]]:
    """What is known of everybody who works here: (HandleTime, agent, queue), by their names."""
    return session.execute(
        select(HandleTime, Agent.name.label("agent"), Queue.name.label("queue"))
        .join(Agent, Agent.id == HandleTime.agent_id)
        .outerjoin(Queue, Queue.id == HandleTime.queue_id)
        .where(Agent.disabled_at.is_(None))
        .order_by(Queue.name, Agent.name, HandleTime.id)
    ).all()
