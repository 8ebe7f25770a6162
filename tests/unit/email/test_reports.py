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


LOST = "cleo@home.example\n550 5.1.1 no such user"


@pytest.mark.parametrize(
    ("sender", "subject", "text"),
    [
        ("Mail Delivery System <Mailer-Daemon@relay.example>", "Mail delivery failed", LOST),
        ("MAILER-DAEMON@relay.example", "failure notice", f"Hi. This is the qmail-send program.\n{LOST}"),
        ("MAILER-DAEMON@p01.mxlogic.example", "Mail delivery failed: returning message", LOST),
        ("postmaster@home.example", "DELIVERY FAILURE: User Cleo not listed in Domino Directory", LOST),
        ("System Administrator <postmaster@home.example>", "Undeliverable: Parcel", LOST),
        (f"Microsoft Outlook <MicrosoftExchange{'0a' * 16}@home.example>", "Undeliverable: Parcel", LOST),
        *(
            ("postmaster@home.example", f"{words}: 7", LOST.replace("no such user", ""))
            for words in (
                *("Unzustellbar", "Non remis ", "Non recapitabile", "No se puede entregar", "Onbestelbaar"),
                *("Não é possível entregar", "Nie można dostarczyć", "Kan inte leverera", "配信不能"),
                *("无法送达", "Не удается доставить"),
            )
        ),
    ],
)
def test_bounces_without_structure_are_known_in_many_forms(sender: str, subject: str, text: str) -> None:
    mail = parse(f"From: {sender}\nTo: help@shop.example\nSubject: {subject}\n\n{text}".encode())
    assert mail.bounce is not None
    assert (mail.bounce.recipient, mail.bounce.status) == ("cleo@home.example", "5.1.1")


RECEIVED = "Received: from a by b; Mon, 2 Mar 2026 09:00:00 +0000\nMessage-ID: <a@b.example>"


@pytest.mark.parametrize(
    ("head", "subject", "text"),
    [
        ("", "Fwd: Undelivered Mail Returned to Sender", f"I cannot reach you.\n\n{LOST}\n{RECEIVED}"),
        ("", "Re: Undeliverable: Parcel", f"My answer came back.\n{LOST}"),
        ("", "My mail could not be delivered", f"Hello,\nthe mail could not be delivered:\n{LOST}"),
        ("", "Mail delivery problem", f"Your message could not be delivered to me.\n{RECEIVED}\nHelp!"),
        ("Return-Path: <>\n", "Automatic reply: Delivery problem", "I am away; 550 5.1.1 ben@home.example"),
        ("Return-Path: <>\n", "Abwesenheitsnotiz: Returned mail order", "Ich bin nicht im Büro."),
    ],
)
def test_who_quotes_a_bounce_is_heard(head: str, subject: str, text: str) -> None:
    mail = parse(f"{head}From: Cleo <cleo@home.example>\nSubject: {subject}\n\n{text}".encode())
    assert (mail.outcome is Outcome.BOUNCE, mail.bounce) == (False, None)


def test_a_report_forwarded_with_all_its_parts_is_a_message() -> None:
    mail = parse(
        b"From: Cleo <cleo@home.example>\nSubject: Fwd: Undelivered Mail Returned to Sender\n"
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nWhy does this come back?\n"
        b"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay.example\n\n"
        b"Final-Recipient: rfc822; help@shop.example\nAction: failed\nStatus: 5.1.1\n\n" + RETURNED
    )
    assert (mail.outcome, mail.bounce) == (Outcome.MESSAGE, None)


@pytest.mark.parametrize(
    "subject",
    [
        *("Automatic reply: Parcel", "Out of Office: Parcel", "Abwesenheitsnotiz: Paket", "Abwesend: Paket"),
        *("Réponse automatique : Colis", "Respuesta automática: Paquete", "Risposta automatica: Pacco"),
        *("Resposta automática: Pacote", "Automatisch antwoord: Pakket", "Autosvar: Paket"),
        *("Automatiskt svar: Paket", "Automaattinen vastaus: Paketti", "Odpowiedź automatyczna: Paczka"),
        *("Automatická odpověď: Balík", "Automatikus válasz: Csomag", "Otomatik yanıt: Paket"),
        *("Автоматический ответ: Посылка", "自動応答: 荷物", "自动答复: 包裹", "자동 회신: 소포"),
        *("Автоматичен отговор: Пратка", "Automatski odgovor: Paket", "Trả lời tự động: Bưu kiện"),
        *("Balasan otomatis: Paket", "ตอบกลับอัตโนมัติ: พัสดุ", "Resposta automàtica: Paquet"),
    ],
)
@pytest.mark.parametrize(
    "head", ["Return-Path: <>", "X-Auto-Response-Suppress: All", "In-Reply-To: <a@b.example>"]
)
def test_an_answering_machine_is_known_in_many_languages(head: str, subject: str) -> None:
    mail = parse(f"{head}\nFrom: Cleo <cleo@home.example>\nSubject: {subject}\n\nI am away.".encode())
    assert mail.outcome is Outcome.AUTO_REPLY


@pytest.mark.parametrize(
    "head",
    ["X-Autoreply: yes", "X-Vacation: on", "Precedence: auto_reply", "X-POST-MessageClass: 9; Autoresponder"],
)
def test_an_answering_machine_is_known_by_its_mark(head: str) -> None:
    assert parse(f"{head}\nFrom: cleo@home.example\n\nI am away.".encode()).outcome is Outcome.AUTO_REPLY


@pytest.mark.parametrize("head", ["Precedence: bulk", "Precedence: junk"])
@pytest.mark.parametrize("subject", ["[Automatic reply] Parcel", "[Automatyczna odpowiedź] Paczka"])
def test_the_vacation_program_calls_its_answers_bulk(head: str, subject: str) -> None:
    raw = f"{head}\nFrom: cleo@home.example\nSubject: {subject}\n\nI am away.".encode()
    assert parse(raw).outcome is Outcome.AUTO_REPLY


def test_an_answer_that_no_bounce_can_reach_is_automatic_though_it_calls_itself_bulk() -> None:
    raw = b"Return-Path: <>\nPrecedence: bulk\nFrom: cleo@home.example\nSubject: Thank you\n\nWe have it."
    assert parse(raw).outcome is Outcome.AUTO_REPLY


def test_a_newsletter_about_vacations_is_a_message() -> None:
    raw = (
        b"Return-Path: <news-7@travel.example>\nPrecedence: bulk\nList-Unsubscribe: <https://travel.example/7>\n"
        b"From: news@travel.example\nSubject: Vacation for two\n\nOnly this week."
    )
    assert parse(raw).outcome is Outcome.MESSAGE


@pytest.mark.parametrize(
    "subject",
    [
        "Out of office chairs: 12 pieces",
        "Vacation booking",
        "Re: Automatic reply: Parcel",
        "Autoreply is broken",
    ],
)
def test_what_people_write_about_answering_machines_is_a_message(subject: str) -> None:
    raw = f"In-Reply-To: <a@b.example>\nFrom: cleo@home.example\nSubject: {subject}\n\nHello".encode()
    assert parse(raw).outcome is Outcome.MESSAGE


@pytest.mark.parametrize(
    ("sender", "subject", "text"),
    [
        (
            "postmaster@school.example",
            "Our order",
            "It is delayed, and the following address does not exist.",
        ),
        ("IT <postmaster@school.example>", "Delivery problem", "Call 550 1234, postmaster@school.example."),
        ("System Administrator <it@school.example>", "Ten", "The mailbox is full of offers. User unknown."),
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
