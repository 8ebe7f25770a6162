"""Cases, read: who may know of which, and one case with its lock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    SQLColumnExpression,
    and_,
    any_,
    bindparam,
    delete,
    exists,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from desk.model.case import Case, CaseLink, CaseRead, CaseWatch
from desk.model.permission import Actor

_READER: BindParameter[int] = bindparam("reader", type_=BigInteger)
_READERS_QUEUES = bindparam("readers_queues", type_=ARRAY(BigInteger))


@dataclass(frozen=True, slots=True)
class Reader:
    """Stands for every actor of one reach in a statement that is put together once and asked often.

    Putting a large statement together costs more than asking it. Who asks is given with each
    question, by `as_reader`; the database is not asked without it.
    """

    sees_all_cases: bool
    assigned_only: bool

    @property
    def agent_id(self) -> BindParameter[int]:
        return _READER


def reader_for(actor: Actor) -> Reader:
    """Whom a prepared statement is for."""
    return Reader(actor.sees_all_cases, actor.assigned_only)


def as_reader(actor: Actor) -> Mapping[str, Any]:
    """The values that a statement for a `Reader` is asked with."""
    return {"reader": actor.agent_id, "readers_queues": sorted(actor.queue_ids)}


def visible_to(actor: Actor | Reader) -> ColumnElement[bool]:
    """The condition on `cases` that every list, count, search and export of an actor carries.

    The same rule as `Actor.sees`, asked of the database.
    """
    if actor.sees_all_cases:
        return true()
    return or_(placed_for(actor, Case.queue_id, Case.assignee_id), _watched_by(actor))


def placed_for(
    actor: Actor | Reader, queue_id: SQLColumnExpression[Any], assignee_id: SQLColumnExpression[Any]
) -> ColumnElement[bool]:
    """The part of `visible_to` that follows from the queue and the assignee of a case alone."""
    if actor.sees_all_cases:
        return true()
    assigned = assignee_id == actor.agent_id
    if actor.assigned_only:
        return assigned
    # The cheapest and most frequent answer first: this may be asked of every row.
    return or_(_in_a_queue_of(actor, queue_id), queue_id.is_(None), assigned)


def find_case(session: Session, actor: Actor, case_id: int, *, lock: bool = False) -> Case | None:
    """The case, where the actor may know of it; `lock` holds its row and reads it afresh."""
    statement = select(Case).where(Case.id == case_id, visible_to(actor))
    if lock:
        statement = statement.with_for_update(of=Case).execution_options(populate_existing=True)
    return session.scalar(statement)


def locked_cases(session: Session, actor: Actor, case_ids: Iterable[int]) -> Sequence[Case]:
    """Those of the cases that the actor may know of, locked in the order of their numbers."""
    return session.scalars(
        select(Case)
        .where(Case.id.in_(sorted(set(case_ids))), visible_to(actor))
        .order_by(Case.id)
        .with_for_update(of=Case)
        .execution_options(populate_existing=True)
    ).all()


def past_merges(session: Session, case: Case) -> Case:
    """The case that this one was put into, or itself: where its later mail belongs."""
    while case.merged_into_id is not None:
        case = session.get_one(Case, case.merged_into_id)
    return case


def are_linked(session: Session, one: int, other: int) -> bool:
    """Whether the two cases are linked in any way, whichever of them was linked first."""
    return bool(
        session.scalar(
            select(
                exists().where(
                    or_(
                        and_(CaseLink.case_id == one, CaseLink.other_id == other),
                        and_(CaseLink.case_id == other, CaseLink.other_id == one),
                    )
                )
            )
        )
    )


def mark_read(session: Session, case_id: int, agent_id: int, position: int) -> None:
    """The agent has read the case up to this position."""
    read = insert(CaseRead).values(case_id=case_id, agent_id=agent_id, position=position)
    session.execute(
        read.on_conflict_do_update(index_elements=["case_id", "agent_id"], set_={"position": position})
    )


def mark_unread(session: Session, case_id: int, agent_id: int, last_inbound_position: int) -> None:
    """The agent has read everything but the customer's last message."""
    mark_read(session, case_id, agent_id, max(last_inbound_position - 1, 0))


def watch(session: Session, case_id: int, agent_id: int) -> bool:
    """The agent watches the case; False when they did so before."""
    watching = insert(CaseWatch).values(case_id=case_id, agent_id=agent_id).on_conflict_do_nothing()
    return session.scalar(watching.returning(CaseWatch.agent_id)) is not None


def unwatch(session: Session, case_id: int, agent_id: int) -> bool:
    """The agent watches the case no more; False when they did not before."""
    gone = delete(CaseWatch).where(CaseWatch.case_id == case_id, CaseWatch.agent_id == agent_id)
    return session.scalar(gone.returning(CaseWatch.agent_id)) is not None


def _in_a_queue_of(actor: Actor | Reader, queue_id: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    if isinstance(actor, Reader):
        return queue_id == any_(_READERS_QUEUES)
    return queue_id.in_(sorted(actor.queue_ids))


def _watched_by(actor: Actor | Reader) -> ColumnElement[bool]:
    return Case.id.in_(select(CaseWatch.case_id).where(CaseWatch.agent_id == actor.agent_id))
