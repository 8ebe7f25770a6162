"""Clocks of cases on a real desk: started, paused, met and missed by the deeds of people, and never wrong
across a merge, a split, a reopening, an edit, or a reply that is taken back.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from desk.actions.cases.deeds import (
    await_customer,
    hold_case,
    reopen_case,
    resolve_case,
    snooze_case,
    wake_case,
)
from desk.actions.cases.edits import CaseEdit, edit_case
from desk.actions.cases.merges import merge_cases, undo_case_merge
from desk.actions.cases.splits import split_case, undo_split
from desk.actions.clocks.book import clock_of, entry_of
from desk.actions.clocks.calendars import add_calendar, change_calendar
from desk.actions.clocks.targets import change_targets, go_back_to
from desk.actions.customers.profile import Description, describe_customer
from desk.actions.messages.receive import receive_message
from desk.actions.messages.reply import Reply, Then, send_reply, withdraw_reply
from desk.jobs.aim_clocks import aim_clocks
from desk.model.case import Case, Priority
from desk.model.customer import Customer, Tier
from desk.model.inbound import ChannelKind, InboundMessage, Participant, ThreadingHints, Verdict
from desk.model.message import Message, MessageKind
from desk.model.sla import ClockKind, Phase, SlaClock
from desk.sla.calendars import hours_from
from desk.sla.hours import AROUND_THE_CLOCK
from desk.sla.ledger import fold
from desk.store.clocks.calendars import calendars_kept, last_policy_number
from desk.store.clocks.reading import (
    Promise,
    due_of,
    every_clock_of,
    ledger_of,
    promise_for,
    promise_once,
)
from desk.store.unit_of_work import Store, Work
from tests.people import STAGE, Cast, minutes

FIRST, NEXT, RESOLUTION = ClockKind.FIRST_RESPONSE, ClockKind.NEXT_RESPONSE, ClockKind.RESOLUTION
HOUR = 3600
TARGETS: list[dict[str, Any]] = [
    {
        "priorities": ["urgent"],
        "first_response": HOUR // 4,
        "next_response": HOUR // 2,
        "resolution": 2 * HOUR,
    },
    {"tiers": ["gold"], "first_response": HOUR // 2, "next_response": HOUR, "resolution": 4 * HOUR},
    {"first_response": HOUR, "next_response": 2 * HOUR, "resolution": 8 * HOUR},
]
_numbers = iter(range(1, 1_000_000))


@pytest.fixture(autouse=True)
def promised(store: Store, cast: Cast) -> None:
    """The desk has promised: an hour for the first answer, two for the next, eight until it is resolved."""
    with store.unit_of_work(cast.actor(cast.sam)) as work:
        change_targets(work, TARGETS)


class Stage:
    """The desk on which a test plays, minute by minute."""

    def __init__(self, store: Store, cast: Cast) -> None:
        self.store, self.cast = store, cast

    def mail(self, at: float, case_id: int | None = None, **more: Any) -> int:
        """Cleo writes, into a case where one is named; the case."""
        number = next(_numbers)
        inbound = InboundMessage(
            channel=ChannelKind.EMAIL,
            source_key=f"stage-{number}",
            sender=Participant("cleo@example.org", "Cleo"),
            subject="The kettle",
            text=f"Words {number}",
            reply=f"Words {number}",
            message_id=f"{number}@home.example",
            verdict=Verdict.PASS,
            hints=ThreadingHints(case_numbers=(case_id,)) if case_id else ThreadingHints(),
            **more,
        )
        with self.store.unit_of_work(STAGE, now=minutes(at)) as work:
            received = receive_message(work, inbound, channel_id=self.cast.mail.id)
        assert received.case_id is not None
        return received.case_id

    def do(self, at: float, deed: Any, *given: Any, **more: Any) -> Any:
        with self.store.unit_of_work(self.cast.actor(self.cast.ada), now=minutes(at)) as work:
            return deed(work, *given, **more)

    def reply(self, at: float, case_id: int, *, hold: int = 0, then: Then | None = None) -> int:
        reply = Reply(f"Answer {at}", f"client-{next(_numbers)}", hold_seconds=hold, then=then)
        return self.do(at, send_reply, case_id, reply).id  # type: ignore[no-any-return]

    def clocks(self, case_id: int) -> list[SlaClock]:
        """The clocks of a case, once it is certain that each is what its ledger says."""
        with self.store.reading(STAGE) as work:
            clocks = list(every_clock_of(work.session, case_id))
            self._check(work, clocks)
        return clocks

    def clock(self, case_id: int, kind: ClockKind) -> SlaClock:
        return [clock for clock in self.clocks(case_id) if clock.kind is kind][-1]

    def due(self, case_id: int) -> datetime | None:
        with self.store.reading(STAGE) as work:
            return due_of(work.session, case_id)

    def story(self, case_id: int, kind: ClockKind) -> list[str]:
        """What the ledger of the case's latest clock of a kind says, e.g. `paused:status`."""
        clock = self.clock(case_id, kind)
        with self.store.reading(STAGE) as work:
            return [f"{line.kind}:{line.cause}" for line in ledger_of(work.session, [clock.id])]

    def _check(self, work: Work, clocks: list[SlaClock]) -> None:
        versions = {version.id: hours_from(version.content) for _, version in calendars_kept(work.session)}
        for clock in clocks:
            lines = [entry_of(line) for line in ledger_of(work.session, [clock.id])]
            if any(line.calendar is not None and line.calendar not in versions for line in lines):
                continue
            folded = fold(clock.kind, lines, lambda number: versions.get(number or 0, AROUND_THE_CLOCK))
            assert folded == clock_of(clock)
            assert clock.due_at == folded.due_at(lambda number: versions.get(number or 0, AROUND_THE_CLOCK))
        running = [clock.due_at for clock in clocks if clock.due_at is not None]
        shown = {work.session.get_one(Case, clock.case_id).due_at for clock in clocks}
        assert not clocks or shown == {min(running, default=None)}


