"""Handing mail over: whatever the server does, we know who has it, who never will, and what is uncertain."""

from __future__ import annotations

import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from desk.channels.email.smtp import Refusal, SmtpSession, send
from desk.channels.email.smtp_line import SmtpAccount
from desk.channels.email.wire import Encryption
from desk.model.errors import TryAgain, Uncertain, Undeliverable
from tests.servers.smtp_sink import Behaviour, Sink, smtp_sink

MAIL = b"From: desk@shop.test\r\nMessage-ID: <1@shop.test>\r\nSubject: Hello\r\n\r\nHello\r\n"


def plain(port: int) -> SmtpAccount:
    return SmtpAccount("127.0.0.1", port=port, encryption=Encryption.PLAIN)


def send_to(sink: Sink, *recipients: str, raw: bytes = MAIL, **options: float) -> object:
    return send(plain(sink.port), "desk@shop.test", recipients, raw, **options)


def test_a_mail_is_handed_over_byte_for_byte(sink: Sink) -> None:
    dotted = MAIL + b".\r\n..\r\n.a\r\n"
    result = send(plain(sink.port), "desk@shop.test", ["cleo@x.test"], dotted)
    assert (result.accepted, result.refused, result.reply) == (("cleo@x.test",), {}, "Kept")
    assert [(kept.sender, kept.recipients, kept.raw) for kept in sink.kept] == [
        ("desk@shop.test", ("cleo@x.test",), dotted)
    ]


def test_an_empty_sender_asks_for_no_answer(sink: Sink) -> None:
    send(plain(sink.port), "", ["cleo@x.test"], MAIL)
    assert sink.kept[0].sender == ""


def test_a_server_that_wants_us_later_is_tried_again(sink: Sink) -> None:
    sink.senders = deque(["451 4.7.1 Greylisted"])
    with SmtpSession(plain(sink.port)) as session:
        with pytest.raises(TryAgain, match="Greylisted"):
            session.send("desk@shop.test", ["cleo@x.test"], MAIL)
        assert session.send("desk@shop.test", ["cleo@x.test"], MAIL).accepted == ("cleo@x.test",)
    assert sink.connections == 1


def test_a_server_that_closes_on_us_is_tried_again(sink: Sink) -> None:
    sink.senders = deque(["421 4.3.2 Shutting down"])
    with pytest.raises(TryAgain, match="Shutting down"):
        send_to(sink, "cleo@x.test")
    send_to(sink, "cleo@x.test")
    assert len(sink.kept) == 1


@pytest.mark.parametrize(("answer", "error"), [("452 4.2.2 Full", TryAgain), ("552 5.2.3 No", Undeliverable)])
def test_a_verdict_after_the_dot_is_believed(sink: Sink, answer: str, error: type[Exception]) -> None:
    sink.verdicts = deque([answer])
    with pytest.raises(error, match=answer):
        send_to(sink, "cleo@x.test")
    assert sink.kept == []


def test_one_refused_recipient_does_not_cost_the_others_their_mail(sink: Sink) -> None:
    sink.recipients = {"gone@x.test": deque(["550 5.1.1 No such user"]), "full@x.test": deque(["452 Full"])}
    result = send(plain(sink.port), "desk@shop.test", ["cleo@x.test", "gone@x.test", "full@x.test"], MAIL)
    assert result.accepted == ("cleo@x.test",)
    assert result.refused == {
        "gone@x.test": Refusal(550, "5.1.1 No such user", permanent=True),
        "full@x.test": Refusal(452, "Full", permanent=False),
    }
    assert sink.kept[0].recipients == ("cleo@x.test",)


@pytest.mark.parametrize(("answer", "error"), [("550 No such user", Undeliverable), ("451 Later", TryAgain)])
def test_when_everybody_is_refused_nothing_is_sent(sink: Sink, answer: str, error: type[Exception]) -> None:
    sink.recipients = {name: deque([answer]) for name in ("a@x.test", "b@x.test")}
    with pytest.raises(error, match=answer):
        send_to(sink, "a@x.test", "b@x.test")
    assert sink.kept == []


