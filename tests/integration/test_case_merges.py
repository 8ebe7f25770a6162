"""Two cases become one and two again: everything said keeps its order, and finds its way back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from desk.actions.cases.merges import merge_cases, undo_case_merge
from desk.model.case import Case, CaseChange, CaseRead, CaseStatus, CaseWatch, Draft
from desk.model.conversation import Conversation
from desk.model.errors import Conflict, Forbidden, Invalid, NotFound
from desk.model.message import Message, MessageKind
from desk.store.unit_of_work import Store, Work
from tests.people import STAGE, Cast, a_case, a_conversation, a_message, minutes


def said(work: Work, case_id: int) -> list[tuple[int, str]]:
    """What people said in the case, with positions."""
    rows = work.session.execute(
        select(Message.position, Message.text)
        .where(Message.case_id == case_id, Message.kind != MessageKind.EVENT)
        .order_by(Message.position)
    )
    return [(row.position, row.text) for row in rows]


def whole(work: Work, case_ids: list[int]) -> dict[str, Any]:
    """All that a merge touches of these cases."""

    def rows(*columns: Any) -> list[tuple[Any, ...]]:
        found = work.session.execute(select(*columns).order_by(*columns[:2]))
        return [tuple(row) for row in found]

    left_out = ("version", "last_position", "search")
    columns = [column for column in Case.__table__.columns if column.name not in left_out]
    return {
        "cases": [row for row in rows(*columns) if row[0] in case_ids],
        "said": {case_id: said(work, case_id) for case_id in case_ids},
        "conversations": rows(Conversation.id, Conversation.case_id),
        "reads": rows(CaseRead.case_id, CaseRead.agent_id, CaseRead.position),
        "watches": rows(CaseWatch.case_id, CaseWatch.agent_id),
        "drafts": rows(Draft.id, Draft.case_id),
    }


def two_cases(store: Store, cast: Cast) -> tuple[int, int]:
    with store.unit_of_work(STAGE) as work:
        one = a_case(work, cast.cleo, "Tea", queue=cast.support, at=minutes(0))
        talk = a_conversation(work, one, cast.mail)
        other = a_case(work, cast.cleo, "Tea again", queue=cast.support, at=minutes(1))
        again = a_conversation(work, other, cast.mail)
        a_message(work, one, "first", conversation=talk, at=minutes(0))
        a_message(work, other, "second", conversation=again, at=minutes(1))
        a_message(work, one, "third", conversation=talk, at=minutes(2))
        a_message(work, other, "fourth", conversation=again, at=minutes(3))
        return one.id, other.id


def test_a_merged_case_reads_in_order_of_time_and_is_closed(store: Store, cast: Cast) -> None:
    one, other = two_cases(store, cast)

    with store.unit_of_work(cast.actor(cast.ada)) as work:
        merge_cases(work, other, into=one)

    with store.reading(STAGE) as work:
        assert [text for _, text in said(work, one)] == ["first", "second", "third", "fourth"]
        merged = work.session.get_one(Case, other)
        assert (merged.status, merged.merged_into_id, said(work, other)) == (CaseStatus.CLOSED, one, [])
        assert set(work.session.scalars(select(Conversation.case_id))) == {one}
        lines = work.session.scalars(select(CaseChange.sentence).order_by(CaseChange.id)).all()
        assert lines == [
            f"Ada Lovelace merged case {other} (“Tea again”) into this case.",
            f"Ada Lovelace merged this case into case {one}.",
        ]


def test_what_came_since_goes_back_with_its_conversation(store: Store, cast: Cast) -> None:
    one, other = two_cases(store, cast)
    with store.unit_of_work(cast.actor(cast.ada)) as work:
        merge = merge_cases(work, other, into=one)
    with store.unit_of_work(STAGE) as work:
        target = work.session.get_one(Case, one)
        talk, again = work.session.scalars(select(Conversation).order_by(Conversation.id)).all()
        a_message(work, target, "of one", conversation=talk, at=minutes(5))
        a_message(work, target, "of the other", conversation=again, at=minutes(6))
        a_message(work, target, "a note", kind=MessageKind.NOTE, agent=cast.ada, at=minutes(7))

    with store.unit_of_work(cast.actor(cast.ada)) as work:
        undo_case_merge(work, merge.id)

    with store.reading(STAGE) as work:
        assert [text for _, text in said(work, one)] == ["first", "third", "of one", "a note"]
        assert said(work, other) == [(1, "second"), (2, "fourth"), (3, "of the other")]
        assert work.session.get_one(Case, other).status is CaseStatus.OPEN


def test_a_merge_is_refused_where_it_cannot_be_meant_or_may_not_be_done(store: Store, cast: Cast) -> None:
    one, other = two_cases(store, cast)
    with store.unit_of_work(STAGE) as work:
        closed = a_case(work, cast.cleo, queue=cast.support, status=CaseStatus.CLOSED).id
        hidden = a_case(work, cast.cleo, queue=cast.billing).id

    with store.unit_of_work(cast.actor(cast.otto)) as work, pytest.raises(Forbidden):
        merge_cases(work, other, into=one)
    with store.unit_of_work(cast.actor(cast.ada)) as work:
        with pytest.raises(Invalid):
            merge_cases(work, one, into=one)
        for pair in ((hidden, one), (one, hidden), (one, 10**15)):
            with pytest.raises(NotFound):
                merge_cases(work, pair[0], into=pair[1])
        with pytest.raises(Conflict):
            merge_cases(work, one, into=closed)
        merge_cases(work, other, into=one)
        with pytest.raises(Conflict):
            merge_cases(work, other, into=one)


def test_merges_that_build_on_each_other_are_undone_last_first(store: Store, cast: Cast) -> None:
    one, other = two_cases(store, cast)
    with store.unit_of_work(STAGE) as work:
        third = a_case(work, cast.cleo, "Third", queue=cast.support, text="more", at=minutes(9)).id
        before = whole(work, [one, other, third])
    with store.unit_of_work(cast.actor(cast.ada)) as work:
        first = merge_cases(work, other, into=one)
        second = merge_cases(work, one, into=third)
    with store.unit_of_work(cast.actor(cast.ada)) as work, pytest.raises(Conflict):
        undo_case_merge(work, first.id)
    with store.unit_of_work(cast.actor(cast.ada)) as work:
        undo_case_merge(work, second.id)
    with store.unit_of_work(cast.actor(cast.ada)) as work:
        undo_case_merge(work, first.id)
    with store.unit_of_work(cast.actor(cast.ada)) as work, pytest.raises(Conflict):
        undo_case_merge(work, first.id)
    with store.reading(STAGE) as work:
        assert whole(work, [one, other, third])["said"] == before["said"]


def test_a_case_in_which_the_customer_waits_opens_the_one_it_joins(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        resting = a_case(work, cast.cleo, queue=cast.support, status=CaseStatus.RESOLVED, text="a").id
        waiting = a_case(work, cast.cleo, queue=cast.support, text="b", at=minutes(4)).id
    with store.unit_of_work(cast.actor(cast.ada)) as work:
        merge = merge_cases(work, waiting, into=resting)
        target = work.session.get_one(Case, resting)
        assert (target.status, target.waiting_since) == (CaseStatus.OPEN, minutes(4))
    with store.unit_of_work(cast.actor(cast.ada)) as work:
        undo_case_merge(work, merge.id)
        assert work.session.get_one(Case, resting).status is CaseStatus.RESOLVED


moments = st.integers(0, 5)
kinds = st.sampled_from([MessageKind.INBOUND, MessageKind.OUTBOUND, MessageKind.NOTE])
threads = st.lists(st.tuples(moments, kinds, st.booleans()), max_size=6)
statuses = st.sampled_from([CaseStatus.OPEN, CaseStatus.WAITING, CaseStatus.RESOLVED, CaseStatus.ON_HOLD])


@given(one=threads, other=threads, states=st.tuples(statuses, statuses), reads=st.lists(moments, max_size=4))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_undoing_a_merge_restores_both_cases_exactly(
    store: Store, cast: Cast, one: list[Any], other: list[Any], states: Any, reads: list[int]
) -> None:
    with store.unit_of_work(STAGE, now=minutes(0)) as work:
        ids: list[int] = []
        for turn, (thread, state) in enumerate(zip((one, other), states, strict=True)):
            case = a_case(work, cast.cleo, f"Case {turn}", queue=cast.support, status=state)
            ids.append(case.id)
            case.tags = ["both", f"only-{turn}"]
            talk = a_conversation(work, case, cast.mail)
            for number, (minute, kind, in_talk) in enumerate(thread):
                agent = None if kind is MessageKind.INBOUND else cast.ada
                a_message(
                    work, case, f"{turn}-{number}", kind=kind, agent=agent, at=minutes(minute),
                    conversation=talk if in_talk else None,
                )  # fmt: skip
        for reader, position in zip((cast.ada, cast.ben, cast.sam, cast.ida), reads, strict=False):
            work.session.add(CaseRead(case_id=ids[position % 2], agent_id=reader.id, position=position))
        work.session.add(CaseWatch(case_id=ids[1], agent_id=cast.ben.id))
        for case_id in ids[: 1 + len(reads) % 2]:
            draft = Draft(agent_id=cast.ada.id, case_id=case_id, kind="reply", content={}, saved_at=work.now)
            work.session.add(draft)
    with store.reading(STAGE) as work:
        before = whole(work, ids)

    with store.unit_of_work(cast.actor(cast.ada)) as work:
        merge = merge_cases(work, ids[1], into=ids[0])
    with store.reading(STAGE) as work:
        everything = [text for _, text in said(work, ids[0])]
        for turn in (0, 1):
            own = [text for text in everything if text.startswith(f"{turn}-")]
            assert own == [text for _, text in before["said"][ids[turn]]]
    with store.unit_of_work(cast.actor(cast.ada)) as work:
        undo_case_merge(work, merge.id)

    with store.reading(STAGE) as work:
        assert whole(work, ids) == before
