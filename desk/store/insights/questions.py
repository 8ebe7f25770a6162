"""Questions: what was read of contacts, and where each lies."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from desk.model.topic import Question


@dataclass(frozen=True, slots=True)
class Kept:
    """A question as it is kept: its number, its text, where it lies, and whether a person put it there."""

    id: int
    text: str
    found_id: int | None
    by_person: bool


def count_questions(session: Session) -> int:
    """How many there are."""
    return session.scalar(select(func.count()).select_from(Question)) or 0


def newest_questions(session: Session, since: datetime, limit: int) -> list[Kept]:
    """Those asked since, the newest first where there are too many; with words only."""
    rows = session.execute(
        select(Question.id, Question.text, Question.found_id, Question.by_person)
        .where(Question.asked_at >= since, Question.text != "")
        .order_by(Question.asked_at.desc(), Question.id.desc())
        .limit(limit)
    )
    return [Kept(*row) for row in rows]


def unsure_questions(session: Session, since: datetime, limit: int) -> list[Kept]:
    """Those asked since that fit no topic well, and that nobody put where they are."""
    rows = session.execute(
        select(Question.id, Question.text, Question.found_id, Question.by_person)
        .where(
            Question.asked_at >= since,
            ~Question.sure,
            ~Question.by_person,
            Question.text != "",
        )
        .order_by(Question.asked_at.desc(), Question.id.desc())
        .limit(limit)
    )
    return [Kept(*row) for row in rows]


_PLACE = text(
    """
    UPDATE questions q SET found_id = p.topic_id, sure = p.sure
    FROM unnest(CAST(:ids AS bigint[]), CAST(:topics AS bigint[]), CAST(:sure AS bool[]))
      AS p(id, topic_id, sure)
    WHERE q.id = p.id AND (q.found_id IS DISTINCT FROM p.topic_id OR q.sure <> p.sure)
    """
)
_REWORD = text(
    """
    UPDATE questions q SET text = p.text, words_hash = p.hash
    FROM unnest(CAST(:ids AS bigint[]), CAST(:texts AS text[]), CAST(:hashes AS varchar[]))
      AS p(id, text, hash)
    WHERE q.id = p.id
    """
)
_COUNT_FOR = text(
    """
    UPDATE questions q SET topic_id = t.counted_id
    FROM unnest(CAST(:found AS bigint[]), CAST(:counted AS bigint[])) AS t(found_id, counted_id)
    WHERE q.found_id = t.found_id AND q.topic_id IS DISTINCT FROM t.counted_id
    """
)


def place(session: Session, ids: Sequence[int], topics: Sequence[int | None], sure: Sequence[bool]) -> None:
    """These questions lie there from now on; what they count for is told by `count_for`."""
    session.execute(_PLACE, {"ids": list(ids), "topics": list(topics), "sure": list(sure)})


def reword(session: Session, rows: Sequence[tuple[int, str, str]]) -> None:
    """(id, text, hash): what a question is, once it is known what everybody writes."""
    if rows:
        ids, texts, hashes = zip(*rows, strict=True)
        session.execute(_REWORD, {"ids": list(ids), "texts": list(texts), "hashes": list(hashes)})


def count_for(session: Session, counted: Mapping[int, int | None]) -> None:
    """What lies at a topic counts for this one, or for none."""
    session.execute(_COUNT_FOR, {"found": list(counted), "counted": list(counted.values())})
    # Of what lies nowhere, nothing counts.
    session.execute(
        text("UPDATE questions SET topic_id = NULL WHERE found_id IS NULL AND topic_id IS NOT NULL")
    )


def matching(session: Session, topic_id: int, words: str, limit: int) -> tuple[list[int], int]:
    """The questions of a topic that hold the words, as they stand, in any case; and how many it has."""
    pattern = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    mine = Question.topic_id == topic_id
    found = session.scalars(
        select(Question.id)
        .where(mine, Question.text.ilike(f"%{pattern}%"))
        .order_by(Question.id)
        .limit(limit)
    )
    of = session.scalar(select(func.count()).select_from(Question).where(mine)) or 0
    return list(found), of


def pin(session: Session, question_ids: Iterable[int], topic_id: int) -> list[tuple[int, int | None, bool]]:
    """A person says where these lie; (id, where it lay, whether a person had said so) of each before."""
    ids = list(question_ids)
    before = session.execute(
        select(Question.id, Question.found_id, Question.by_person)
        .where(Question.id.in_(ids))
        .order_by(Question.id)
    ).all()
    session.execute(
        text(
            "UPDATE questions SET found_id = :topic, topic_id = :topic, by_person = true, sure = true"
            " WHERE id = ANY(:ids)"
        ),
        {"topic": topic_id, "ids": ids},
    )
    return [(row.id, row.found_id, row.by_person) for row in before]


def unpin(session: Session, before: Sequence[Sequence[Any]]) -> None:
    """As `pin` found them."""
    ids, found, by_person = (list(column) for column in zip(*before, strict=True)) if before else ([], [], [])
    session.execute(
        text(
            "UPDATE questions q SET found_id = p.found_id, by_person = p.by_person FROM"
            " unnest(CAST(:ids AS bigint[]), CAST(:found AS bigint[]), CAST(:pinned AS bool[]))"
            " AS p(id, found_id, by_person) WHERE q.id = p.id"
        ),
        {"ids": ids, "found": found, "pinned": by_person},
    )


def vectors_known(session: Session, model: str, hashes: Iterable[str]) -> dict[str, NDArray[np.float32]]:
    """The vectors that are kept of these texts, by their hash."""
    rows = session.execute(
        text("SELECT hash, vector FROM question_vectors WHERE model = :model AND hash = ANY(:hashes)"),
        {"model": model, "hashes": list(hashes)},
    )
    return {row.hash: np.frombuffer(row.vector, np.float32) for row in rows}


def keep_vectors(session: Session, model: str, made: Mapping[str, NDArray[np.float32]]) -> None:
    """Keep what an encoder made; what is kept already stays."""
    if made:
        session.execute(
            text(
                "INSERT INTO question_vectors (hash, model, vector)"
                " SELECT hash, :model, vector FROM"
                " unnest(CAST(:hashes AS varchar[]), CAST(:vectors AS bytea[])) AS v(hash, vector)"
                " ON CONFLICT DO NOTHING"
            ),
            {
                "model": model,
                "hashes": list(made),
                "vectors": [np.asarray(vector, np.float32).tobytes() for vector in made.values()],
            },
        )


def forget_vectors(session: Session, model: str | None) -> int:
    """Vectors of other models, and of texts that nobody asks any more: erased is erased; how many."""
    return session.execute(  # type: ignore[no-any-return, attr-defined]  # a CursorResult, for a DELETE
        text(
            "DELETE FROM question_vectors v WHERE v.model IS DISTINCT FROM :model"
            " OR NOT EXISTS (SELECT FROM questions q WHERE q.words_hash = v.hash)"
        ),
        {"model": model},
    ).rowcount


# Whoever keeps the first question of a message keeps them all: of two who read it, each in its own way, one
# is believed. Each row holds its case until the commit, so they are written in the order of cases.
_ADD = text(
    """
    WITH read AS (
      SELECT m.case_id, m.id AS message_id, r.ordinal, m.at, c.channel, r.text, r.words_hash, r.topic_id,
        r.found_id, r.sure, r.language_known
      FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(message_id bigint, ordinal bigint, text text,
        words_hash varchar, topic_id bigint, found_id bigint, sure bool, language_known bool)
      JOIN messages m ON m.id = r.message_id JOIN cases c ON c.id = m.case_id
    ), ours AS (
      INSERT INTO questions (case_id, message_id, ordinal, asked_at, channel_kind, text, words_hash, topic_id,
        found_id, sure, by_person, language_known)
      SELECT case_id, message_id, ordinal, at, channel, text, words_hash, topic_id, found_id, sure, false,
        language_known
      FROM read WHERE ordinal = 0 ORDER BY case_id, message_id
      ON CONFLICT DO NOTHING RETURNING message_id
    )
    INSERT INTO questions (case_id, message_id, ordinal, asked_at, channel_kind, text, words_hash, topic_id,
      found_id, sure, by_person, language_known)
    SELECT case_id, message_id, ordinal, at, channel, text, words_hash, topic_id, found_id, sure, false,
      language_known
    FROM read JOIN ours USING (message_id) WHERE ordinal > 0 ORDER BY case_id, message_id, ordinal
    """
)


def add_questions(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows as they were read; whose case and when stand with the message. Of a message that has questions
    already, none is added."""
    session.execute(_ADD, {"rows": json.dumps(list(rows))})


def newest_question(session: Session) -> int:
    """The number of the last one that was kept; 0 where there is none."""
    return session.scalar(select(func.max(Question.id))) or 0


def read_again(session: Session, after: int) -> int:
    """What was kept after this one counts as unread, unless a person placed it; how many that were."""
    return session.execute(  # type: ignore[no-any-return, attr-defined]  # a CursorResult, for a DELETE
        text("DELETE FROM questions WHERE id > :after AND NOT by_person"), {"after": after}
    ).rowcount
