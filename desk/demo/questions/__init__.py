"""What customers of the shop ask, and how it goes on: scripts in TOML, by the part they are about."""

from __future__ import annotations

import struct
import tomllib
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from desk.demo.people import Person


@dataclass(frozen=True)
class Question:
    """One script: what the customer `says` and what `we` answer, in turn."""

    subject: str
    says: tuple[str, ...]
    we: tuple[str, ...]
    reason: str
    language: str = "en"
    note: str | None = None
    tags: tuple[str, ...] = ()
    priority: str | None = None
    picture: str | None = None


@cache
def questions() -> tuple[Question, ...]:
    """All scripts, in the order of their files."""
    found = []
    for path in sorted(Path(__file__).parent.glob("*.toml")):
        found += [_question(one) for one in tomllib.loads(path.read_text(encoding="utf-8"))["question"]]
    return tuple(found)


def question_for(person: Person, dice: Random) -> Question:
    """Something this person may ask, in a language they write."""
    possible = [one for one in questions() if one.language == person.language]
    return dice.choice(possible)


def filled(text: str, person: Person, *, agent: str = "", seed: str = "") -> str:
    """A line of a script with this person's names and numbers in it."""
    return text.format(
        name=person.name,
        first=person.first,
        order=person.order,
        product=person.product,
        amount=person.amount,
        agent=agent,
        digits=f"{Random(f'{person.address} {seed}').randint(1000, 9999)}",
    )


def quoted(text: str, who: str) -> str:
    """A mail as most programs quote it below an answer."""
    lines = "\n".join(f"> {line}" for line in text.splitlines())
    return f"{who} wrote:\n{lines}"


def picture(name: str) -> bytes:
    """A small picture to attach: a PNG of soft colours, the same for the same name."""
    dice = Random(name)
    width, height = 320, 240
    low = [dice.randint(20, 120) for _ in range(3)]
    high = [dice.randint(140, 240) for _ in range(3)]
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            share = (x + 2 * y) / (width + 2 * height)
            rows += bytes(int(a + (b - a) * share) for a, b in zip(low, high, strict=True))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(bytes(rows)))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _question(found: dict[str, Any]) -> Question:
    lists: dict[str, Any] = {name: tuple(found.get(name, ())) for name in ("says", "we", "tags")}
    return Question(**{**found, **lists})
