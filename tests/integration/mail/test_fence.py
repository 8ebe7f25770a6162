"""A hostile mail costs its own reading and nothing else; the next mail is fine."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from desk.channels.email.fence import SECONDS_PER_MAIL, Fence
from desk.channels.email.parse import parse
from desk.channels.email.parsed import MAX_MAIL
from desk.model.errors import UnreadableMail

HELLO = b"From: cleo@home.example\nSubject: hi\n\nHello"
HEAD = b"From: a@b.example\n"
LONG_WORK = HEAD + b"Content-Transfer-Encoding: base64\n\n" + b"QUJD" * 6_000_000


@pytest.fixture(scope="module")
def fence() -> Iterator[Fence]:
    with Fence() as one:
        yield one


def test_a_mail_read_behind_the_fence_is_the_same_as_in_front_of_it(fence: Fence) -> None:
    raw = (
        HEAD + b"Content-Type: multipart/mixed; boundary=b\nDate: Mon, 2 Mar 2026 09:00:00 +0000\n\n"
        b"--b\nContent-Type: text/html; charset=cp1252\n\n<p>caf\xe9</p>\n"
        b"--b\nContent-Type: image/png\n\n\x89PNG\n--b--\n"
    )
    assert fence.read(raw) == parse(raw)


def test_a_mail_that_takes_too_long_is_stopped_and_the_next_is_read_by_another_child() -> None:
    with Fence() as fence:
        fence.read(HELLO)
        stopped = fence._child
        fence._seconds = 0.2
        with pytest.raises(UnreadableMail, match="took longer"):
            fence.read(LONG_WORK)
        fence._seconds = SECONDS_PER_MAIL
        assert fence.read(HELLO).text == "Hello"
        assert stopped is not None and stopped.poll() is not None
        assert fence._child is not stopped


def test_a_mail_that_takes_too_much_memory_is_stopped_and_the_next_is_read() -> None:
    with Fence(memory_bytes=90 * 1024 * 1024) as fence:
        with pytest.raises(UnreadableMail, match="memory"):
            fence.read(LONG_WORK)
        assert fence.read(HELLO).text == "Hello"


def test_a_child_that_is_killed_is_replaced(fence: Fence) -> None:
    fence.read(HELLO)
    assert fence._child is not None
    fence._child.kill()
    fence._child.wait()
    assert fence.read(HELLO).text == "Hello"


def test_threads_share_a_fence_and_each_gets_its_own_mail(fence: Fence) -> None:
    read: dict[int, str] = {}

    def read_some(number: int) -> None:
        for _ in range(20):
            read[number] = fence.read(HELLO + str(number).encode()).text
            assert read[number] == f"Hello{number}"

    threads = [threading.Thread(target=read_some, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read == {number: f"Hello{number}" for number in range(8)}


def test_what_is_no_mail_is_refused_with_a_sentence(fence: Fence) -> None:
    for raw in (b"", b"\x00" * 1000, b"\x7fELF" + bytes(range(256)) * 40):
        with pytest.raises(UnreadableMail) as refused:
            fence.read(raw)
        assert refused.value.sentence in {"It is empty.", "There is no header of a mail in it."}


@pytest.mark.parametrize(
    "bomb",
    [
        b"Subject: " + b"=?utf-8?q?a?= " * 20_000 + b"\n" + HEAD + b"\nx",
        b"Content-Type: text/plain" + b"".join(b';\n name*%d*="a"' % n for n in range(20_000)) + b"\n\nx",
        b"Content-Type: text/plain" + b"; a=b" * 50_000 + b"\n" + HEAD + b"\nx",
        HEAD + b"To: " + b"a@b.example, " * 40_000 + b"\n\nx",
        b"From: " + b"(" * 400 + b"\n\nx",
        HEAD + b"To: a@\nMessage-ID: <>\nCc: x@[\n\nx",
        HEAD
        + b"".join(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(2000))
        + b"\nx",
        HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 200_000,
        HEAD + b"Content-Type: text/html\n\n" + b"&" * 1_000_000,
        HEAD + b"Content-Type: text/html\n\n" + b"<div>" * 100_000,
        HEAD + b"Content-Type: text/html\n\n<a " + b"a " * 100_000 + b">",
        HEAD + b"Content-Type: text/html\n\n<table><tr><td>" + b"a" * 200_000 + b"<tr><td>x<td>y" * 5000,
        HEAD + b"Content-Type: text/html\n\n<table>" + b"<td>a" * 15_000 + b"<tr><td>x" * 3000,
        HEAD + b"Content-Type: text/html\n\n<table><tr>" + b"<!--" * 19_000 + b"x" * 400_000,
        HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * 6_000_000,
        HEAD + b"Content-Transfer-Encoding: uuencode\n\nbegin 644 a\n" + b"#0V%T\n" * 4_000_000,
        HEAD + b"\n" + b"\n" * 5_000_000,
        HEAD + b"\n" + b"On aaa " * 700_000,
        HEAD + b"Content-Type: application/ms-tnef\n\n" + b"\x78\x9f\x3e\x22\x00\x00\x01" * 100_000,
    ],
    ids=[
        "words",
        "pieces",
        "parameters",
        "addresses",
        "comments",
        "stumps",
        "depth",
        "parts",
        "entities",
        "tags",
        "attributes",
        "wide",
        "cells",
        "hidden",
        "empty parts",
        "uuencode",
        "lines",
        "attributions",
        "tnef",
    ],
)
def test_a_bomb_is_read_before_the_fence_would_stop_it(fence: Fence, bomb: bytes) -> None:
    assert fence.read(bomb).outcome == "message"


@pytest.mark.parametrize("size", [MAX_MAIL, MAX_MAIL + 1, 4 * MAX_MAIL], ids=["at", "over", "far over"])
def test_the_largest_mail_is_read_and_of_a_larger_one_the_headers(fence: Fence, size: int) -> None:
    raw = b"From: a@b.example\nSubject: big\nContent-Type: application/zip\n\n".ljust(size, b"x")
    mail = fence.read(raw)
    assert mail.subject == "big"
    assert bool(mail.files) == (size == MAX_MAIL)
    assert ("the mail is larger than 25 MB: only its headers were read" in mail.reasons) == (size > MAX_MAIL)
