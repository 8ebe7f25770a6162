"""Reports of machines are told from what people write, and lead to the message they are about."""

from __future__ import annotations

import pytest

from desk.channels.email.parse import parse
from desk.channels.email.parsed import Outcome, ParsedMail

RETURNED = (
    b"--b\nContent-Type: message/rfc822\n\nFrom: support@shop.example\nTo: cleo@home.example\n"
    b"Message-ID: <sent-1@shop.example>\nSubject: [#7] Your parcel\n\nHello\n--b--\n"
)


def report(action: str, status: str, *, subject: str = "Delivery Status Notification") -> ParsedMail:
    return parse(
        b"From: MAILER-DAEMON@relay.example\nReturn-Path: <>\nSubject: " + subject.encode() + b"\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        b"--b\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay.example\n\n"
        b"Final-Recipient: rfc822; Cleo@Home.example\nAction: "
        + action.encode()
        + b"\nStatus: "
        + status.encode()
        + b"\n"
        b"Diagnostic-Code: smtp; 550 " + status.encode() + b" no such user\n\n" + RETURNED
    )


def test_a_bounce_names_whom_it_did_not_reach_why_and_which_message() -> None:
    mail = report("failed", "5.1.1")
    assert mail.outcome is Outcome.BOUNCE
    assert mail.bounce is not None
    assert (mail.bounce.recipient, mail.bounce.status) == ("cleo@home.example", "5.1.1")
    assert (mail.bounce.permanent, mail.bounce.message_id) == (True, "sent-1@shop.example")


def test_a_delay_is_not_permanent() -> None:
    mail = report("delayed", "4.4.1")
    assert mail.bounce is not None
    assert (mail.outcome, mail.bounce.permanent) == (Outcome.BOUNCE, False)


def test_word_of_success_is_a_delivery_report() -> None:
    assert report("delivered", "2.1.5").outcome is Outcome.DELIVERY_REPORT


def test_a_bounce_without_structure_is_known_by_its_sender_and_its_words() -> None:
    mail = parse(
        b"From: Mail Delivery System <MAILER-DAEMON@relay.example>\nSubject: Undelivered mail\n\n"
        b"I could not deliver your message to <cleo@home.example>:\n550 5.1.1 user unknown\n\n"
        b"Received: from x\nMessage-ID: <sent-1@shop.example>\n"
    )
    assert mail.bounce is not None
    assert (mail.bounce.recipient, mail.bounce.status) == ("cleo@home.example", "5.1.1")
    assert mail.bounce.message_id == "sent-1@shop.example"


def test_a_complaint_is_a_feedback_report() -> None:
    mail = parse(
        b"From: fbl@provider.example\nContent-Type: multipart/report; report-type=feedback-report; "
        b"boundary=b\n\n"
        b"--b\n\nA complaint.\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n"
        b"Original-Rcpt-To: cleo@home.example\n\n" + RETURNED
    )
    assert mail.outcome is Outcome.FEEDBACK_REPORT
    assert mail.bounce is not None
    assert (mail.bounce.recipient, mail.bounce.message_id) == ("cleo@home.example", "sent-1@shop.example")


def test_a_bounce_told_by_ses_is_read_out_of_its_json() -> None:
    mail = parse(
        b"From: no-reply@sns.amazonaws.com\nSubject: AWS Notification Message\n\n"
        b'{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bouncedRecipients":'
        b'[{"emailAddress":"cleo@home.example","status":"5.1.1"}]}}'
    )
    assert mail.bounce is not None
    assert (mail.bounce.recipient, mail.bounce.status, mail.bounce.permanent) == (
        "cleo@home.example",
        "5.1.1",
        True,
    )


@pytest.mark.parametrize(
    ("sender", "subject", "text"),
    [
        ("cleo@home.example", "Delivery failed", "My parcel could not be delivered, the driver says."),
        ("cleo@home.example", "Undelivered parcel", "Where is it? Order 550 5.1.1"),
        ("cleo@home.example", "Your mail", "I got: your message could not be delivered. What now?"),
        ("daemon@family.example", "Returned mail", "My name is Daemon. I returned the mail order."),
        ("postmaster@school.example", "Question", "We would like ten of the blue ones."),
        ("mailer@home.example", "Newsletter", "Please take me off the list."),
    ],
)
def test_what_people_write_of_deliveries_is_no_bounce(sender: str, subject: str, text: str) -> None:
    mail = parse(f"From: {sender}\nSubject: {subject}\n\n{text}".encode())
    assert (mail.outcome, mail.bounce) == (Outcome.MESSAGE, None)
