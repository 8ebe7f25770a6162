"""Mails to take in: an ordinary day's, seeded and the same on every run, and a hostile bag."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage

SEED = 20261125
SENDERS = 500
ANSWERS = 0.3

_SAID = (
    "order parcel delivery refund grinder machine filter coupon address return warranty payment please could "
    "you tell me when it should have been here since Monday the water runs out at the bottom with a noise"
)
_WORDS = _SAID.split()


@dataclass(frozen=True)
class Bag:
    """Mails in the order of their arrival, and how many conversations they are."""

    mails: list[bytes]
    threads: int


class Ordinary:
    """45 of 100 plain, 30 with an HTML alternative, 10 HTML alone, 15 with files; 3 of 10 answer another.

    Subjects and bodies come in the four transfer encodings; a tenth of the subjects are encoded words.
    """

    def __init__(self, seed: int = SEED) -> None:
        self._seed, self._chance = seed, random.Random(seed)
        self._written = 0

    def bag(self, count: int) -> Bag:
        """So many mails never handed out before; an answer is to a mail of the same bag."""
        begun: list[int] = []
        first, mails = self._written, []
        for number in range(first, first + count):
            answered = self._chance.choice(begun) if begun and self._chance.random() < ANSWERS else None
            mails.append(self._mail(number, answered))
            begun += [number] if answered is None else []
        self._written += count
        return Bag(mails, len(begun))

    def _mail(self, number: int, answered: int | None) -> bytes:
        chance = self._chance
        mail = EmailMessage()
        sender = (number if answered is None else answered) % SENDERS
        mail["From"] = f"Customer {sender} <c{sender}@bench.test>"
        mail["To"] = "help@bench.example"
        mail["Subject"] = f"Frage {number}: Größe" if chance.random() < 0.1 else f"Question {number}"
        mail["Message-ID"] = self._id(number)
        mail["Date"] = datetime(2026, 3, 2, 9, tzinfo=UTC)
        if answered is not None:
            mail["In-Reply-To"] = mail["References"] = self._id(answered)
        self._fill(mail)
        return mail.as_bytes()

    def _id(self, number: int) -> str:
        return f"<{number}.{self._seed}@bench.test>"

    def _fill(self, mail: EmailMessage) -> None:
        chance = self._chance
        kind, text = chance.random(), self._text()
        page = f"<html><body><p>{text.replace(chr(10), '</p><p>')}</p></body></html>"
        encoding = chance.choice(("7bit", "quoted-printable", "base64", "8bit"))
        if kind < 0.10:
            mail.set_content(page, subtype="html", cte=encoding)
            return
        mail.set_content(text, cte=encoding)
        if kind < 0.40:
            mail.add_alternative(page, subtype="html")
        elif kind < 0.55:
            for n in range(chance.randint(1, 3)):
                size = int(min(200_000, 2_000 * chance.paretovariate(1)))
                mail.add_attachment(
                    chance.randbytes(size), maintype="application", subtype="pdf", filename=f"file {n}.pdf"
                )

    def _text(self) -> str:
        lines = [" ".join(self._chance.choices(_WORDS, k=12)) for _ in range(self._chance.randint(3, 40))]
        return "Hello,\n\n" + "\n".join(lines) + "\n"


def hostile(seed: int = SEED) -> Bag:
    """What should not exist: each mail once, and some a second time; `threads` counts the different ones."""
    made = [_raw(f"nul-{n}", "", b"before \x00 after \x00\x00 and more\r\n" * (1 + n)) for n in range(10)]
    made += [_raw(f"high-{n}", "Content-Type: text/plain; charset=no-such\r\n", bytes(range(128, 256)) * 20)
             for n in range(10)]  # fmt: skip
    made += [
        _raw(f"open-{n}", 'Content-Type: multipart/mixed; boundary="b"\r\n', b"--b\r\nContent-Type: te" * 50)
        for n in range(10)
    ]
    made += [_raw(f"deep-{n}", *_nested(100 + n)) for n in range(5)]
    made += [_raw(f"bomb-{n}", *_bomb(5000)) for n in range(2)]
    made += [_raw(f"refs-{n}", _references(2000 + n), b"hello\r\n") for n in range(10)]
    made += [_raw(f"long-{n}", "X-Long: " + "a" * 200_000 + "\r\n", b"hello\r\n") for n in range(5)]
    made += [
        _raw(f"loop-{n}", "Auto-Submitted: auto-replied\r\nPrecedence: bulk\r\n", b"I am away\r\n")
        for n in range(20)
    ]
    made += [b"", b"\r\n\r\n", b"\x00" * 1000, b"no header at all", b"From: \xff\xfe <>\r\n\r\n\xff"]
    made += Ordinary(seed + 1).bag(100).mails
    chance = random.Random(seed)
    chance.shuffle(made)
    again = [mail for mail in made if b"Message-ID" in mail[:2000]][:30]
    return Bag([*made, *again], len(made))


def _raw(name: str, headers: str, body: bytes) -> bytes:
    head = (
        f"From: Mallory <{name}@evil.test>\r\nTo: help@bench.example\r\nSubject: {name}\r\n"
        f"Message-ID: <{name}@evil.test>\r\nDate: Mon, 2 Mar 2026 09:00:00 +0000\r\nMIME-Version: 1.0\r\n"
    )
    return head.encode() + headers.encode() + b"\r\n" + body


def _nested(depth: int) -> tuple[str, bytes]:
    body = "".join(
        f"--b{n}\r\nContent-Type: multipart/mixed; boundary=b{n + 1}\r\n\r\n" for n in range(depth)
    )
    return "Content-Type: multipart/mixed; boundary=b0\r\n", body.encode() + b"hello\r\n"


def _bomb(parts: int) -> tuple[str, bytes]:
    return "Content-Type: multipart/mixed; boundary=b\r\n", b"--b\r\n\r\nx\r\n" * parts + b"--b--\r\n"


def _references(count: int) -> str:
    return "References: " + "\r\n ".join(f"<{n}@nowhere.test>" for n in range(count)) + "\r\n"
