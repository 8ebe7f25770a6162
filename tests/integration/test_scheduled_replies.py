"""Scheduled replies: they leave at their time, and not when somebody has spoken first."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from desk.actions.cases.deeds import resolve_case, snooze_case
from desk.actions.cases.detail import case_detail
from desk.actions.cases.merges import merge_cases, undo_case_merge
from desk.actions.messages.reply import Reply, Then, add_note, send_reply
from desk.actions.messages.scheduled import (
    cancel_scheduled,
    change_scheduled,
    hold_back,
    schedule_reply,
    scheduled_of_mine,
    send_due,
    send_scheduled_now,
    stop_scheduled,
)
from desk.jobs.clock import send_the_scheduled
from desk.model.agent import Agent
from desk.model.case import Case, CaseStatus
from desk.model.errors import Conflict, Invalid, NotFound
from desk.model.inbound import Automatic
from desk.model.message import Message, MessageKind
from desk.model.scheduled_reply import ScheduledReply, ScheduledState
from desk.model.transit import JournalEntry, Outbox
from desk.settings import Settings
from desk.store.messages.scheduled import due_scheduled, overtaken_scheduled
from desk.store.people.sessions import find_actor
from desk.store.unit_of_work import Store, Work
from tests.people import MORNING, STAGE, Cast, a_case, a_conversation, a_message, minutes

WORDS = "Your parcel leaves on Monday."


@pytest.fixture
def case_id(store: Store, cast: Cast) -> int:
    with store.unit_of_work(STAGE, now=MORNING) as work:
        case = a_case(work, cast.cleo, queue=cast.support, assignee=cast.ada)
        a_message(work, case, "Where is it?", conversation=a_conversation(work, case, cast.mail))
        return case.id


def scheduled(
    store: Store, cast: Cast, case_id: int, at: float = 60, who: Agent | None = None, **more: Any
) -> int:
    with store.unit_of_work(cast.actor(who or cast.ada), now=minutes(1)) as work:
        reply = Reply(text=WORDS, client_id=f"screen-{at}", **more)
        return int(schedule_reply(work, case_id, reply, minutes(at))["id"])


def due(store: Store, at: float) -> list[int]:
    with store.reading(STAGE, now=minutes(at)) as work:
        return [number for number, _ in due_scheduled(work.session, work.now, 10)]


def state_of(store: Store, number: int) -> tuple[ScheduledState, str | None]:
    with store.reading(STAGE) as work:
        one = work.session.get_one(ScheduledReply, number)
        return one.state, one.why


def writes(work: Work, case_id: int, **more: Any) -> Message:
    case = work.session.get_one(Case, case_id)
    return a_message(work, case, "It has come.", **more)


def test_it_is_no_message_until_its_time_and_then_leaves_as_its_agents(
    store: Store, cast: Cast, case_id: int
) -> None:
    number = scheduled(store, cast, case_id, then=Then.RESOLVE)
    with store.reading(cast.actor(cast.ben), now=minutes(2)) as work, pytest.raises(NotFound):
        case_detail(work, case_id)
    with store.reading(cast.actor(cast.ada), now=minutes(2)) as work:
        shown = case_detail(work, case_id)
        (waits,) = shown["scheduled"]
        assert (waits["text"], waits["agent"], waits["at"]) == (WORDS, "Ada Lovelace", minutes(60))
        assert shown["case"]["scheduled"] == "waiting" and shown["case"]["waiting_since"] is not None
        assert not work.session.scalars(select(Message).where(Message.kind == MessageKind.OUTBOUND)).all()
    assert due(store, 59) == [] and due(store, 60) == [number]
    with store.reading(STAGE) as work:
        ada = find_actor(work.connection, cast.ada.id)
    assert ada is not None
    for left in (True, False):
        with store.unit_of_work(ada, now=minutes(60)) as work:
            assert send_due(work, number, files_served=False) is left
    with store.reading(cast.actor(cast.ada), now=minutes(61)) as work:
        said = work.session.scalars(select(Message).where(Message.kind == MessageKind.OUTBOUND)).one()
        assert (said.text, said.agent_id, said.at) == (WORDS, cast.ada.id, minutes(60))
        assert work.session.scalars(select(Outbox)).one().not_before == minutes(60)
        shown = case_detail(work, case_id)
        assert shown["scheduled"] == [] and shown["case"]["status"] is CaseStatus.RESOLVED
        assert scheduled_of_mine(work)["rows"] == []


def test_the_customers_word_holds_it_back_and_its_agent_is_told(
    store: Store, cast: Cast, case_id: int
) -> None:
    number = scheduled(store, cast, case_id)
    with store.unit_of_work(STAGE, now=minutes(2)) as work:
        assert overtaken_scheduled(work.session, 10) == []
        writes(work, case_id)
        assert overtaken_scheduled(work.session, 10) == [number]
        hold_back(work, number)
    assert state_of(store, number) == (ScheduledState.HELD_BACK, "Cleo Patterson wrote meanwhile.")
    assert due(store, 60) == []
    with store.reading(cast.actor(cast.ada), now=minutes(3)) as work:
        told = work.session.scalars(select(JournalEntry).where(JournalEntry.kind == "ReplyHeldBack")).one()
        assert told.payload["agent_id"] == cast.ada.id
        shown = case_detail(work, case_id)
        assert shown["case"]["scheduled"] == "held_back"
        assert "held back: Cleo Patterson wrote" in shown["messages"][-1]["text"]


def test_at_its_very_moment_it_still_looks_whether_somebody_spoke(
    store: Store, cast: Cast, case_id: int
) -> None:
    number = scheduled(store, cast, case_id)
    with store.unit_of_work(STAGE, now=minutes(59)) as work:
        writes(work, case_id)
    with (
        pytest.raises(Conflict, match="wrote meanwhile"),
        store.unit_of_work(cast.actor(cast.ada), now=minutes(60)) as work,
    ):
        send_due(work, number, files_served=False)


def test_a_colleagues_answer_holds_it_back_but_notes_and_automatic_mail_do_not(
    store: Store, cast: Cast, case_id: int
) -> None:
    number = scheduled(store, cast, case_id)
    with store.unit_of_work(cast.actor(cast.sam), now=minutes(2)) as work:
        add_note(work, case_id, "A word among us.", "note-1")
        away = writes(work, case_id)
        away.automatic = Automatic.AUTO_REPLY
    with store.unit_of_work(cast.actor(cast.ada), now=minutes(3)) as work:
        send_reply(work, case_id, Reply(text="One thing before.", client_id="own"))
        assert overtaken_scheduled(work.session, 10) == []
    with store.unit_of_work(cast.actor(cast.sam), now=minutes(4)) as work:
        send_reply(work, case_id, Reply(text="It left today.", client_id="sams"))
    with store.unit_of_work(STAGE, now=minutes(5)) as work:
        hold_back(work, number)
    assert state_of(store, number)[1] == "Sam Beckett answered meanwhile."
    with store.reading(STAGE) as work:
        # The case waited for the customer; a promised answer that does not leave is work again.
        assert work.session.get_one(Case, case_id).status is CaseStatus.OPEN


def test_held_back_it_waits_again_or_leaves_for_who_has_read_what_was_said(
    store: Store, cast: Cast, case_id: int
) -> None:
    first, second = scheduled(store, cast, case_id, 60), scheduled(store, cast, case_id, 70)
    with store.unit_of_work(STAGE, now=minutes(2)) as work:
        writes(work, case_id)
        for number in (first, second):
            hold_back(work, number)
    with store.unit_of_work(cast.actor(cast.ada), now=minutes(3)) as work:
        change_scheduled(work, first, text="Other words.")
        assert work.session.get_one(ScheduledReply, first).state is ScheduledState.HELD_BACK
        change_scheduled(work, first, at=minutes(90))
        assert overtaken_scheduled(work.session, 10) == []
    assert due(store, 60) == [] and due(store, 90) == [first]
    with store.unit_of_work(cast.actor(cast.ada), now=minutes(4)) as work:
        with pytest.raises(Conflict, match="Something was said"):
            send_scheduled_now(work, second, last_seen_position=1)
        position = work.session.get_one(Case, case_id).last_position
        assert send_scheduled_now(work, second, last_seen_position=position).text == WORDS
    with (
        pytest.raises(Conflict, match="has left already"),
        store.unit_of_work(cast.actor(cast.ada), now=minutes(5)) as work,
    ):
        cancel_scheduled(work, second)


def test_only_who_wrote_it_decides_and_colleagues_can_hold_it_back(
    store: Store, cast: Cast, case_id: int
) -> None:
    number = scheduled(store, cast, case_id)
    with store.unit_of_work(cast.actor(cast.sam), now=minutes(2)) as work:
        for deed in (cancel_scheduled, change_scheduled, send_scheduled_now):
            with pytest.raises(NotFound, match="You can hold it back"):
                deed(work, number)
    with store.unit_of_work(cast.actor(cast.ben), now=minutes(2)) as work:
        for deed in (cancel_scheduled, stop_scheduled):
            with pytest.raises(NotFound):
                deed(work, number)
    with store.unit_of_work(cast.actor(cast.sam), now=minutes(3)) as work:
        assert stop_scheduled(work, number)["why"] == "Sam Beckett held it back."
        with pytest.raises(Conflict):
            stop_scheduled(work, number)
    with store.unit_of_work(cast.actor(cast.ada), now=minutes(4)) as work:
        assert cancel_scheduled(work, number)["text"] == WORDS
        assert case_detail(work, case_id)["scheduled"] == []


def test_the_same_screen_schedules_once_and_what_is_wrong_is_said_at_once(
    store: Store, cast: Cast, case_id: int
) -> None:
    number = scheduled(store, cast, case_id)
    assert scheduled(store, cast, case_id) == number
    with store.unit_of_work(cast.actor(cast.ada), now=minutes(2)) as work:
        for reply, at, what in (
            (Reply(text=" ", client_id="a"), 60, "nothing in it"),
            (Reply(text=WORDS, client_id="b"), 1, "over"),
            (Reply(text=WORDS, client_id="c"), 60 * 24 * 400, "a year"),
            (Reply(text=WORDS, client_id="d", file_tokens=("gone",)), 60, "files"),
            (Reply(text=WORDS, client_id="e", to=("help@shop.example",)), 60, "our own address"),
        ):
            with pytest.raises(Invalid, match=what):
                schedule_reply(work, case_id, reply, minutes(at))
        with pytest.raises(Conflict, match="Something was said"):
            schedule_reply(work, case_id, Reply(text=WORDS, client_id="f", last_seen_position=0), minutes(60))


def test_merged_it_is_held_back_in_the_whole_and_comes_back_with_its_case(
    store: Store, cast: Cast, case_id: int
) -> None:
    number = scheduled(store, cast, case_id)
    with store.unit_of_work(cast.actor(cast.sam), now=minutes(2)) as work:
        other = a_case(work, cast.cleo, queue=cast.support, text="And the other?").id
        merge = merge_cases(work, case_id, into=other)
    with store.unit_of_work(cast.actor(cast.sam), now=minutes(3)) as work:
        (held,) = case_detail(work, other)["scheduled"]
        assert (held["id"], held["state"]) == (number, ScheduledState.HELD_BACK)
        assert held["why"] == f"Case {case_id} was merged into this case."
        undo_case_merge(work, merge.id)
    with store.reading(cast.actor(cast.sam), now=minutes(4)) as work:
        assert [one["id"] for one in case_detail(work, case_id)["scheduled"]] == [number]


def test_a_case_that_sleeps_or_is_resolved_is_answered_all_the_same(
    store: Store, cast: Cast, case_id: int
) -> None:
    number = scheduled(store, cast, case_id)
    with store.unit_of_work(cast.actor(cast.ada), now=minutes(2)) as work:
        snooze_case(work, case_id, minutes(500))
    with store.unit_of_work(cast.actor(cast.ada), now=minutes(3)) as work:
        resolve_case(work, case_id)
    with store.unit_of_work(cast.actor(cast.ada), now=minutes(60)) as work:
        assert send_due(work, number, files_served=False)
        assert work.session.get_one(Case, case_id).status is CaseStatus.RESOLVED


def test_the_clock_sends_what_it_can_and_holds_back_the_rest_with_its_reason(
    store: Store, cast: Cast, case_id: int
) -> None:
    """The clock goes by the time of the day: what was to leave in that March is due."""
    leaves = scheduled(store, cast, case_id, 60)
    with store.unit_of_work(STAGE, now=MORNING) as work:
        gone = a_case(work, cast.cleo, queue=cast.support, assignee=cast.ada, text="Hello?").id
        no_way = a_case(work, cast.cleo, queue=cast.billing, assignee=cast.ben, text="Hello?").id
    of_who_left = scheduled(store, cast, gone, 61, cast.sam)
    of_lost_case = scheduled(store, cast, no_way, 62, cast.ben)
    with store.unit_of_work(STAGE, now=minutes(3)) as work:
        work.session.get_one(Agent, cast.sam.id).disabled_at = work.now
        lost = work.session.get_one(Case, no_way)
        lost.queue_id, lost.assignee_id, lost.status = cast.support.id, cast.ada.id, CaseStatus.SNOOZED
    assert send_the_scheduled(store, Settings()) == 1
    assert state_of(store, leaves)[0] is ScheduledState.SENT
    assert state_of(store, of_who_left) == (
        ScheduledState.HELD_BACK,
        "Whoever wrote it does not work here any more.",
    )
    assert state_of(store, of_lost_case) == (ScheduledState.HELD_BACK, f"There is no case {no_way}.")
    with store.reading(STAGE) as work:
        assert work.session.get_one(Case, no_way).status is CaseStatus.OPEN
    assert send_the_scheduled(store, Settings()) == 0
