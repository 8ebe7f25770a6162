"""The fenced child: hostile bytes are parsed where a crash, a bomb or an endless loop costs one mail only.

A long-lived interpreter with limits on memory, files and processes reads mails from a pipe and
answers with JSON and raw bytes, never with pickles. The parent watches the clock, kills what
overruns, and starts another. Run as `python -m desk.channels.email.fence` it is the child.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import orjson

from desk.channels.email.parsed import MAX_MAIL, ParsedMail, from_wire, to_wire
from desk.model.errors import ParserStopped, UnreadableMail
from desk.store.fenced import bare_environment, limit_child, refuse_the_world

SECONDS_PER_MAIL = 10.0
MEMORY_BYTES = 512 * 1024 * 1024
START_SECONDS = 30.0
# A child grows with what it has seen; a fresh one now and then keeps it small.
MAILS_PER_CHILD = 2000
MAX_ANSWER = 256 * 1024 * 1024
_LENGTH = struct.Struct("!Q")


class Overrun(Exception):
    """The child did not answer in time, or died."""


class Fence:
    """Parses mails in a child process. May be shared by threads; mails are read one at a time.

    `read` raises UnreadableMail for what will never be understood, and ParserStopped, one of its
    kind, for what took longer than 10 seconds or more than 512 MB, or crashed the child: that may be
    the machine's fault. The next mail meets a new child.
    """

    def __init__(self, *, seconds: float = SECONDS_PER_MAIL, memory_bytes: int = MEMORY_BYTES) -> None:
        self._seconds = seconds
        self._memory_bytes = memory_bytes
        self._turn = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._read = 0

    def read(self, raw: bytes) -> ParsedMail:
        """The mail in `raw`."""
        with self._turn:
            child = self._ready_child()
            try:
                return _exchange(child, raw[: MAX_MAIL + 1], time.monotonic() + self._seconds)
            except Overrun as overrun:
                self._end_child()
                raise ParserStopped(str(overrun)) from None

    def peak_bytes(self) -> int:
        """The most memory the present child has held, in bytes; 0 without one."""
        if self._child is None:
            return 0
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{self._child.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
        return 0

    def cpu_seconds(self) -> float:
        """What the present child has computed until now; 0 without one."""
        if self._child is None:
            return 0
        fields = Path(f"/proc/{self._child.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """Ends the child; reading again starts another."""
        with self._turn:
            self._end_child()

    def __enter__(self) -> Fence:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ready_child(self) -> subprocess.Popen[bytes]:
        if self._child and (self._child.poll() is not None or self._read >= MAILS_PER_CHILD):
            self._end_child()
        if self._child is None:
            self._child = _started(self._memory_bytes, self._seconds)
            self._read = 0
        self._read += 1
        return self._child

    def _end_child(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe:
                # What a dead child has not taken cannot be flushed to it.
                with contextlib.suppress(OSError):
                    pipe.close()


def _started(memory_bytes: int, seconds: float) -> subprocess.Popen[bytes]:
    """A fresh interpreter, not a fork: a fork of a process with threads may hang on their locks."""
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "desk.channels.email.fence", str(memory_bytes), str(seconds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        close_fds=True,
        start_new_session=True,
        env=bare_environment(),
    )
    assert child.stdin and child.stdout
    os.set_blocking(child.stdin.fileno(), False)
    try:
        if _Answers(child.stdout, time.monotonic() + START_SECONDS).take(1) != b"r":
            raise Overrun("The parser did not start.")
    except Overrun:
        child.kill()
        child.wait()
        child.stdin.close()
        child.stdout.close()
        raise ParserStopped("The parser did not start; the mail can be read again later.") from None
    return child


def _exchange(child: subprocess.Popen[bytes], raw: bytes, deadline: float) -> ParsedMail:
    assert child.stdin and child.stdout
    _send(child.stdin, _LENGTH.pack(len(raw)) + raw, deadline)
    answers = _Answers(child.stdout, deadline)
    answer = orjson.loads(answers.take(answers.length()))
    if "stopped" in answer:
        raise Overrun(answer["stopped"])
    if "unreadable" in answer:
        raise UnreadableMail(answer["unreadable"])
    contents = [answers.take(size) for size in answer["sizes"]]
    return from_wire(answer["mail"], contents)


def _send(pipe: IO[bytes], message: bytes, deadline: float) -> None:
    rest = memoryview(message)
    while rest:
        _wait(pipe, select.POLLOUT, deadline)
        try:
            rest = rest[os.write(pipe.fileno(), rest[: 1024 * 1024]) :]
        except BlockingIOError:
            continue
        except OSError:
            raise Overrun("The mail crashed the parser.") from None


class _Answers:
    """What comes out of the child, read in large pieces: the answer to most mails is in the first."""

    def __init__(self, pipe: IO[bytes], deadline: float) -> None:
        self._pipe, self._deadline = pipe, deadline
        self._pieces = b""

    def length(self) -> int:
        (length,) = _LENGTH.unpack(self.take(_LENGTH.size))
        if length > MAX_ANSWER:
            raise Overrun("The parser's answer is larger than any mail can need.")
        return int(length)

    def take(self, size: int) -> bytes:
        pieces, missing = [self._pieces], size - len(self._pieces)
        while missing > 0:
            _wait(self._pipe, select.POLLIN, self._deadline)
            piece = os.read(self._pipe.fileno(), 1024 * 1024)
            if not piece:
                raise Overrun("The mail crashed the parser, or took more memory than it may.")
            pieces.append(piece)
            missing -= len(piece)
        held = b"".join(pieces)
        self._pieces = held[size:]
        return held[:size]


def _wait(pipe: IO[bytes], event: int, deadline: float) -> None:
    # Not select(): a busy server has descriptors beyond the 1024 it can watch.
    poll = select.poll()
    poll.register(pipe, event)
    left = deadline - time.monotonic()
    if left <= 0 or not poll.poll(left * 1000):
        raise Overrun("The mail took longer to parse than it may.")


def main() -> None:
    """The child: limits first, then the parser, then one mail after the other until the pipe ends."""
    memory_bytes, seconds = int(sys.argv[1]), float(sys.argv[2])
    limit_child(memory_bytes)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    # Whatever a library prints must not end up between our answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    from desk.channels.email.parse import parse

    _warm_up(parse)
    sys.addaudithook(refuse_the_world)
    answers.write(b"r")
    mails = sys.stdin.buffer
    while head := mails.read(_LENGTH.size):
        raw = mails.read(*_LENGTH.unpack(head))
        # The parent's clock may be stopped with the parent; the kernel's is not.
        spent = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        resource.setrlimit(resource.RLIMIT_CPU, (int(spent + seconds) + 1, resource.RLIM_INFINITY))
        answers.write(_answer(parse, raw))


def _warm_up(parse: Callable[..., ParsedMail]) -> None:
    """Loads codecs and grammars now, so that the first mail does not pay for them."""
    parse(b"From: a@b.example\nContent-Type: text/html; charset=windows-1252\n\n<p>warm \xe9</p>")


def _answer(parse: Callable[..., ParsedMail], raw: bytes) -> bytes:
    try:
        plain, contents = to_wire(parse(raw))
        head = orjson.dumps({"mail": plain, "sizes": [len(one) for one in contents]})
    except UnreadableMail as unreadable:
        head, contents = orjson.dumps({"unreadable": unreadable.sentence}), []
    except MemoryError:
        head, contents = orjson.dumps({"stopped": "The mail takes more memory to read than it may."}), []
    except Exception as error:  # the fence's whole point: any failure of any parser is one mail's fate
        sentence = f"The parser failed on this mail ({type(error).__name__})."
        head, contents = orjson.dumps({"unreadable": sentence}), []
    return b"".join([_LENGTH.pack(len(head)), head, *contents])


if __name__ == "__main__":
    main()