@pytest.fixture
def stage(store: Store, cast: Cast) -> Stage:
    return Stage(store, cast)


def test_a_mail_starts_two_clocks_and_an_answer_meets_the_first(stage: Stage) -> None:
    case_id = stage.mail(0)
    assert [clock.kind for clock in stage.clocks(case_id)] == [FIRST, RESOLUTION]
    assert stage.due(case_id) == minutes(60)
    stage.reply(45, case_id)
    first, resolution = stage.clocks(case_id)
    assert (first.phase, first.used, first.missed_at) == (Phase.MET, timedelta(minutes=45), None)
    assert (resolution.phase, resolution.flagged, stage.due(case_id)) == (Phase.PAUSED, False, None)


def test_the_next_word_starts_the_next_response_and_resumes_the_resolution(stage: Stage) -> None:
    case_id = stage.mail(0)
    stage.reply(10, case_id)
    stage.mail(100, case_id)
    stage.mail(130, case_id)
    assert stage.clock(case_id, NEXT).due_at == minutes(220)
    assert stage.clock(case_id, RESOLUTION).due_at == minutes(100 + 470)
    stage.reply(240, case_id)
    late = stage.clock(case_id, NEXT)
    assert (late.phase, late.missed_at, late.ended_at) == (Phase.MET, minutes(220), minutes(240))


def test_nothing_pauses_but_waiting_and_hold(stage: Stage) -> None:
    case_id = stage.mail(0)
    stage.do(10, snooze_case, case_id, minutes(300))
    assert stage.due(case_id) == minutes(60)
    stage.do(20, hold_case, case_id)
    assert stage.due(case_id) is None
    stage.do(50, wake_case, case_id)
    assert stage.due(case_id) == minutes(90)
    assert stage.story(case_id, FIRST) == ["started:opened", "paused:status", "resumed:status"]


def test_a_pause_while_the_customer_waits_for_an_answer_is_flagged(stage: Stage) -> None:
    case_id = stage.mail(0)
    stage.do(10, await_customer, case_id)
    assert all(clock.flagged for clock in stage.clocks(case_id))


