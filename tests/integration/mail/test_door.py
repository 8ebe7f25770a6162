"""The door for mail servers: 250 is a promise, and is not given before it can be kept."""

from __future__ import annotations

import smtplib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from desk.channels.email.door import DoorLimits, Envelope, MailDoor
from desk.model.errors import Misconfigured, NotFound, TooLarge, Unavailable

MAIL = b"From: cleo@x.test\r\nSubject: Hello\r\n\r\nHello\r\n"


class Desk:
    """What stands behind the door; `trouble` is raised instead of keeping mail for that recipient."""

    def __init__(self) -> None:
        self.kept: list[Envelope] = []
        self.trouble: dict[str, Exception] = {}
        self.committing = threading.Event()
        self.may_commit = threading.Event()
        self.may_commit.set()

    def accept(self, envelope: Envelope) -> None:
        self.committing.set()
        self.may_commit.wait(60)
        for recipient in envelope.recipients:
            if recipient in self.trouble:
                raise self.trouble[recipient]
        self.kept.append(envelope)

    def knows(self, recipient: str) -> bool:
        if recipient == "unchecked@desk.test":
            raise Unavailable("The database is away.")
        return recipient.endswith("@desk.test")


@pytest.fixture
def desk() -> Desk:
    return Desk()


@contextmanager
def opened(desk: Desk, limits: DoorLimits | None = None) -> Iterator[MailDoor]:
    door = MailDoor(desk.accept, desk.knows, limits=limits, lmtp_port=0)
    door.start()
    try:
        yield door
    finally:
        desk.may_commit.set()
        door.stop()


@pytest.fixture
def door(desk: Desk) -> Iterator[MailDoor]:
    with opened(desk) as door:
        yield door


@pytest.fixture
def smtp(door: MailDoor) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP("127.0.0.1", door.smtp_port, "client", timeout=60) as client:
        client.ehlo()
        yield client


@pytest.fixture
def lmtp(door: MailDoor) -> Iterator[smtplib.LMTP]:
    with smtplib.LMTP("127.0.0.1", door.lmtp_port, "client", timeout=60) as client:
        client.ehlo()
        yield client


def offer(client: smtplib.SMTP, *recipients: str) -> None:
    assert client.docmd("MAIL FROM:<cleo@x.test>")[0] == 250
    for recipient in recipients:
        assert client.docmd(f"RCPT TO:<{recipient}>")[0] == 250
    assert client.docmd("DATA")[0] == 354


def test_a_mail_comes_in_with_its_envelope_and_bytes(desk: Desk, smtp: smtplib.SMTP) -> None:
    smtp.sendmail("cleo@x.test", ["help@desk.test", "sales@desk.test"], MAIL + b"..\r\n")
    [envelope] = desk.kept
    assert envelope == Envelope(
        "cleo@x.test", ("help@desk.test", "sales@desk.test"), MAIL + b"..\r\n", "127.0.0.1", "SMTP"
    )


def test_a_bounce_has_no_sender(desk: Desk, smtp: smtplib.SMTP) -> None:
    smtp.sendmail("", ["help@desk.test"], MAIL)
    assert desk.kept[0].sender == ""


def test_nobody_hears_250_before_the_commit(desk: Desk, smtp: smtplib.SMTP) -> None:
    desk.may_commit.clear()
    offer(smtp, "help@desk.test")
    smtp.send(MAIL + b".\r\n")
    assert desk.committing.wait(60)
    assert smtp.sock
    smtp.sock.settimeout(0.5)
    with pytest.raises(TimeoutError):
        smtp.sock.recv(100)
    smtp.sock.settimeout(5)
    desk.may_commit.set()
    assert smtp.getreply()[0] == 250
    assert len(desk.kept) == 1


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (Unavailable("The database is away."), 451),
        (RuntimeError("a bug"), 451),
        (NotFound("This address is closed."), 550),
        (TooLarge("Too large."), 552),
    ],
)
def test_what_is_not_committed_stays_with_its_sender(
    desk: Desk, smtp: smtplib.SMTP, trouble: Exception, code: int
) -> None:
    desk.trouble = {"help@desk.test": trouble}
    offer(smtp, "help@desk.test")
    smtp.send(MAIL + b".\r\n")
    answered, text = smtp.getreply()
    assert answered == code
    assert b"bug" not in text
    assert desk.kept == []
    desk.trouble = {}
    smtp.sendmail("cleo@x.test", ["help@desk.test"], MAIL)
    assert len(desk.kept) == 1