def test_when_all_are_refused_in_different_ways_each_keeps_its_own_answer(sink: Sink) -> None:
    sink.recipients = {"a@x.test": deque(["550 Gone"]), "b@x.test": deque(["451 Later"])}
    result = send(plain(sink.port), "desk@shop.test", ["a@x.test", "b@x.test"], MAIL)
    assert result.accepted == ()
    assert {who: refusal.permanent for who, refusal in result.refused.items()} == {
        "a@x.test": True,
        "b@x.test": False,
    }


@pytest.mark.parametrize("behaviour", list(Behaviour))
def test_silence_after_the_dot_is_uncertain_whether_or_not_the_mail_was_kept(
    sink: Sink, behaviour: Behaviour
) -> None:
    sink.verdicts = deque([behaviour])
    with pytest.raises(Uncertain, match="the answer never came"):
        send_to(sink, "cleo@x.test", verdict_timeout=1)
    assert len(sink.kept) == (0 if behaviour is Behaviour.DROP_AFTER_DOT else 1)


Script = Callable[[socket.socket], None]


@pytest.fixture
def scripted() -> Iterator[Callable[[Script], int]]:
    """A server that does exactly what a script says, on a free port."""
    threads: list[threading.Thread] = []
    listeners: list[socket.socket] = []

    def start(script: Script) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def serve() -> None:
            try:
                line, _ = listener.accept()
                with line:
                    script(line)
            except OSError:
                return

        threads.append(threading.Thread(target=serve))
        threads[-1].start()
        port: int = listener.getsockname()[1]
        return port

    yield start
    for listener in listeners:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join()


def up_to_data(line: socket.socket) -> None:
    line.sendall(b"220 ready\r\n")
    for answer in (b"250 hello\r\n", b"250 sender\r\n", b"250 recipient\r\n", b"354 go\r\n"):
        line.recv(4096)
        line.sendall(answer)


def test_a_line_cut_in_the_middle_of_the_mail_is_not_uncertain(
    scripted: Callable[[Script], int],
) -> None:
    def cut_before_dot(line: socket.socket) -> None:
        up_to_data(line)
        line.recv(1000)
        # Closing with unread bytes resets the connection.

    with pytest.raises(TryAgain):
        send(plain(scripted(cut_before_dot)), "a@x.test", ["b@x.test"], MAIL + b"x" * 8_000_000)


def test_a_server_that_stops_reading_is_given_up_before_the_dot(scripted: Callable[[Script], int]) -> None:
    done = threading.Event()

    def stop_reading(line: socket.socket) -> None:
        up_to_data(line)
        done.wait(20)

    with pytest.raises(TryAgain):
        send(plain(scripted(stop_reading)), "a@x.test", ["b@x.test"], MAIL + b"x" * 20_000_000, timeout=1)
    done.set()


def test_an_answer_that_makes_no_sense_after_the_dot_is_uncertain(scripted: Callable[[Script], int]) -> None:
    def babble(line: socket.socket) -> None:
        up_to_data(line)
        seen = b""
        while not seen.endswith(b"\r\n.\r\n"):
            seen += line.recv(4096)
        line.sendall(b"hello there\r\n")
        line.recv(4096)

    with pytest.raises(Uncertain, match="makes no sense"):
        send(plain(scripted(babble)), "a@x.test", ["b@x.test"], MAIL)


def test_a_silent_server_and_a_closed_port_are_tried_again(scripted: Callable[[Script], int]) -> None:
    done = threading.Event()

    def say_nothing(line: socket.socket) -> None:
        done.wait(60)

    silent = scripted(say_nothing)
    began = time.monotonic()
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(TryAgain, match="Nothing listens"):
            send(plain(unused.getsockname()[1]), "a@x.test", ["b@x.test"], MAIL)
    with pytest.raises(TryAgain):
        send(plain(silent), "a@x.test", ["b@x.test"], MAIL, timeout=1)
    done.set()
    assert time.monotonic() - began < 60


