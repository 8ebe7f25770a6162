"""Mail is written by anybody: what a stranger can and cannot do with it."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default

from sqlalchemy import select

from desk.actions.mail.deliveries import claim_next
from desk.channels.email.hints import make_reply_token, reply_address
from desk.jobs.intake import MAILROOM
from desk.jobs.post_mail import POST
from desk.model.case import CaseStatus
from desk.model.message import AuthorKind, DeliveryState, MessageKind
from desk.model.transit import Acknowledgement, OutboxState
from desk.store.channels import get_channel
from desk.store.messages.conversations import participants_of
from tests.integration.mail_flow.desk_at_work import HELP, SECRET, DeskAtWork, a_mail
from tests.people import STAGE
from tests.servers.smtp_sink import Sink

MALLORY = "Mallory <mallory@evil.example>"


def test_a_strangers_case_number_in_the_subject_opens_a_case_of_his_own(desk: DeskAtWork) -> None:
    (cleos,) = desk.receive(a_mail())
    tag = f"Re: Where is my order? [#{cleos.case_id}]"
    (his,) = desk.receive(a_mail(sender=MALLORY, subject=tag))
    (hers,) = desk.receive(a_mail(subject=tag, text="It is me."))
    assert (his.outcome, his.case_id == cleos.case_id) == ("opened", False)
    assert (hers.outcome, hers.case_id) == ("continued", cleos.case_id)


def test_a_guessed_token_opens_a_case_and_the_true_one_leads_home(desk: DeskAtWork) -> None:
    (cleos,) = desk.receive(a_mail())
    (conversation,) = desk.conversations(cleos.case_id)
    guessed = reply_address(HELP, f"c.{conversation.id}.{'a' * 20}")
    true = reply_address(HELP, make_reply_token(SECRET.encode(), desk.cast.mail.id, conversation.id))
    other_channel = reply_address(HELP, make_reply_token(SECRET.encode(), 999, conversation.id))
    his, elsewhere, hers = desk.receive(
        a_mail(sender=MALLORY, to=guessed),
        a_mail(sender=MALLORY, to=other_channel, subject="Two"),
        a_mail(to=true, subject="Three"),
    )
    assert his.outcome == elsewhere.outcome == "opened"
    assert (hers.outcome, hers.case_id) == ("continued", cleos.case_id)


def test_somebody_else_with_a_true_reference_is_a_third_party_and_gets_nothing(
    desk: DeskAtWork, sink: Sink
) -> None:
    (cleos,) = desk.receive(a_mail())
    answer = desk.answer(cleos.case_id)
    (his,) = desk.receive(
        a_mail(sender=MALLORY, in_reply_to=answer.internet_id, headers={"Cc": "more@evil.example"})
    )
    message = desk.messages(cleos.case_id)[-1]
    assert his.case_id == cleos.case_id
    assert (message.author_kind, message.visible_to_customer) == (AuthorKind.THIRD_PARTY, False)
    assert desk.case(cleos.case_id).customer_id == desk.cast.cleo.id
    (conversation,) = desk.conversations(cleos.case_id)
    with desk.store.reading(STAGE) as work:
        assert participants_of(work.session, conversation.id) == {"cleo@example.org"}
    desk.answer(cleos.case_id, "For Cleo only.")
    desk.deliver()
    assert {address for mail in sink.kept for address in mail.recipients} == {"cleo@example.org"}


def test_who_is_put_into_a_copy_reads_the_answer_and_no_older_words(desk: DeskAtWork, sink: Sink) -> None:
    (cleos,) = desk.receive(a_mail(text="My secret number is 4711."))
    desk.answer(cleos.case_id, cc=("carrier@parcels.example",))
    desk.deliver()
    assert b"4711" not in sink.kept[0].raw
    desk.answer(cleos.case_id, "And to you alone.")
    desk.deliver()
    assert b"4711" in sink.kept[1].raw


def test_a_bounce_marks_the_message_that_came_back_and_opens_nothing(desk: DeskAtWork, sink: Sink) -> None:
    (cleos,) = desk.receive(a_mail())
    answer = desk.answer(cleos.case_id)
    desk.deliver()
    (report,) = desk.receive(_bounce(answer.internet_id or "", "cleo@example.org"))
    (message,) = desk.messages(cleos.case_id, MessageKind.OUTBOUND)
    case = desk.case(cleos.case_id)
    assert (report.outcome, report.case_id, len(desk.cases())) == ("bounce", cleos.case_id, 1)
    assert message.state is DeliveryState.BOUNCED
    assert "came back (5.1.1)" in (message.state_sentence or "")
    assert case.status is CaseStatus.OPEN
    with desk.store.reading(STAGE) as work:
        from desk.model.customer import Address

        trouble = work.session.scalar(select(Address.trouble).where(Address.value == "cleo@example.org"))
    assert trouble and "came back" in trouble


def test_a_bounce_of_nothing_we_sent_opens_no_case(desk: DeskAtWork) -> None:
    (report,) = desk.receive(_bounce("never@sent.example", "x@example.org"))
    assert (report.outcome, desk.cases(), desk.outgoing()) == ("bounce", [], [])


def test_five_hundred_forged_senders_get_no_word_of_the_attacker_and_only_so_many_mails(
    desk: DeskAtWork, sink: Sink
) -> None:
    _acknowledging(desk)
    desk.settings = desk.settings.model_copy(update={"acknowledgements_per_hour": 20})
    words = "Buy stolen watches at evil.example"
    desk.receive(
        *[
            a_mail(sender=f"{words} <victim{n}@people.example>", subject=f"{words} {n}", text=words)
            for n in range(500)
        ]
    )
    desk.deliver()
    assert len(desk.cases()) == 500
    assert len(sink.kept) <= 20
    assert not any(b"watches" in mail.raw or b"evil.example" in mail.raw for mail in sink.kept)
    with desk.store.reading(STAGE) as work:
        channel = get_channel(work.session, desk.cast.mail.id)
    assert not channel.acknowledge
    assert "acknowledgements" in (channel.trouble or "")


def test_an_address_is_acknowledged_once_a_day_by_a_mail_that_no_machine_answers(
    desk: DeskAtWork, sink: Sink
) -> None:
    _acknowledging(desk)
    desk.receive(a_mail(), a_mail(subject="Two"), a_mail(subject="Three"))
    desk.deliver()
    (left,) = sink.kept
    mail = message_from_bytes(left.raw, policy=default)
    assert left.sender == ""
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert "order" not in mail["Subject"]


def test_acknowledging_is_off_unless_switched_on(desk: DeskAtWork) -> None:
    desk.receive(a_mail())
    assert desk.outgoing() == []


def test_an_autoresponder_that_hides_what_it_is_gets_at_most_one_mail(desk: DeskAtWork, sink: Sink) -> None:
    _acknowledging(desk)
    desk.receive(a_mail())
    rounds = 0
    while desk.deliver() and rounds < 20:
        rounds += 1
        last = message_from_bytes(sink.kept[-1].raw, policy=default)
        desk.receive(a_mail(to=last["Reply-To"], subject=f"Out of office {rounds}", text="I am away."))
        desk.receive(a_mail(subject=f"Ticket {rounds} created", text="We have received your mail."))
    assert len(sink.kept) <= 5


def test_the_desk_knows_its_own_automatic_mail_again(desk: DeskAtWork, sink: Sink) -> None:
    _acknowledging(desk)
    desk.receive(a_mail())
    desk.deliver()
    (mirrored,) = desk.receive(sink.kept[0].raw)
    assert mirrored.outcome in ("ignored", "auto_reply")
    assert len(desk.cases()) == 1


def test_a_mail_at_the_door_is_kept_for_its_channel_with_or_without_a_token(desk: DeskAtWork) -> None:
    (cleos,) = desk.receive(a_mail())
    (conversation,) = desk.conversations(cleos.case_id)
    home = reply_address(HELP, make_reply_token(SECRET.encode(), desk.cast.mail.id, conversation.id))
    desk.hand_over(a_mail(to="undisclosed@example.org", text="By blind copy."), home)
    assert desk.messages(cleos.case_id)[-1].reply == "By blind copy."


def test_what_is_claimed_to_be_sent_is_claimed_by_one_only(desk: DeskAtWork) -> None:
    (cleos,) = desk.receive(a_mail())
    desk.answer(cleos.case_id)
    with desk.store.unit_of_work(POST) as one, desk.store.unit_of_work(POST) as other:
        first, second = claim_next(one, desk.cast.mail.id), claim_next(other, desk.cast.mail.id)
        assert first is not None
        assert second is None
        assert first.state is OutboxState.SENDING


def _acknowledging(desk: DeskAtWork) -> None:
    with desk.store.unit_of_work(MAILROOM) as work:
        get_channel(work.session, desk.cast.mail.id, lock=True).acknowledge = True
        assert work.session.scalar(select(Acknowledgement)) is None


def _bounce(message_id: str, recipient: str) -> bytes:
    return (
        "From: MAILER-DAEMON@mx.example\r\nTo: help@shop.example\r\nSubject: Undelivered Mail\r\n"
        "Return-Path: <>\r\nMessage-ID: <b1@mx.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 User unknown\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{message_id}>\r\n\r\n--b--\r\n"
    ).encode()
