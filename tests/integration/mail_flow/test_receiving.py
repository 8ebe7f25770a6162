"""A mail becomes a message in a case, exactly once, and says why it is there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP
from typing import Any

import pytest
from sqlalchemy import text

from desk.actions.cases.deeds import await_customer, resolve_case
from desk.actions.mail import reading
from desk.actions.messages.receive import receive_message
from desk.channels.email.fence import Fence
from desk.jobs.intake import MAILROOM, Intake
from desk.model.case import Case, CaseStatus
from desk.model.errors import Unavailable
from desk.model.inbound import Automatic
from desk.model.message import AuthorKind, MessageKind
from desk.model.transit import InboxState
from desk.store.inbox import ATTEMPTS, quarantined
from tests.integration.mail_flow.desk_at_work import DeskAtWork, a_mail
from tests.integration.mail_flow.processes import until
from tests.people import STAGE, a_channel, a_customer
from tests.statements import statements


def test_a_mail_opens_a_case_in_the_queue_of_its_channel(desk: DeskAtWork) -> None:
    (kept,) = desk.receive(a_mail())
    case = desk.case(kept.case_id)
    (message,) = desk.messages(case.id)
    assert kept.outcome == "opened"
    assert (case.subject, case.status, case.queue_id, case.customer_id) == (
        "Where is my order?",
        CaseStatus.OPEN,
        desk.cast.support.id,
        desk.cast.cleo.id,
    )
    assert message.author_kind is AuthorKind.CUSTOMER
    assert message.reply == "I have waited for a week."
    assert message.threading == "It begins a new conversation."


def test_the_same_mail_under_another_number_is_a_duplicate(desk: DeskAtWork) -> None:
    raw = a_mail()
    first, again = desk.receive(raw, raw)
    assert (again.outcome, again.case_id) == ("duplicate", first.case_id)
    assert len(desk.messages(first.case_id)) == 1


def test_one_mail_for_two_channels_reaches_both(desk: DeskAtWork) -> None:
    with desk.store.unit_of_work(STAGE) as work:
        sales = a_channel(work, "sales@shop.example")
    raw = a_mail(to="help@shop.example, sales@shop.example")
    (first,) = desk.receive(raw)
    (second,) = desk.receive(raw, channel=sales)
    assert (first.outcome, second.outcome) == ("opened", "opened")


def test_a_message_id_used_for_other_words_is_a_second_message_that_is_doubted(desk: DeskAtWork) -> None:
    first, second = desk.receive(
        a_mail(message_id="same@example.org", text="One."), a_mail(message_id="same@example.org", text="Two.")
    )
    messages = desk.messages(first.case_id)
    assert second.outcome == "continued"
    assert [one.reply for one in messages] == ["One.", "Two."]
    assert "Another message came with the same Message-ID." in messages[1].suspicions


def test_mail_without_id_and_date_is_new_each_time_but_not_when_its_bytes_are_the_same(
    desk: DeskAtWork,
) -> None:
    plain = a_mail(message_id="", dated=False)
    first, same = desk.receive(plain, plain)
    (other,) = desk.receive(a_mail(message_id="", dated=False, text="Hello again?"))
    assert (first.outcome, same.outcome, other.outcome) == ("opened", "duplicate", "opened")


def test_a_mail_without_a_sender_becomes_a_case_all_the_same(desk: DeskAtWork) -> None:
    (kept,) = desk.receive(b"Subject: Hello\r\nMessage-ID: <x@y.example>\r\n\r\nWho am I?\r\n")
    assert kept.outcome == "opened"
    assert desk.messages(kept.case_id)[0].suspicions == ["The mail names no sender."]


def test_an_answer_within_the_grace_reopens_and_a_later_one_opens_a_linked_case(desk: DeskAtWork) -> None:
    first, second = desk.receive(
        a_mail(message_id="one@example.org"), a_mail(message_id="two@example.org", subject="Other")
    )
    for kept in (first, second):
        with desk.store.unit_of_work(desk.cast.actor(desk.cast.ida)) as work:
            resolve_case(work, kept.case_id or 0, "Answered")
    with desk.store.unit_of_work(STAGE) as work:
        old = work.session.get_one(Case, second.case_id)
        old.resolved_at = work.now - timedelta(days=30)
    soon, late = desk.receive(
        a_mail(in_reply_to="one@example.org", text="It broke."),
        a_mail(in_reply_to="two@example.org", text="It broke too."),
    )
    assert (soon.outcome, soon.case_id) == ("continued", first.case_id)
    assert desk.case(first.case_id).status is CaseStatus.OPEN
    assert (late.outcome, desk.case(late.case_id).follows_id) == ("opened", second.case_id)


def test_answers_to_a_closed_case_go_to_the_one_case_that_follows_it(desk: DeskAtWork) -> None:
    (first,) = desk.receive(a_mail(message_id="one@example.org"))
    with desk.store.unit_of_work(STAGE) as work:
        case = work.session.get_one(Case, first.case_id)
        case.resolve(work.now, "Answered")
        case.close(work.now)
    a, b = desk.receive(
        a_mail(in_reply_to="one@example.org", text="Hello?"),
        a_mail(in_reply_to="one@example.org", text="Anybody?"),
    )
    assert (a.outcome, b.outcome, b.case_id) == ("opened", "continued", a.case_id)


def test_an_automatic_reply_is_added_without_waking_anybody(desk: DeskAtWork) -> None:
    (kept,) = desk.receive(a_mail())
    answer = desk.answer(kept.case_id)
    auto, lost = desk.receive(
        a_mail(in_reply_to=answer.internet_id, headers={"Auto-Submitted": "auto-replied"}, text="I am away."),
        a_mail(headers={"Auto-Submitted": "auto-replied"}, text="I am away, too."),
    )
    assert (auto.outcome, auto.case_id) == ("auto_reply", kept.case_id)
    assert (lost.outcome, lost.case_id) == ("auto_reply", None)
    case = desk.case(kept.case_id)
    assert (case.status, case.waiting_since) == (CaseStatus.WAITING, None)
    assert desk.messages(kept.case_id)[-1].automatic is Automatic.AUTO_REPLY


def test_mail_from_our_own_address_is_ignored(desk: DeskAtWork) -> None:
    (kept,) = desk.receive(a_mail(sender="Shop <help@shop.example>"))
    assert (kept.outcome, desk.cases()) == ("ignored", [])


def test_an_eleventh_message_in_ten_minutes_pauses_with_a_notice(desk: DeskAtWork) -> None:
    (first,) = desk.receive(a_mail(message_id="0@example.org"))
    desk.receive(*[a_mail(in_reply_to="0@example.org", text=f"And {n}?") for n in range(1, 10)])
    desk.answer(first.case_id)
    desk.receive(*[a_mail(in_reply_to="0@example.org", text=f"Also {n}?") for n in range(3)])
    notices = [one.text for one in desk.messages(first.case_id, MessageKind.EVENT) if "10 times" in one.text]
    assert len(notices) == 1
    assert len(desk.messages(first.case_id, MessageKind.INBOUND)) == 13
    assert desk.case(first.case_id).status is CaseStatus.WAITING


def test_a_mail_over_the_limit_is_kept_as_its_header_and_says_so(desk: DeskAtWork) -> None:
    from desk.actions.mail.keeping import keep_mail
    from desk.channels.email.mailbox import Cursor, FetchedMail

    head = a_mail(text="").split(b"\r\n\r\n")[0] + b"\r\n\r\n"
    huge = FetchedMail(uid=9, uidvalidity=1, internal_date=None, size=31 * 1024 * 1024, raw=head, whole=False)
    with desk.store.unit_of_work(MAILROOM) as work:
        kept = keep_mail(work, desk.cast.mail.id, "INBOX", [huge], Cursor(1, 9))
    desk.read()
    assert "This mail has 31 MB" in desk.messages(desk.inbox(kept.new[0].id).case_id)[0].reply


def test_unreadable_mail_is_quarantined_at_once_and_the_next_mail_is_read(desk: DeskAtWork) -> None:
    bad, good = desk.keep(b"\x00\x01 no mail at all", a_mail())
    desk.read()
    assert desk.inbox(good).outcome == "opened"
    with desk.store.reading(MAILROOM) as work:
        (found,) = quarantined(work.session, before_id=None, limit=10)
    assert (found.id, found.attempts) == (bad, 1)
    assert found.outcome_reason == "There is no header of a mail in it."


def test_a_full_disk_is_no_fault_of_the_mail_and_stops_no_other(desk: DeskAtWork) -> None:
    mail = message_from_bytes(a_mail(subject="A picture"), policy=SMTP)
    mail.add_attachment(b"leaves", maintype="image", subtype="png", filename="tea.png")
    root = desk.store.files.root
    root.parent.mkdir(parents=True, exist_ok=True)
    root.write_text("no folder can be made here, as on a disk that is full")
    with_file, plain = desk.keep(bytes(mail), a_mail(subject="Another"))
    for _ in range(ATTEMPTS + 1):
        _due_now(desk, with_file)
        with pytest.raises(Unavailable, match="Free some disk space"):
            desk.read()
    assert desk.inbox(plain).outcome == "opened"
    waiting = desk.inbox(with_file)
    assert (waiting.state, waiting.attempts) == (InboxState.RECEIVED, 0)
    root.unlink()
    _due_now(desk, with_file)
    desk.read()
    assert desk.inbox(with_file).outcome == "opened"


def test_mail_that_stops_the_parser_is_quarantined_after_three_tries(desk: DeskAtWork) -> None:
    with Fence(seconds=0.05) as hasty:
        intake = Intake(desk.store, desk.settings, hasty)
        (kept,) = desk.keep(a_mail(text="word " * 2_000_000))
        for tries in (1, 2, 3):
            intake.drain()
            assert desk.inbox(kept).attempts == tries
            assert desk.inbox(kept).state == ("quarantined" if tries == 3 else "received")
            _due_now(desk, kept)
    assert desk.inbox(kept).outcome_reason == "The mail took longer to parse than it may."


def test_a_mail_that_nobody_lets_in_spoils_no_other_of_its_batch(
    desk: DeskAtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison = a_mail(subject="poison")

    def choking(work, inbound, **more):  # type: ignore[no-untyped-def]
        if inbound.subject == "poison":
            raise ZeroDivisionError
        return receive_message(work, inbound, **more)

    monkeypatch.setattr(reading, "receive_message", choking)
    ids = desk.keep(a_mail(), poison, a_mail(subject="Another"))
    desk.read()
    assert [desk.inbox(one).outcome for one in ids] == ["opened", None, "opened"]


def test_a_stranger_whom_somebody_else_meets_at_the_same_moment_is_one_customer(desk: DeskAtWork) -> None:
    (kept,) = desk.keep(a_mail(sender="Nia <nia@example.org>"))
    with ThreadPoolExecutor(1) as mailroom:
        with desk.store.unit_of_work(STAGE) as work:
            met = a_customer(work, "Nia", "nia@example.org")
            work.session.flush()
            reading = mailroom.submit(desk.read)
            until(lambda: _somebody_waits(desk))
        reading.result()

    assert desk.inbox(kept).outcome == "opened"
    assert desk.case(desk.inbox(kept).case_id).customer_id == met.id
    (journal,) = _opened_in_journal(desk)
    assert journal["customer_id"] == met.id


def _somebody_waits(desk: DeskAtWork) -> bool:
    with desk.store.reading(STAGE) as work:
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"
        return bool(work.session.scalar(text(waiting)))


def _opened_in_journal(desk: DeskAtWork) -> list[dict[str, Any]]:
    with desk.store.reading(STAGE) as work:
        return list(work.session.scalars(text("SELECT payload FROM journal WHERE kind = 'CaseOpened'")))


def test_a_thread_of_two_cases_becomes_one_when_the_mail_between_them_arrives(desk: DeskAtWork) -> None:
    first, third = desk.receive(
        a_mail(message_id="a@example.org"), a_mail(message_id="c@example.org", in_reply_to="b@example.org")
    )
    assert first.case_id != third.case_id
    (second,) = desk.receive(a_mail(message_id="b@example.org", in_reply_to="a@example.org", text="Between"))
    assert second.case_id == first.case_id
    assert desk.case(third.case_id).merged_into_id == first.case_id


def test_two_cases_that_people_worked_on_are_linked_instead(desk: DeskAtWork) -> None:
    first, third = desk.receive(
        a_mail(message_id="a@example.org"), a_mail(message_id="c@example.org", in_reply_to="b@example.org")
    )
    desk.answer(first.case_id)
    desk.answer(third.case_id)
    desk.receive(a_mail(message_id="b@example.org", in_reply_to="a@example.org", text="Between"))
    assert desk.case(third.case_id).merged_into_id is None
    assert any("belongs to case" in one.text for one in desk.messages(first.case_id, MessageKind.EVENT))


def test_taking_in_one_mail_of_a_new_customer_takes_at_most_ten_statements(desk: DeskAtWork) -> None:
    desk.receive(a_mail(sender="Warm <warm@example.org>"))
    desk.keep(a_mail(sender="New Person <new@example.org>", text="Hello!"))
    with statements(desk.store.engine) as asked:
        desk.intake.drain()
    assert len(desk.cases()) == 2
    assert len(asked) <= 10, "\n\n".join(map(str, asked.seen))


def test_taking_in_an_answer_takes_at_most_twelve_statements(desk: DeskAtWork) -> None:
    desk.receive(a_mail(message_id="a@example.org"))
    desk.keep(a_mail(in_reply_to="a@example.org", text="More."))
    with statements(desk.store.engine) as asked:
        desk.intake.drain()
    assert len(desk.cases()) == 1
    assert len(asked) <= 12, "\n\n".join(map(str, asked.seen))


@pytest.mark.parametrize("is_resolved", [False, True])
def test_answers_that_are_read_together_each_find_the_case_as_the_one_before_left_it(
    desk: DeskAtWork, is_resolved: bool
) -> None:
    (first,) = desk.receive(a_mail(message_id="a@example.org"))
    with desk.store.unit_of_work(desk.cast.actor(desk.cast.ida)) as work:
        if is_resolved:
            resolve_case(work, first.case_id or 0, "Answered")
        else:
            await_customer(work, first.case_id or 0)
    desk.keep(*(a_mail(in_reply_to="a@example.org", text=f"Number {n}.") for n in (2, 3, 4)))
    desk.read()
    case, inbound = desk.case(first.case_id), desk.messages(first.case_id, MessageKind.INBOUND)
    assert (case.status, case.preview, case.resolved_at) == (CaseStatus.OPEN, "Number 4.", None)
    assert [one.text.strip() for one in inbound[1:]] == ["Number 2.", "Number 3.", "Number 4."]
    assert case.last_inbound_position == case.last_position == inbound[-1].position


def _due_now(desk: DeskAtWork, inbox_id: int) -> None:
    from desk.model.transit import Inbox

    with desk.store.unit_of_work(STAGE) as work:
        work.session.get_one(Inbox, inbox_id).not_before = work.now


def test_a_case_has_one_conversation_however_many_mails(desk: DeskAtWork) -> None:
    (first,) = desk.receive(a_mail(message_id="a@example.org"))
    desk.receive(a_mail(in_reply_to="a@example.org", text="More."))
    assert len(desk.conversations(first.case_id)) == 1
