"""What becomes of each letter in the outbox, whatever its server does."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from desk.channels.email.dispatch import Letter, dispatch
from desk.channels.email.smtp import SendResult, SmtpSession
from desk.channels.email.smtp_line import SmtpAccount
from desk.channels.email.wire import Encryption
from tests.servers.smtp_sink import Behaviour, Sink

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def letter(number: int, **changes: object) -> Letter:
    raw = f"Message-ID: <{number}@shop.test>\r\nSubject: {number}\r\n\r\nHello\r\n".encode()
    one = Letter(number, "desk@shop.test", (f"c{number}@x.test",), raw, attempts=1, first_try=NOW)
    return replace(one, **changes)  # type: ignore[arg-type]


@dataclass
class Tray:
    """An outbox in memory that notes what it is told."""

    due: deque[Letter]
    notes: list[tuple[str, int]] = field(default_factory=list)
    retries: list[datetime | None] = field(default_factory=list)
    results: list[SendResult] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)

    def claim(self) -> Letter | None:
        return self.due.popleft() if self.due else None

    def sent(self, letter: Letter, result: SendResult, retry_at: datetime | None) -> None:
        self.notes.append(("sent", letter.id))
        self.results.append(result)
        self.retries.append(retry_at)

    def postponed(self, letter: Letter, retry_at: datetime, sentence: str) -> None:
        self.notes.append(("postponed", letter.id))
        self.retries.append(retry_at)

    def failed(self, letter: Letter, sentence: str) -> None:
        self.notes.append(("failed", letter.id))
        self.sentences.append(sentence)

    def uncertain(self, letter: Letter, sentence: str) -> None:
        self.notes.append(("uncertain", letter.id))

    def halted(self, letter: Letter, retry_at: datetime, sentence: str) -> None:
        self.notes.append(("halted", letter.id))
        self.sentences.append(sentence)


def send_all(tray: Tray, account: SmtpAccount) -> int:
    with SmtpSession(account, verdict_timeout=1) as session:
        return dispatch(session, tray, clock=lambda: NOW, random=random.Random(1).random)


@pytest.fixture
def account(sink: Sink) -> SmtpAccount:
    return SmtpAccount("127.0.0.1", port=sink.port, encryption=Encryption.PLAIN)


def test_each_letter_gets_its_own_fate_and_none_holds_up_the_next(sink: Sink, account: SmtpAccount) -> None:
    sink.verdicts = deque(["250 Kept", "451 Later", "554 Spam", Behaviour.KEEP_AND_DIE, "250 Kept"])
    tray = Tray(deque(letter(number) for number in range(5)))
    assert send_all(tray, account) == 5
    assert tray.notes == [("sent", 0), ("postponed", 1), ("failed", 2), ("uncertain", 3), ("sent", 4)]
    assert all(retry is None or NOW < retry <= NOW + timedelta(minutes=1) for retry in tray.retries)


def test_a_recipient_refused_for_now_is_tried_again_and_one_refused_for_good_is_not(
    sink: Sink, account: SmtpAccount
) -> None:
    sink.recipients = {"full@x.test": deque(["452 Full"]), "gone@x.test": deque(["550 Gone"])}
    two = letter(1, recipients=("cleo@x.test", "full@x.test"))
    one = letter(2, recipients=("cleo@x.test", "gone@x.test"))
    tray = Tray(deque([two, one]))
    send_all(tray, account)
    assert [retry is not None for retry in tray.retries] == [True, False]
    assert [set(result.refused) for result in tray.results] == [{"full@x.test"}, {"gone@x.test"}]


def test_after_two_days_a_letter_has_failed(sink: Sink, account: SmtpAccount) -> None:
    sink.senders = deque(["451 Later"])
    tray = Tray(deque([letter(1, attempts=50, first_try=NOW - timedelta(hours=49))]))
    send_all(tray, account)
    assert tray.notes == [("failed", 1)]
    assert "Given up after 50 tries" in tray.sentences[0]


def test_a_server_that_is_away_fails_no_letter() -> None:
    tray = Tray(deque([letter(1), letter(2)]))
    account = SmtpAccount("127.0.0.1", port=1, encryption=Encryption.PLAIN)
    assert send_all(tray, account) == 2
    assert tray.notes == [("postponed", 1), ("postponed", 2)]


def test_an_account_without_encryption_halts_the_outbox(sink: Sink) -> None:
    tray = Tray(deque([letter(1), letter(2)]))
    assert send_all(tray, SmtpAccount("127.0.0.1", port=sink.port)) == 1
    assert tray.notes == [("halted", 1)]
    assert [one.id for one in tray.due] == [2]
    assert "does not offer STARTTLS" in tray.sentences[0]


def test_the_message_id_is_the_same_at_every_try(sink: Sink, account: SmtpAccount) -> None:
    sink.verdicts = deque([Behaviour.KEEP_AND_DIE])
    for _ in range(2):
        send_all(Tray(deque([letter(7)])), account)
    assert [b"Message-ID: <7@shop.test>" in kept.raw for kept in sink.kept] == [True, True]
