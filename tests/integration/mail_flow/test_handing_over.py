"""Mail that is read as it comes, and a backlog: both in order, each once, and neither ahead of the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from desk.actions.mail.keeping import keep_mail
from desk.channels.email.mailbox import Cursor, FetchedMail
from desk.jobs.intake import BATCH, MAILROOM, Intake
from desk.jobs.tray import Tray
from desk.model.message import MessageKind
from desk.model.transit import InboxState
from desk.store.inbox import LEASE
from tests.integration.mail_flow.desk_at_work import DeskAtWork, a_mail
from tests.statements import statements


@pytest.fixture
def tray() -> Tray:
    return Tray(BATCH)


@pytest.fixture
def intake(desk: DeskAtWork, tray: Tray) -> Iterator[Intake]:
    intake = Intake(desk.store, desk.settings, desk.fence, tray=tray)
    yield intake
    intake.close()


def arrive(desk: DeskAtWork, tray: Tray, first_uid: int, *mails: bytes) -> None:
    """As the thread of a mailbox keeps them."""
    fetched = [FetchedMail(uid, 1, None, len(mail), mail) for uid, mail in enumerate(mails, first_uid)]
    claims = tray.has_room(len(mails))
    with desk.store.unit_of_work(MAILROOM) as work:
        kept = keep_mail(work, desk.cast.mail.id, "INBOX", fetched, Cursor(1, fetched[-1].uid), claims=claims)
    tray.put(kept.claimed())


def subjects(desk: DeskAtWork) -> list[str]:
    return [case.subject for case in desk.cases()]


def test_mail_is_read_as_it_comes_without_a_look_into_the_inbox(
    desk: DeskAtWork, tray: Tray, intake: Intake
) -> None:
    intake.drain()
    arrive(desk, tray, 1, a_mail(subject="One"))
    with statements(desk.store.engine) as asked:
        assert intake.drain() == 1

    assert subjects(desk) == ["One"]
    assert not any("SKIP LOCKED" in one for one in asked.seen)
    arrive(desk, tray, 1, a_mail(subject="One"))
    assert intake.drain() == 0


def test_what_lay_in_the_tray_of_a_process_that_died_is_due_again(
    desk: DeskAtWork, tray: Tray, intake: Intake
) -> None:
    intake.drain()
    arrive(desk, tray, 1, a_mail(subject="One"))
    (died,) = tray.take()
    row = desk.inbox(died.id)
    assert (row.state, row.attempts) == (InboxState.RECEIVED, 1)
    assert row.not_before - row.received_at == LEASE
    assert intake.drain() == 0

    with desk.store.unit_of_work(MAILROOM) as work:
        work.session.merge(row).not_before = work.now - timedelta(seconds=1)
    desk.read()
    assert (desk.inbox(died.id).outcome, desk.inbox(died.id).attempts) == ("opened", 2)


def test_nothing_is_read_ahead_of_what_waits_in_the_inbox(
    desk: DeskAtWork, tray: Tray, intake: Intake
) -> None:
    waiting = [a_mail(subject=f"Waiting {number}") for number in range(2 * BATCH + 5)]
    arrive(desk, tray, 1, *waiting)
    assert intake.drain() >= BATCH
    arrive(desk, tray, 100, a_mail(subject="Late"))
    while intake.drain():
        pass

    assert subjects(desk) == [f"Waiting {number}" for number in range(len(waiting))] + ["Late"]
    assert tray.has_room(1)


def test_an_answer_in_the_next_batch_finds_its_case(desk: DeskAtWork, tray: Tray, intake: Intake) -> None:
    asked = [a_mail(message_id=f"{number}@example.org") for number in range(2 * BATCH)]
    answers = [
        a_mail(in_reply_to=f"{number}@example.org", text=f"And {number}") for number in range(2 * BATCH)
    ]
    arrive(desk, tray, 1, *asked, *answers)
    while intake.drain():
        pass

    inbound = [desk.messages(case.id, MessageKind.INBOUND) for case in desk.cases()]
    assert [len(messages) for messages in inbound] == [2] * 2 * BATCH


def test_whoever_ends_leaves_nothing_claimed(desk: DeskAtWork, tray: Tray) -> None:
    intake = Intake(desk.store, desk.settings, desk.fence, tray=tray)
    arrive(desk, tray, 1, *(a_mail(subject=f"Waiting {number}") for number in range(2 * BATCH)))
    assert intake.drain() == BATCH
    intake.close()

    assert len(desk.cases()) == 2 * BATCH
