"""Who has letters of questions mailed to them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from desk.model.agent import Agent
from desk.model.goal import Rhythm
from desk.model.question_letter import QuestionLetter


def letters_of(session: Session, agent_id: int) -> Sequence[QuestionLetter]:
    """Those of one person, as they were asked for."""
    return session.scalars(
        select(QuestionLetter).where(QuestionLetter.agent_id == agent_id).order_by(QuestionLetter.id)
    ).all()


def letters_due(session: Session, rhythms: Collection[Rhythm]) -> Sequence[tuple[QuestionLetter, Agent]]:
    """Those of these rhythms, with whom they are for; who is disabled gets none."""
    rows = session.execute(
        select(QuestionLetter, Agent)
        .join(Agent, Agent.id == QuestionLetter.agent_id)
        .where(QuestionLetter.rhythm.in_(rhythms), Agent.disabled_at.is_(None))
        .order_by(QuestionLetter.id)
    )
    return [(letter, agent) for letter, agent in rows]


def find_letter(
    session: Session, agent_id: int, rhythm: Rhythm, narrowed: dict[str, Any]
) -> QuestionLetter | None:
    return session.scalar(
        select(QuestionLetter).where(
            QuestionLetter.agent_id == agent_id,
            QuestionLetter.rhythm == rhythm,
            QuestionLetter.narrowed == narrowed,
        )
    )


def drop_letter(session: Session, agent_id: int, letter_id: int) -> bool:
    """Whether there was one of theirs."""
    gone = session.execute(
        delete(QuestionLetter)
        .where(QuestionLetter.id == letter_id, QuestionLetter.agent_id == agent_id)
        .returning(QuestionLetter.id)
    )
    return gone.scalar() is not None