def test_an_async_accept_is_awaited(desk: Desk) -> None:
    kept: list[Envelope] = []

    async def accept(envelope: Envelope) -> None:
        kept.append(envelope)

    door = MailDoor(accept, desk.knows)
    door.start()
    with smtplib.SMTP("127.0.0.1", door.smtp_port, "client") as client:
        client.sendmail("cleo@x.test", ["help@desk.test"], MAIL)
    door.stop()
    assert len(kept) == 1


def test_recipients_that_are_not_ours_are_refused_and_unchecked_ones_asked_to_wait(
    smtp: smtplib.SMTP,
) -> None:
    assert smtp.docmd("MAIL FROM:<cleo@x.test>")[0] == 250
    assert smtp.docmd("RCPT TO:<other@elsewhere.test>")[0] == 550
    assert smtp.docmd("RCPT TO:<unchecked@desk.test>")[0] == 451
    assert smtp.docmd("RCPT TO:<help@desk.test>")[0] == 250


def test_lmtp_answers_for_each_recipient(desk: Desk, lmtp: smtplib.LMTP) -> None:
    desk.trouble = {"b@desk.test": Unavailable("away"), "c@desk.test": NotFound("closed")}
    offer(lmtp, "a@desk.test", "b@desk.test", "c@desk.test")
    lmtp.send(MAIL + b".\r\n")
    assert [lmtp.getreply()[0] for _ in range(3)] == [250, 451, 550]
    assert [(kept.recipients, kept.protocol) for kept in desk.kept] == [(("a@desk.test",), "LMTP")]
    assert lmtp.noop()[0] == 250


def test_a_mail_over_the_limit_is_refused_when_announced_and_when_not(desk: Desk) -> None:
    with opened(desk, DoorLimits(mail_bytes=1000)) as door:
        with smtplib.SMTP("127.0.0.1", door.smtp_port, "client") as client:
            client.ehlo()
            assert client.docmd("MAIL FROM:<cleo@x.test> SIZE=1001")[0] == 552
            offer(client, "help@desk.test")
            client.send((b"x" * 98 + b"\r\n") * 11 + b".\r\n")
            assert client.getreply()[0] == 552
            offer(client, "help@desk.test")
            client.send((b"x" * 98 + b"\r\n") * 9 + b".\r\n")
            assert client.getreply()[0] == 250
        with smtplib.LMTP("127.0.0.1", door.lmtp_port, "client") as client:
            client.ehlo()
            offer(client, "a@desk.test", "b@desk.test")
            client.send((b"x" * 98 + b"\r\n") * 11 + b".\r\n")
            assert [client.getreply()[0], client.getreply()[0], client.noop()[0]] == [552, 552, 250]
    assert len(desk.kept) == 1