def test_a_server_that_answers_drop_by_drop_cannot_keep_us(scripted: Callable[[Script], int]) -> None:
    def drip(line: socket.socket) -> None:
        line.sendall(b"220 ready\r\n")
        line.recv(4096)
        line.sendall(b"250 hello\r\n")
        line.recv(4096)
        while True:
            line.sendall(b"2")
            time.sleep(0.2)

    with SmtpSession(plain(scripted(drip)), whole_timeout=1.5) as session, pytest.raises(TryAgain):
        session.send("a@x.test", ["b@x.test"], MAIL)


def test_one_connection_carries_a_batch(sink: Sink) -> None:
    with SmtpSession(plain(sink.port)) as session:
        for _ in range(5):
            session.send("desk@shop.test", ["cleo@x.test"], MAIL)
    assert (len(sink.kept), sink.connections) == (5, 1)


def test_a_connection_that_went_stale_between_two_mails_is_opened_again(sink: Sink) -> None:
    sink.hang_up_when_idle = True
    with SmtpSession(plain(sink.port)) as session:
        session.send("desk@shop.test", ["cleo@x.test"], MAIL)
        while sink.lines[0].get_extra_info("socket").fileno() >= 0:
            time.sleep(0.01)
        session.send("desk@shop.test", ["cleo@x.test"], MAIL)
    assert (len(sink.kept), sink.connections) == (2, 2)


@pytest.mark.parametrize(
    "lookalike", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r", b"\r.\r\n", b"\r\n.\r\n"]
)
def test_no_body_can_end_the_mail_and_start_another(sink: Sink, lookalike: bytes) -> None:
    hostile = MAIL + b"x" + lookalike + b"MAIL FROM:<evil@x.test>" + lookalike + b"end"
    send(plain(sink.port), "desk@shop.test", ["cleo@x.test"], hostile)
    [only] = sink.kept
    assert only.sender == "desk@shop.test"
    assert b"\n" not in only.raw.replace(b"\r\n", b"")
    assert only.raw.endswith(b"end\r\n")


@pytest.mark.parametrize(
    "address", ["a@x.test> SIZE=1", "a@x.test\r\nRCPT TO:<evil@x.test>", "", "a b@x.test"]
)
def test_an_address_cannot_carry_a_command(sink: Sink, address: str) -> None:
    result = send(plain(sink.port), "desk@shop.test", [address, "cleo@x.test"], MAIL)
    assert sink.kept[0].recipients == ("cleo@x.test",)
    assert result.refused[address].permanent
    with pytest.raises(Undeliverable, match="None of the recipients"):
        send(plain(sink.port), "desk@shop.test", [address], MAIL)


def test_a_sender_cannot_carry_a_command(sink: Sink) -> None:
    with pytest.raises(Undeliverable, match="cannot be a sender"):
        send(plain(sink.port), "a@x.test>\r\nDATA", ["cleo@x.test"], MAIL)


def test_addresses_and_bodies_beyond_ascii_are_announced(sink: Sink) -> None:
    send(plain(sink.port), "desk@shop.test", ["jürgen@exämple.test"], MAIL + "grüße\r\n".encode())
    [only] = sink.kept
    assert only.recipients == ("jürgen@exämple.test",)
    assert {"SMTPUTF8", "BODY=8BITMIME"} <= set(only.options)


def test_without_smtputf8_a_domain_is_written_in_ascii_and_a_local_part_is_refused() -> None:
    with smtp_sink(international=False) as sink:
        send_to(sink, "info@exämple.test")
        assert sink.kept[0].recipients == ("info@xn--exmple-cua.test",)
        with pytest.raises(Undeliverable, match="SMTPUTF8"):
            send_to(sink, "jürgen@example.test")


def test_a_mail_the_server_finds_too_large_is_not_even_begun() -> None:
    with smtp_sink(size_limit=100) as sink:
        with pytest.raises(Undeliverable, match="takes at most 100"):
            send_to(sink, "cleo@x.test", raw=MAIL + b"x" * 100)
        assert sink.kept == []