def test_resolved_meets_the_resolution_and_reopened_goes_on_with_what_was_used(stage: Stage) -> None:
    case_id = stage.mail(0)
    stage.reply(30, case_id, then=Then.RESOLVE)
    assert stage.clock(case_id, RESOLUTION).phase is Phase.MET
    stage.mail(1000, case_id)
    assert stage.clock(case_id, RESOLUTION).due_at == minutes(1000 + 450)
    assert stage.clock(case_id, NEXT).due_at == minutes(1120)


def test_reopened_by_hand_an_unanswered_question_waits_again(stage: Stage) -> None:
    case_id = stage.mail(0)
    stage.do(40, resolve_case, case_id)
    assert stage.clock(case_id, FIRST).phase is Phase.CANCELLED
    stage.do(100, reopen_case, case_id)
    assert stage.clock(case_id, FIRST).due_at == minutes(120)
    assert len(stage.clocks(case_id)) == 2


def test_an_answer_taken_back_was_never_given(stage: Stage) -> None:
    case_id = stage.mail(0)
    message_id = stage.reply(20, case_id, hold=30)
    stage.do(20.2, withdraw_reply, message_id)
    assert stage.clock(case_id, FIRST).due_at == minutes(60)
    assert stage.clock(case_id, RESOLUTION).due_at == minutes(480)
    assert "voided:withdrawn" in stage.story(case_id, FIRST)


def test_an_answer_taken_back_after_the_customer_wrote_leaves_one_question(stage: Stage) -> None:
    case_id = stage.mail(0)
    message_id = stage.reply(20, case_id, hold=60)
    stage.mail(20.5, case_id)
    stage.do(20.8, withdraw_reply, message_id)
    running = [clock.kind for clock in stage.clocks(case_id) if clock.phase is Phase.RUNNING]
    assert running == [FIRST, RESOLUTION]
    assert stage.due(case_id) == minutes(60)


def test_a_priority_sets_the_whole_target_from_the_same_start(stage: Stage) -> None:
    case_id = stage.mail(0)
    stage.do(10, edit_case, case_id, CaseEdit(frozenset({"priority"}), priority=Priority.URGENT))
    assert stage.clock(case_id, FIRST).due_at == minutes(15)
    assert stage.clock(case_id, RESOLUTION).due_at == minutes(120)
    stage.do(12, edit_case, case_id, CaseEdit(frozenset({"priority"}), priority=Priority.LOW))
    assert stage.clock(case_id, FIRST).due_at == minutes(60)


def test_raised_after_its_time_it_is_due_at_the_change(stage: Stage) -> None:
    case_id = stage.mail(0)
    stage.do(40, edit_case, case_id, CaseEdit(frozenset({"priority"}), priority=Priority.URGENT))
    assert stage.due(case_id) == minutes(40)


def test_a_tier_is_followed_by_the_clocks_that_run(stage: Stage) -> None:
    case_id = stage.mail(0)
    with stage.store.unit_of_work(stage.cast.actor(stage.cast.sam), now=minutes(5)) as work:
        customer_id = work.session.get_one(Case, case_id).customer_id
        describe_customer(work, customer_id, Description(frozenset({"tier"}), tier=Tier.GOLD))
    aim_clocks(stage.store)
    assert stage.clock(case_id, FIRST).target == timedelta(minutes=30)
    assert stage.story(case_id, FIRST)[-1] == "retargeted:tier"


def test_other_targets_are_for_clocks_that_start(stage: Stage) -> None:
    old = stage.mail(0)
    manager = stage.cast.actor(stage.cast.sam)
    with stage.store.unit_of_work(manager, now=minutes(5)) as work:
        change_targets(work, [{"first_response": 60}], "Faster")
    aim_clocks(stage.store)
    assert stage.clock(old, FIRST).due_at == minutes(60)
    new = stage.mail(10)
    assert stage.clock(new, FIRST).due_at == minutes(11)
    assert stage.clock(new, RESOLUTION).due_at is None, "no target: it is measured, and never due"
    with stage.store.unit_of_work(manager, now=minutes(20)) as work:
        shown = go_back_to(work, shown_number(work) - 1)
    assert shown["targets"][2]["first_response"] == HOUR
    assert stage.clock(stage.mail(30), FIRST).due_at == minutes(90)


