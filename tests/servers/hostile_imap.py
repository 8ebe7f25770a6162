"""An IMAP server that speaks just enough to be read, and breaks its word as it is told."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_DATE = '"24-Nov-2026 10:00:00 +0000"'


@dataclass
class HostileImap:
    """One mailbox and its bad habits.

    `refused` UIDs make every FETCH that names them fail; `vanished` ones are listed but not there;
    `announced` literals have another length than they say; `burst` comes in one packet with the
    answer to IDLE; `goodbye` ends the connection at the next body FETCH, and
    `hangs_up_at_idle` at IDLE.
    """

    port: int = 0
    capabilities: str = "IMAP4REV1 IDLE UIDPLUS MOVE"
    uidvalidity: int = 1
    mails: dict[int, bytes] = field(default_factory=dict)
    sizes: dict[int, int] = field(default_factory=dict)
    refused: set[int] = field(default_factory=set)
    vanished: set[int] = field(default_factory=set)
    announced: dict[int, int] = field(default_factory=dict)
    burst: bytes = b""
    goodbye: bool = False
    hangs_up_at_idle: bool = False
    login_answer: str = "OK welcome"
    commands: list[str] = field(default_factory=list)


@contextmanager
def hostile_imap() -> Iterator[HostileImap]:
    """Start a server on a free loopback port."""
    server = HostileImap()
    lines: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.port = listener.getsockname()[1]
        thread = threading.Thread(target=_receive_guests, args=(server, listener, lines))
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for line in lines:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
            thread.join()


def _receive_guests(server: HostileImap, listener: socket.socket, lines: list[socket.socket]) -> None:
    guests: list[threading.Thread] = []
    with suppress(OSError):
        while True:
            line, _ = listener.accept()
            lines.append(line)
            guests.append(threading.Thread(target=_converse, args=(server, line)))
            guests[-1].start()
    for guest in guests:
        guest.join()


def _converse(server: HostileImap, line: socket.socket) -> None:
    with line, suppress(OSError, _HangUp), line.makefile("rb") as commands:
        line.sendall(b"* OK ready\r\n")
        for command in commands:
            tag, _, said = command.decode().strip().partition(" ")
            server.commands.append(said)
            if said.upper().startswith("IDLE"):
                _idle(server, line, commands, tag)
            else:
                line.sendall(_answer(server, tag, said))


class _HangUp(Exception):
    pass


def _idle(server: HostileImap, line: socket.socket, commands: Iterator[bytes], tag: str) -> None:
    if server.hangs_up_at_idle:
        raise _HangUp
    line.sendall(b"+ idling\r\n" + server.burst)
    next(commands, b"")
    line.sendall(f"{tag} OK done\r\n".encode())


def _answer(server: HostileImap, tag: str, said: str) -> bytes:
    verb = said.upper().removeprefix("UID ").partition(" ")[0]
    ok = f"{tag} OK done\r\n".encode()
    match verb:
        case "CAPABILITY":
            return f"* CAPABILITY {server.capabilities}\r\n".encode() + ok
        case "LOGIN":
            return f"{tag} {server.login_answer}\r\n".encode()
        case "SELECT":
            uidnext = max(server.mails, default=0) + 1
            return (
                f"* {len(server.mails)} EXISTS\r\n* OK [UIDVALIDITY {server.uidvalidity}] valid\r\n"
                f"* OK [UIDNEXT {uidnext}] next\r\n{tag} OK [READ-WRITE] done\r\n"
            ).encode()
        case "SEARCH":
            return _search(server, said) + ok
        case "FETCH":
            return _fetch(server, tag, said)
        case "LIST":
            return b'* LIST () "/" "INBOX"\r\n' + ok
        case "LOGOUT":
            return b"* BYE\r\n" + ok
        case _:
            return ok


def _search(server: HostileImap, said: str) -> bytes:
    wanted = re.search(r"UID (\d+)(?::(\d+))?$", said)
    first, last = (int(wanted[1]), int(wanted[2] or wanted[1])) if wanted else (1, 2**32)
    found = [uid for uid in server.mails if first <= uid <= last]
    return f"* SEARCH {' '.join(map(str, found))}\r\n".encode()


def _fetch(server: HostileImap, tag: str, said: str) -> bytes:
    uids = [int(uid) for uid in said.split()[2].split(",")]
    if "BODY" in said and server.goodbye:
        raise _HangUp
    if "BODY" in said and server.refused.intersection(uids):
        return f"{tag} NO this message is corrupt\r\n".encode()
    answer = b""
    for number, uid in enumerate(uids, start=1):
        if uid not in server.mails or ("BODY" in said and uid in server.vanished):
            continue
        answer += _one(server, number, uid, said)
    return answer + f"{tag} OK done\r\n".encode()


def _one(server: HostileImap, number: int, uid: int, said: str) -> bytes:
    raw = server.mails[uid]
    if "BODY" not in said:
        size = server.sizes.get(uid, len(raw))
        return f"* {number} FETCH (UID {uid} INTERNALDATE {_DATE} RFC822.SIZE {size})\r\n".encode()
    part = "BODY[HEADER]" if "HEADER" in said else "BODY[]"
    given = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if "HEADER" in said else raw
    announced = server.announced.get(uid, len(given))
    return f"* {number} FETCH (UID {uid} {part} {{{announced}}}\r\n".encode() + given + b")\r\n"
