"""Some messages become a case of their own, and come back to their places."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from desk.actions.cases.splits import split_case, undo_split
from desk.model.case import Case, CaseStatus
from desk.model.conversation import ThreadId
from desk.model.errors import Conflict, Forbidden, Invalid, NotFound
from desk.model.message import Message, MessageKind
from desk.store.unit_of_work import Store, Work
from tests.people import STAGE, Cast, a_case, a_conversation, a_message, minutes


def thread(work: Work, case_id: int) -> list[tuple[int, int, str, int | None]]:
    """What people said in the case: number, position, text, conversation."""
    rows = work.session.execute(
        select(Message.id, Message.position, Message.text, Message.conversation_id)
        .where(Message.case_id == case_id, Message.kind != MessageKind.EVENT)
        .order_by(Message.position)
    )
    return [(number, position, words, talk) for number, position, words, talk in rows]


def a_long_case(work: Work, cast: Cast, kinds: list[MessageKind]) -> tuple[Case, list[int]]:
    case = a_case(work, cast.cleo, "Two matters", queue=cast.support, at=minutes(0))
    talk = a_conversation(work, case, cast.mail)
    ids: list[int] = []
    for number, kind in enumerate(kinds):
        agent = None if kind is MessageKind.INBOUND else cast.ada
        message = a_message(
            work, case, f"said {number}", kind=kind, agent=agent, at=minutes(number), conversation=talk
        )
        message.internet_id = f"{case.id}-{number}@shop.example"
        work.session.add(
            ThreadId(channel_id=cast.mail.id, message_id=message.internet_id, conversation_id=talk.id)
        )
        ids.append(message.id)
    return case, ids


IN, OUT, NOTE = MessageKind.INBOUND, MessageKind.OUTBOUND, MessageKind.NOTE


def test_split_messages_begin_a_case_that_answers_to_them_find(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        case, ids = a_long_case(work, cast, [IN, OUT, IN, IN])
    with store.unit_of_work(cast.actor(cast.ada)) as work:
        split = split_case(work, case.id, [ids[2], ids[3]], "The other matter")

    with store.reading(STAGE) as work:
        new = work.session.get_one(Case, split.new_case_id)
        assert [text for _, _, text, _ in thread(work, new.id)] == ["said 2", "said 3"]
        assert [position for _, position, _, _ in thread(work, case.id)] == [1, 2]
        assert (new.subject, new.queue_id, new.waiting_since) == (
            "The other matter", cast.support.id, minutes(2),
        )  # fmt: skip
        assert work.session.get_one(Case, case.id).waiting_since is None
        found = work.session.scalars(
            select(ThreadId.conversation_id).where(ThreadId.message_id == f"{case.id}-3@shop.example")
        ).one()
        assert found == thread(work, new.id)[0][3]


def test_a_split_that_cannot_be_meant_or_may_not_be_done_is_refused(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        case, ids = a_long_case(work, cast, [IN, IN])
        _, others = a_long_case(work, cast, [IN, IN])
        hidden = a_case(work, cast.cleo, queue=cast.billing, text="Hidden").id

    with store.unit_of_work(cast.actor(cast.otto)) as work, pytest.raises(Forbidden):
        split_case(work, case.id, ids[:1], "")
    with store.unit_of_work(cast.actor(cast.ada)) as work:
        for chosen in ([], ids, [ids[0], others[0]], [others[0]], [10**15]):
            with pytest.raises(Invalid):
                split_case(work, case.id, chosen, "")
        with pytest.raises(NotFound):
            split_case(work, hidden, ids[:1], "")


def test_what_the_new_case_got_since_comes_along_when_the_split_is_undone(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE) as work:
        case, ids = a_long_case(work, cast, [IN, IN])
    with store.unit_of_work(cast.actor(cast.ada)) as work:
        split = split_case(work, case.id, ids[1:], "")
    with store.unit_of_work(STAGE) as work:
        a_message(work, work.session.get_one(Case, split.new_case_id), "since", at=minutes(9))
    with store.unit_of_work(cast.actor(cast.ada)) as work:
        undo_split(work, split.id)
    with store.unit_of_work(cast.actor(cast.ada)) as work, pytest.raises(Conflict):
        undo_split(work, split.id)

    with store.reading(STAGE) as work:
        assert [text for _, _, text, _ in thread(work, case.id)] == ["said 0", "said 1", "since"]
        new = work.session.get_one(Case, split.new_case_id)
        assert (new.status, new.merged_into_id) == (CaseStatus.CLOSED, case.id)


@given(data=st.data(), kinds=st.lists(st.sampled_from([IN, OUT, NOTE]), min_size=2, max_size=8))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_undoing_a_split_puts_every_message_back(
    store: Store, cast: Cast, data: Any, kinds: list[MessageKind]
) -> None:
    with store.unit_of_work(STAGE) as work:
        case, ids = a_long_case(work, cast, kinds)
    chosen = data.draw(st.lists(st.sampled_from(ids), min_size=1, max_size=len(ids) - 1, unique=True))
    with store.reading(STAGE) as work:
        before = thread(work, case.id)
        inbound_before = work.session.get_one(Case, case.id).last_inbound_position

    with store.unit_of_work(cast.actor(cast.ada)) as work:
        split = split_case(work, case.id, chosen, "Apart")
    with store.reading(STAGE) as work:
        parted = thread(work, case.id) + thread(work, split.new_case_id)
        assert sorted(message_id for message_id, *_ in parted) == sorted(ids)
        positions = [position for _, position, *_ in thread(work, split.new_case_id)]
        assert positions == list(range(1, len(chosen) + 1))
    with store.unit_of_work(cast.actor(cast.ada)) as work:
        undo_split(work, split.id)

    with store.reading(STAGE) as work:
        assert thread(work, case.id) == before
        assert work.session.get_one(Case, case.id).last_inbound_position == inbound_before
        assert thread(work, split.new_case_id) == []