def shown_number(work: Work) -> int:
    return last_policy_number(work.session)


ALWAYS = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
MORNINGS = {day: [["09:00", "12:00"]] for day in ALWAYS}


def test_an_edited_calendar_holds_from_its_edit_on(stage: Stage) -> None:
    manager = stage.cast.actor(stage.cast.sam)
    with stage.store.unit_of_work(manager, now=minutes(-60)) as work:
        calendar = add_calendar(work, {"name": "Always", "days": ALWAYS})
    case_id = stage.mail(0)
    assert stage.clock(case_id, RESOLUTION).due_at == minutes(480)
    with stage.store.unit_of_work(manager, now=minutes(60)) as work:
        change_calendar(work, calendar["id"], {"days": MORNINGS})
    aim_clocks(stage.store)
    # From nine on: one hour by the old hours, two until noon, five in the mornings of the next two days.
    clock = stage.clock(case_id, RESOLUTION)
    assert clock.due_at == minutes(2 * 24 * 60 + 120)
    assert stage.story(case_id, RESOLUTION)[1] == "retargeted:calendar"


def test_a_deed_after_an_edit_counts_by_both_calendars(stage: Stage) -> None:
    manager = stage.cast.actor(stage.cast.sam)
    with stage.store.unit_of_work(manager, now=minutes(-60)) as work:
        calendar = add_calendar(work, {"name": "Always", "days": ALWAYS})
    case_id = stage.mail(0)
    with stage.store.unit_of_work(manager, now=minutes(30)) as work:
        change_calendar(work, calendar["id"], {"days": {"mon": [["13:00", "14:00"]]}})
    stage.do(4 * 60 + 15, hold_case, case_id)
    assert stage.clock(case_id, RESOLUTION).used == timedelta(minutes=45)


def test_a_queue_brings_its_calendar_from_the_change_on(stage: Stage) -> None:
    manager = stage.cast.actor(stage.cast.sam)
    with stage.store.unit_of_work(manager, now=minutes(-60)) as work:
        add_calendar(work, {"name": "Always", "days": ALWAYS})
        add_calendar(work, {"name": "Mornings", "days": MORNINGS, "queue_ids": [stage.cast.billing.id]})
    case_id = stage.mail(0)
    edit = CaseEdit(frozenset({"queue_id"}), queue_id=stage.cast.billing.id)
    stage.do(170, edit_case, case_id, edit)
    used = timedelta(minutes=170)
    clock = stage.clock(case_id, RESOLUTION)
    assert clock.used == used
    # Of eight hours 310 minutes are left: ten today, two mornings of 180, and so on.
    assert clock.due_at == minutes(2 * 24 * 60 + 310 - 10 - 180)


def test_of_two_merged_cases_the_promise_to_be_kept_first_goes_on(stage: Stage) -> None:
    early, late = stage.mail(0), stage.mail(30)
    stage.do(40, merge_cases, early, into=late)
    assert stage.clocks(early) == []
    running = [(clock.kind, clock.due_at) for clock in stage.clocks(late) if clock.phase is Phase.RUNNING]
    assert running == [(FIRST, minutes(60)), (RESOLUTION, minutes(480))]
    cancelled = [clock.ended_by for clock in stage.clocks(late) if clock.phase is Phase.CANCELLED]
    assert cancelled == ["merge", "merge"]


def test_a_question_that_came_by_a_merge_still_waits_for_its_answer(stage: Stage) -> None:
    answered, asked = stage.mail(0), stage.mail(10)
    stage.reply(5, answered)
    stage.do(20, merge_cases, asked, into=answered)
    assert stage.due(answered) == minutes(70)
    stage.reply(30, answered)
    assert stage.clock(answered, FIRST).phase is Phase.MET
    assert stage.due(answered) is None


def test_a_merge_undone_gives_every_clock_back(stage: Stage) -> None:
    early, late = stage.mail(0), stage.mail(30)
    merge = stage.do(40, merge_cases, early, into=late)
    stage.do(50, undo_case_merge, merge.id)
    assert (stage.due(early), stage.due(late)) == (minutes(60), minutes(90))
    assert stage.clock(early, RESOLUTION).due_at == minutes(480)
    assert stage.clock(late, RESOLUTION).due_at == minutes(510)


