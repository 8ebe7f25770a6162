"""Sets of questions whose topics are known, the vectors of their texts kept, and mails made of them."""

from __future__ import annotations

import csv
import hashlib
import os
import random
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.environments import cache_folder
from desk.insights.boilerplate import without_boilerplate
from desk.insights.cleaning import question_of
from desk.insights.encoders.learnt import Learnt
from desk.insights.encoders.minilm import DIMENSIONS, MiniLm
from desk.insights.vectors import Vectors, unit_rows
from desk.model.masking import spoken

CORPORA = (
    Path(os.environ.get("DESK_CORPORA") or Path(__file__).parents[2] / "shared" / "corpora") / "questions"
)


@dataclass(frozen=True)
class QuestionSet:
    """Questions and the name of the true topic of each."""

    name: str
    texts: list[str]
    topics: list[str]


def question_set(path: Path) -> QuestionSet:
    """A CSV file with the columns `text` and `label`."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return QuestionSet(path.stem, [row["text"] for row in rows], [row["label"] for row in rows])


def as_read(texts: Sequence[str]) -> list[str]:
    """The texts as the encoder gets them, cleaned until cleaning them again changes nothing."""
    read = list(texts)
    for _ in range(4):
        again = [spoken(text) for text in without_boilerplate([question_of(text) for text in read])]
        if again == read:
            break
        read = again
    return read


class KeptVectors:
    """The encoder that ships, with a memory: a text that was read in an earlier run is not read again."""

    name = MiniLm.name
    model_id = MiniLm.model_id
    lexical_share = MiniLm.lexical_share
    learnt = MiniLm.learnt

    def __init__(self) -> None:
        self._encoder: MiniLm | None = None
        self._kept = sqlite3.connect(cache_folder() / f"vectors-{self.model_id.replace(':', '-')}.sqlite")
        self._kept.execute(
            "CREATE TABLE IF NOT EXISTS vectors (digest BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID"
        )

    def believe(self, learnt: Learnt) -> None:
        """As the encoder does."""
        self._model().believe(learnt)

    def covers(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        """As the encoder does."""
        return self._model().covers(texts)

    def encode(self, texts: Sequence[str], told: Callable[[int], None] = lambda done: None) -> Vectors:
        """As the encoder does; only texts that were never read are."""
        digests = [hashlib.blake2b(text.encode(), digest_size=16).digest() for text in texts]
        found = self._found(set(digests))
        missing = {digest: text for digest, text in zip(digests, texts, strict=True) if digest not in found}
        new: Iterable[Vectors] = self._model().encode(list(missing.values()), told) if missing else ()
        with self._kept:
            self._kept.executemany(
                "INSERT OR IGNORE INTO vectors VALUES (?, ?)",
                [(digest, row.tobytes()) for digest, row in zip(missing, new, strict=True)],
            )
        found |= dict(zip(missing, new, strict=True))
        return np.array([found[digest] for digest in digests], np.float32).reshape(-1, DIMENSIONS)

    def _found(self, digests: set[bytes]) -> dict[bytes, Vectors]:
        found = {}
        for digest in digests:
            row = self._kept.execute("SELECT vector FROM vectors WHERE digest = ?", (digest,)).fetchone()
            if row:
                found[digest] = np.frombuffer(row[0], np.float32)
        return found

    def _model(self) -> MiniLm:
        self._encoder = self._encoder or MiniLm()
        return self._encoder


GREETINGS = (
    "Hi there,", "Hello,", "Dear team,", "Good morning,", "Hi {name},", "To whom it may concern,", "Hey,",
)  # fmt: skip
OPENINGS = (
    "I hope this finds you well.", "I have been a customer for {number} years.", "Thank you for your time.",
    "I am writing to you because I need some help.", "Sorry to bother you again.", "",  "",
)  # fmt: skip
CLOSINGS = (
    "Thanks a lot for your help!", "I look forward to hearing from you.",
    "Please let me know as soon as possible.", "Any help is appreciated.", "Have a nice day.", "",
)  # fmt: skip
SIGNATURES = (
    "Best regards,\n{name}", "Kind regards\n{name}\nTel. +44 20 7946 0{number}", "Cheers,\n{name}",
    "Sent from my iPhone",
    "-- \n{name}\nThis message is confidential. If you are not the intended recipient, please delete it.",
    "{name}\n\nThe information in this email is confidential and may be privileged.",
)  # fmt: skip
QUOTED = (
    "\n\nOn Mon, 2 Nov 2026 at 10:1{digit}, Support <help@shop.example> wrote:\n> Dear customer,\n"
    "> thank you for your message. "
    "We will get back to you within two days.\n> Your reference is {number}{number}.",
    "",
    "",
)
NAMES = (
    "Ada Miller",
    "Cleo Carter",
    "Sam Ortiz",
    "Priya Shah",
    "Tom Becker",
    "Lena Novak",
    "Omar Haddad",
    "Mei Lin",
)


def as_mails(texts: Sequence[str], seed: int = 5) -> list[str]:
    """Each question in a mail of its own: greeting, chat, thanks, signature, now and then a quotation."""
    dice = random.Random(seed)
    mails = []
    for text in texts:
        about = text[:1].upper() + text[1:]
        said = " ".join(
            filter(
                None,
                [dice.choice(OPENINGS), about if about[-1:] in ".?!" else about + ".", dice.choice(CLOSINGS)],
            )
        )
        mail = f"{dice.choice(GREETINGS)}\n\n{said}\n\n{dice.choice(SIGNATURES)}{dice.choice(QUOTED)}"
        mails.append(
            mail.replace("{name}", dice.choice(NAMES))
            .replace("{number}", str(dice.randrange(100, 999)))
            .replace("{digit}", str(dice.randrange(10)))
        )
    return mails


def swollen(texts: list[str], vectors: Vectors, count: int, seed: int = 7) -> tuple[list[str], Vectors]:
    """`count` questions made of fewer: copies lose a word, and their vectors are moved a little."""
    dice = random.Random(seed)
    noise = np.random.default_rng(seed)
    rows = [*range(min(len(texts), count)), *(dice.randrange(len(texts)) for _ in range(count - len(texts)))]
    said = []
    for number, row in enumerate(rows):
        words = texts[row].split()
        if number >= len(texts) and len(words) > 3:
            del words[dice.randrange(len(words))]
        said.append(" ".join(words) if number >= len(texts) else texts[row])
    moved = vectors[rows].copy()
    moved[len(texts) :] += (
        0.25 / np.sqrt(DIMENSIONS) * noise.standard_normal((max(0, count - len(texts)), DIMENSIONS))
    )
    return said, unit_rows(moved.astype(np.float32))