def test_a_real_mail_of_25_megabytes_fits(desk: Desk, smtp: smtplib.SMTP) -> None:
    line = b"x" * 76 + b"\r\n"
    large = MAIL + line * ((25 * 1024 * 1024 - len(MAIL)) // len(line))
    smtp.sendmail("cleo@x.test", ["help@desk.test"], large)
    assert len(desk.kept[0].raw) == len(large)
    with pytest.raises(smtplib.SMTPResponseException, match="552"):
        smtp.sendmail("cleo@x.test", ["help@desk.test"], large + line * 2)


def test_long_lines_are_taken(desk: Desk, smtp: smtplib.SMTP) -> None:
    smtp.sendmail("cleo@x.test", ["help@desk.test"], MAIL + b"x" * 20_000 + b"\r\n")
    assert len(desk.kept[0].raw) > 20_000


@pytest.mark.parametrize("lookalike", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r", b"\r.\r\n"])
def test_only_a_dot_between_two_crlf_ends_a_mail(desk: Desk, smtp: smtplib.SMTP, lookalike: bytes) -> None:
    smuggled = b"MAIL FROM:<evil@x.test>\r\nRCPT TO:<help@desk.test>\r\nDATA\r\nsmuggled\r\n"
    offer(smtp, "help@desk.test")
    smtp.send(MAIL + lookalike + smuggled + b".\r\n")
    assert smtp.getreply()[0] == 250
    assert smtp.noop()[0] == 250
    [only] = desk.kept
    assert only.sender == "cleo@x.test"
    assert b"smuggled" in only.raw


def test_addresses_beyond_ascii_come_in(desk: Desk, smtp: smtplib.SMTP) -> None:
    smtp.command_encoding = "utf-8"
    assert smtp.docmd("MAIL FROM:<jürgen@exämple.test> SMTPUTF8")[0] == 250
    assert smtp.docmd("RCPT TO:<grüße@desk.test>")[0] == 250
    smtp.data(MAIL)
    assert (desk.kept[0].sender, desk.kept[0].recipients) == ("jürgen@exämple.test", ("grüße@desk.test",))


@pytest.mark.parametrize(
    "command", ["MAIL FROM:<", "MAIL FROM:<@>", "RCPT", "DATA", "EHLO", "\x00", "MAIL FROM:<a\x00b@x>"]
)
def test_malformed_commands_are_answered_and_do_no_harm(desk: Desk, door: MailDoor, command: str) -> None:
    with smtplib.SMTP("127.0.0.1", door.smtp_port, "client", timeout=60) as client:
        client.ehlo()
        code, text = client.docmd(command)
        assert 500 <= code < 600
        assert b"Error)" not in text
        client.rset()
        client.sendmail("cleo@x.test", ["help@desk.test"], MAIL)
    assert len(desk.kept) == 1


def test_when_the_house_is_full_newcomers_are_asked_to_come_back(desk: Desk) -> None:
    with opened(desk, DoorLimits(connections=2)) as door:
        guests = [socket.create_connection(("127.0.0.1", door.smtp_port), timeout=60) for _ in range(2)]
        assert all(guest.recv(100).startswith(b"220") for guest in guests)
        with socket.create_connection(("127.0.0.1", door.smtp_port), timeout=60) as third:
            assert third.recv(100).startswith(b"421")
            assert third.recv(100) == b""
        guests[0].close()
        assert wait_until(lambda: greeted(door))
        guests[1].close()


def greeted(door: MailDoor) -> bool:
    with socket.create_connection(("127.0.0.1", door.smtp_port), timeout=60) as line:
        return line.recv(100).startswith(b"220")


def wait_until(holds: Callable[[], bool], seconds: float = 60) -> bool:
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        if holds():
            return True
        time.sleep(0.05)
    return False


def test_who_says_nothing_is_shown_out_also_in_the_middle_of_a_mail(desk: Desk) -> None:
    with (
        opened(desk, DoorLimits(idle_seconds=0.5)) as door,
        socket.create_connection(("127.0.0.1", door.smtp_port), timeout=60) as idle,
    ):
        assert idle.recv(100).startswith(b"220")
        assert idle.recv(100) == b""
    # Time enough to begin a mail on a busy machine.
    with (
        opened(desk, DoorLimits(idle_seconds=3)) as door,
        smtplib.SMTP("127.0.0.1", door.smtp_port, "client", timeout=60) as client,
    ):
        client.ehlo()
        offer(client, "help@desk.test")
        client.send(b"half a mail\r\n")
        with pytest.raises(smtplib.SMTPServerDisconnected):
            client.getreply()
    assert desk.kept == []


def test_too_many_recipients_are_asked_for_in_another_mail(desk: Desk) -> None:
    with (
        opened(desk, DoorLimits(recipients=2)) as door,
        smtplib.SMTP("127.0.0.1", door.smtp_port, "c") as client,
    ):
        client.ehlo()
        client.docmd("MAIL FROM:<cleo@x.test>")
        answers = [client.docmd(f"RCPT TO:<{number}@desk.test>")[0] for number in range(3)]
    assert answers == [250, 250, 452]


def test_stopping_lets_a_mail_that_is_being_committed_finish(desk: Desk) -> None:
    desk.may_commit.clear()
    with opened(desk) as door:
        client = smtplib.SMTP("127.0.0.1", door.smtp_port, "client", timeout=60)
        client.ehlo()
        offer(client, "help@desk.test")
        client.send(MAIL + b".\r\n")
        assert desk.committing.wait(60)
        stopping = threading.Thread(target=door.stop)
        stopping.start()
        time.sleep(0.2)
        desk.may_commit.set()
        assert client.getreply()[0] == 250
        stopping.join(60)
        client.close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", door.smtp_port), timeout=1)


def test_a_port_in_use_is_said(desk: Desk, door: MailDoor) -> None:
    with pytest.raises(Misconfigured, match="cannot listen"):
        MailDoor(desk.accept, desk.knows, smtp_port=door.smtp_port).start()