def test_what_was_answered_while_they_were_one_does_not_wait_again(stage: Stage) -> None:
    early, late = stage.mail(0), stage.mail(30)
    merge = stage.do(40, merge_cases, early, into=late)
    stage.reply(45, late)
    stage.do(50, undo_case_merge, merge.id)
    assert not [
        clock.kind for clock in stage.clocks(late) if clock.kind is FIRST and clock.phase is Phase.RUNNING
    ]


def said(store: Store, case_id: int) -> list[int]:
    with store.reading(STAGE) as work:
        return list(
            work.session.scalars(
                select(Message.id)
                .where(Message.case_id == case_id, Message.kind == MessageKind.INBOUND)
                .order_by(Message.position)
            )
        )


def test_a_split_takes_the_clock_of_its_question_along(stage: Stage) -> None:
    case_id = stage.mail(0)
    stage.mail(20, case_id)
    first = said(stage.store, case_id)[0]
    split = stage.do(30, split_case, case_id, [first], "Another matter")
    assert stage.due(split.new_case_id) == minutes(60)
    assert stage.clock(case_id, FIRST).due_at == minutes(80)
    assert stage.clock(case_id, RESOLUTION).due_at == minutes(480)
    assert stage.clock(split.new_case_id, RESOLUTION).due_at == minutes(480)
    stage.do(35, undo_split, split.id)
    assert stage.due(case_id) == minutes(60)
    assert all(clock.phase is Phase.CANCELLED for clock in stage.clocks(split.new_case_id))


def test_a_split_of_what_came_later_leaves_the_first_question_its_clock(stage: Stage) -> None:
    case_id = stage.mail(0)
    stage.mail(20, case_id)
    split = stage.do(30, split_case, case_id, said(stage.store, case_id)[1:], "Another matter")
    assert stage.due(case_id) == minutes(60)
    assert stage.due(split.new_case_id) == minutes(80)


def test_old_mail_that_is_brought_in_starts_no_clock(stage: Stage) -> None:
    number = next(_numbers)
    inbound = InboundMessage(
        channel=ChannelKind.EMAIL,
        source_key=f"old-{number}",
        sender=Participant("cleo@example.org", "Cleo"),
        subject="Long ago",
        text="Words",
        reply="Words",
        message_id=f"{number}@home.example",
    )
    with stage.store.unit_of_work(STAGE, now=minutes(0)) as work:
        received = receive_message(work, inbound, channel_id=stage.cast.mail.id, silent=True)
    assert stage.clocks(received.case_id or 0) == []


def test_a_desk_that_promised_nothing_keeps_no_clocks(stage: Stage) -> None:
    with stage.store.unit_of_work(stage.cast.actor(stage.cast.sam)) as work:
        change_targets(work, [])
    case_id = stage.mail(0)
    stage.reply(5, case_id)
    assert stage.clocks(case_id) == []
    assert stage.due(case_id) is None


def test_a_case_is_promised_the_same_before_it_opens_as_afterwards(stage: Stage) -> None:
    cast, queues = stage.cast, (stage.cast.support.id, stage.cast.billing.id, None)

    def both(work: Work, queue_id: int | None) -> tuple[Promise, Promise]:
        tier = work.session.get_one(Customer, cast.cleo.id).tier
        return (
            promise_once(work.line, queue_id=queue_id, tier=tier),
            promise_for(work.line, queue_id=queue_id, customer_id=cast.cleo.id),
        )

    for name, values in (("", {}), ("Always", {}), ("Mornings", {"queue_ids": [cast.billing.id]})):
        if name:
            with stage.store.unit_of_work(cast.actor(cast.sam)) as work:
                days = ALWAYS if name == "Always" else MORNINGS
                add_calendar(work, {"name": name, "days": days, **values})
        with stage.store.reading(STAGE) as work:
            promised = [both(work, queue_id) for queue_id in queues]
        assert [before for before, _ in promised] == [after for _, after in promised]
    assert len({before.calendar_id for before, _ in promised}) == 2
