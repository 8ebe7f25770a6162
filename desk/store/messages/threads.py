"""Messages change their place: from one case to another, and back again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import BigInteger, delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from desk.model.case import CaseMerge, CaseRead, CaseSplit, CaseWatch, Draft
from desk.model.conversation import Conversation
from desk.model.message import Message
from desk.model.thread import Place
from desk.model.topic import Question
from desk.model.transit import Inbox, Outbox


def hold_conversations(session: Session, case_ids: Iterable[int]) -> list[int]:
    """Lock the conversations of the cases, before the cases themselves; their numbers."""
    return list(
        session.scalars(
            select(Conversation.id)
            .where(Conversation.case_id.in_(list(case_ids)))
            .order_by(Conversation.id)
            .with_for_update()
        )
    )


def threads_of(session: Session, case_ids: Sequence[int]) -> dict[int, list[Place]]:
    """Each case's messages as places, in order."""
    threads: dict[int, list[Place]] = {case_id: [] for case_id in case_ids}
    rows = session.execute(
        select(
            Message.id, Message.case_id, Message.position, Message.at, Message.kind, Message.conversation_id
        )
        .where(Message.case_id.in_(case_ids))
        .order_by(Message.position)
    )
    for row in rows:
        threads[row.case_id].append(Place(*row))
    return threads


def place_messages(session: Session, case_id: int, positions: Mapping[int, int]) -> None:
    """Put the messages into the case at these positions.

    In two steps, by way of negative positions, so that no position is ever taken twice. What they ask
    is asked in the case from now on.
    """
    if not positions:
        return
    places = (
        func.unnest(
            literal(list(positions), ARRAY(BigInteger)), literal(list(positions.values()), ARRAY(BigInteger))
        )
        .table_valued("id", "position")
        .render_derived("place")
    )
    session.flush()
    session.execute(
        update(Message)
        .where(Message.id == places.c.id)
        .values(case_id=case_id, position=-places.c.position)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Message)
        .where(Message.case_id == case_id, Message.position < 0)
        .values(position=-Message.position)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Question)
        .where(Question.message_id.in_(list(positions)))
        .values(case_id=case_id)
        .execution_options(synchronize_session=False)
    )
    for held in session.identity_map.values():
        if isinstance(held, Message):
            session.expire(held, ["case_id", "position"])


def repoint(session: Session, noun: type[Conversation | Outbox | Inbox], ids: Iterable[int], to: int) -> None:
    """Rows that speak of a case speak of another one from now on."""
    session.execute(
        update(noun)
        .where(noun.id.in_(list(ids)))
        .values(case_id=to)
        .execution_options(synchronize_session=False)
    )


def speaking_of(session: Session, noun: type[Outbox | Inbox], case_id: int) -> list[int]:
    """The rows on their way that belong to the case."""
    return list(session.scalars(select(noun.id).where(noun.case_id == case_id).order_by(noun.id)))


def move_drafts(session: Session, from_id: int, to_id: int) -> list[int]:
    """Drafts move along, but for those whose writer has begun another in the target."""
    there = select(Draft.agent_id, Draft.kind).where(Draft.case_id == to_id).subquery("there")
    taken = select(literal(1)).where(there.c.agent_id == Draft.agent_id, there.c.kind == Draft.kind)
    return list(
        session.scalars(
            update(Draft)
            .where(Draft.case_id == from_id, ~taken.exists())
            .values(case_id=to_id)
            .returning(Draft.id)
            .execution_options(synchronize_session=False)
        )
    )


def drafts_back(session: Session, draft_ids: Iterable[int], from_id: int, to_id: int) -> None:
    """Those of the drafts that are still there go back."""
    session.execute(
        update(Draft)
        .where(Draft.id.in_(list(draft_ids)), Draft.case_id == from_id)
        .values(case_id=to_id)
        .execution_options(synchronize_session=False)
    )


def add_watchers(session: Session, from_id: int, to_id: int) -> list[int]:
    """Who watched one case watches the other as well; those who did not before."""
    there = set(session.scalars(select(CaseWatch.agent_id).where(CaseWatch.case_id == to_id)))
    come = set(session.scalars(select(CaseWatch.agent_id).where(CaseWatch.case_id == from_id))) - there
    session.add_all(CaseWatch(case_id=to_id, agent_id=agent_id) for agent_id in sorted(come))
    return sorted(come)


def remove_watchers(session: Session, case_id: int, agent_ids: Iterable[int]) -> None:
    """These agents watch the case no more."""
    session.execute(
        delete(CaseWatch).where(CaseWatch.case_id == case_id, CaseWatch.agent_id.in_(list(agent_ids)))
    )


def reads_of(session: Session, case_id: int) -> dict[int, int]:
    """How far each agent has read the case."""
    rows = session.execute(select(CaseRead.agent_id, CaseRead.position).where(CaseRead.case_id == case_id))
    return {row.agent_id: row.position for row in rows}


def write_reads(session: Session, case_id: int, reads: Mapping[int, int]) -> None:
    """The agents have read the case this far, and nobody else has."""
    session.execute(delete(CaseRead).where(CaseRead.case_id == case_id))
    session.add_all(
        CaseRead(case_id=case_id, agent_id=agent_id, position=position)
        for agent_id, position in sorted(reads.items())
    )
    session.flush()


def younger_move(session: Session, move: CaseMerge | CaseSplit, case_ids: Sequence[int]) -> str | None:
    """“merge” or “split” where a younger one, still standing, touches one of the cases; else None."""
    later_merges = CaseMerge.id > move.id if isinstance(move, CaseMerge) else CaseMerge.at > move.at
    later_splits = CaseSplit.id > move.id if isinstance(move, CaseSplit) else CaseSplit.at > move.at
    merged = select(CaseMerge.id).where(
        CaseMerge.undone_at.is_(None),
        later_merges,
        or_(CaseMerge.merged_id.in_(case_ids), CaseMerge.into_id.in_(case_ids)),
    )
    divided = select(CaseSplit.id).where(
        CaseSplit.undone_at.is_(None),
        later_splits,
        or_(CaseSplit.case_id.in_(case_ids), CaseSplit.new_case_id.in_(case_ids)),
    )
    found = session.execute(select(merged.exists().label("merge"), divided.exists().label("split"))).one()
    if found.merge:
        return "merge"
    return "split" if found.split else None
