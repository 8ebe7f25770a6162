"""Processes that carry answers and news die at any point; nothing is lost, no second sending is hidden."""

from __future__ import annotations

import signal
from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import select

from desk.jobs.doorbell import ring
from desk.jobs.reactions import REACTIONS, Bell
from desk.jobs.relay import hand_on
from desk.model.events import CaseEvent, Event
from desk.model.message import DeliveryState, MessageKind
from desk.model.transit import JournalEntry, Outbox, OutboxState
from desk.settings import Settings
from desk.store.journal import last_position, relayed_since
from desk.store.opening import redis_for
from tests.integration.mail_flow.desk_at_work import DeskAtWork, a_mail
from tests.integration.mail_flow.processes import job, until
from tests.people import STAGE
from tests.servers.smtp_sink import Sink


def test_every_event_has_its_line_in_the_table_of_reactions() -> None:
    told = {kind for kind in Event.KINDS.values() if kind is not CaseEvent}
    assert set(REACTIONS) == told


@pytest.mark.parametrize("point", ["before_handover", "after_handover", "after_note"])
def test_a_worker_killed_while_sending_leaves_the_answer_sent_and_honest(
    desk: DeskAtWork, sink: Sink, point: str
) -> None:
    _flush(desk.settings)
    (kept,) = desk.receive(a_mail())
    desk.answer(kept.case_id)
    ring(redis_for(desk.settings), [Bell.DELIVER])
    died = job("worker", desk.settings, f"{point}:1")
    assert died.wait(120) == -signal.SIGKILL
    before = len(sink.kept)
    _let_leases_run_out(desk)
    desk.deliver()
    desk.hasten()
    desk.deliver()
    (message,) = desk.messages(kept.case_id, MessageKind.OUTBOUND)
    (outgoing,) = desk.outgoing()
    assert (message.state, outgoing.state) == (DeliveryState.SENT, OutboxState.SENT)
    assert before == (0 if point == "before_handover" else 1)
    assert len(sink.kept) == (2 if point == "after_handover" else 1)
    # The window between the server's yes and our note of it is the only one for a second sending.
    assert outgoing.perhaps_twice or len(sink.kept) == 1


@pytest.mark.parametrize("point", ["before_relay_emit", "after_relay_emit"])
def test_a_relay_killed_while_telling_leaves_nothing_untold(desk: DeskAtWork, point: str) -> None:
    _flush(desk.settings)
    desk.receive(*[a_mail(sender=f"p{n}@people.example", subject=f"{point} {n}") for n in range(5)])
    died = job("relay", desk.settings, f"{point}:1")
    assert died.wait(120) == -signal.SIGKILL
    alive = job("relay", desk.settings)
    try:
        until(lambda: not _untold(desk))
    finally:
        alive.terminate()
        alive.wait(120)
    with desk.store.reading(STAGE) as work:
        told = relayed_since(work.session, 0, 1000)
        assert [entry.position for entry in told] == list(range(1, last_position(work.session) + 1))


def test_an_entry_that_nobody_knows_is_set_aside_and_holds_up_no_other(desk: DeskAtWork) -> None:
    desk.receive(a_mail())
    with desk.store.unit_of_work(STAGE) as work:
        strange = JournalEntry(kind="FromTomorrow", payload={}, occurred_at=work.now, actor="system:test")
        work.session.add(strange)
    desk.receive(a_mail(subject="Another"))
    pushed: list[object] = []
    while hand_on(desk.store.engine, redis_for(desk.settings), pushed.extend):
        pass
    with desk.store.reading(STAGE) as work:
        found = work.session.get_one(JournalEntry, strange.id)
        assert found.trouble == "Nothing here knows the event FromTomorrow."
    assert not _untold(desk)
    assert len(pushed) > 2


def test_a_relay_and_a_worker_carry_an_answer_out_by_themselves(desk: DeskAtWork, sink: Sink) -> None:
    _flush(desk.settings)
    (kept,) = desk.receive(a_mail())
    running = [job("relay", desk.settings), job("worker", desk.settings)]
    try:
        desk.answer(kept.case_id)
        until(lambda: len(sink.kept) == 1)
        _flush(desk.settings)
        desk.answer(kept.case_id, "And one more thing.")
        until(lambda: len(sink.kept) == 2)
    finally:
        for process in running:
            process.terminate()
            process.wait(120)


def test_a_lost_redis_makes_the_desk_slower_and_not_wrong(desk: DeskAtWork, sink: Sink) -> None:
    nowhere = desk.settings.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"})
    (kept,) = desk.receive(a_mail())
    desk.answer(kept.case_id)
    worker = job("worker", nowhere)
    try:
        until(lambda: len(sink.kept) == 1)
    finally:
        worker.terminate()
        worker.wait(120)


def _untold(desk: DeskAtWork) -> bool:
    with desk.store.reading(STAGE) as work:
        waiting = select(JournalEntry.id).where(
            JournalEntry.position.is_(None), JournalEntry.trouble.is_(None)
        )
        return work.session.scalar(waiting.limit(1)) is not None


def _let_leases_run_out(desk: DeskAtWork) -> None:
    with desk.store.unit_of_work(STAGE) as work:
        for outgoing in work.session.scalars(select(Outbox).where(Outbox.lease_until.is_not(None))):
            outgoing.lease_until = work.now - timedelta(seconds=1)


def _flush(settings: Settings) -> None:
    Redis.from_url(settings.redis_url).flushall()
