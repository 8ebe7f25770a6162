"""The work on cases, kept: told from small rows where these are up to date, from the messages where not.

What figures need of messages (what answers took, turns, whether a customer wrote again) is kept a case. The
journal says which cases changed since: these, and cases of which nothing is kept, are asked directly in the
same statement, which sees both as of one moment. So no figure waits for what is kept, and none differs.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from desk.model.case_work import WorkMark
from desk.store.cases import answer_time
from desk.store.cases.answer_time import TURNS

MARK = 1

# An entry has no position until the relay hands it on, which may be after its deed was seen.
CHANGED = f"""
    changed AS MATERIALIZED (
      SELECT case_id FROM journal WHERE case_id IS NOT NULL
        AND position > coalesce((SELECT position FROM work_marks WHERE id = {MARK}), 0)
      UNION SELECT case_id FROM journal WHERE case_id IS NOT NULL AND position IS NULL
    )
"""  # noqa: S608 - put together from constants, as all here
"""A table of a WITH: the cases of which what is kept may be out of date."""

_IS_KEPT = "k.case_id IS NOT NULL AND d.case_id IS NULL"
WROTE_AGAIN = f"CASE WHEN {_IS_KEPT} THEN k.wrote_again ELSE {answer_time.WROTE_AGAIN} END"
"""Whether the customer of case `c` wrote after our first answer, up to its resolution; with `joined`."""


def joined(case: str) -> str:
    """What is kept of the case, for a FROM after `CHANGED`. `case` is the column that holds its number."""
    return f"LEFT JOIN case_work k ON k.case_id = {case} LEFT JOIN changed d ON d.case_id = {case}"


def took(case: str) -> str:
    """How long the answers and notes of a case took, NULL where there are none; with `joined(case)`."""
    return f"CASE WHEN {_IS_KEPT} THEN k.took ELSE {answer_time.took(case)} END"


# A kept row stays, so that only cases beyond the walk may have none.
TURNED = f"""
    {CHANGED}, touched AS MATERIALIZED (
      SELECT c.id AS case_id FROM cases c
      WHERE c.id > coalesce((SELECT walked_to FROM work_marks WHERE id = {MARK}), 0) AND c.last_at >= :begin
        AND (SELECT k.case_id FROM case_work k WHERE k.case_id = c.id) IS NULL
      UNION SELECT case_id FROM changed
    ), {TURNS}, turned AS (
      SELECT k.case_id, k.asked_at, k.answered_at FROM case_turns k
      WHERE k.answered_at >= :begin AND k.answered_at < :until
        AND NOT EXISTS (SELECT FROM changed d WHERE d.case_id = k.case_id)
      UNION ALL SELECT case_id, asked_at, answered_at FROM turns
      WHERE answered_at >= :begin AND answered_at < :until
    )
"""  # noqa: S608
"""Tables of a WITH: `turned` has a row `(case_id, asked_at, answered_at)` each turn that was answered from
`:begin` to before `:until`, in cases in which anything happened since `:begin`."""

_KEEP_WORK = text(
    f"""
    INSERT INTO case_work (case_id, took, wrote_again)
    SELECT c.id, {answer_time.took("c.id")}, {answer_time.WROTE_AGAIN} FROM cases c WHERE c.id = ANY(:cases)
    ON CONFLICT (case_id) DO UPDATE SET took = excluded.took, wrote_again = excluded.wrote_again
    WHERE case_work.took IS DISTINCT FROM excluded.took OR case_work.wrote_again <> excluded.wrote_again
    RETURNING case_id
    """  # noqa: S608
)
_KEEP_TURNS = text(
    f"""
    WITH touched AS (SELECT id AS case_id FROM cases WHERE id = ANY(:cases)), {TURNS}, gone AS (
      DELETE FROM case_turns k WHERE k.case_id = ANY(:cases)
        AND NOT EXISTS (SELECT FROM turns s WHERE s.case_id = k.case_id AND s.turn = k.turn) RETURNING case_id
    ), kept AS (
      INSERT INTO case_turns (case_id, turn, asked_at, answered_at)
      SELECT case_id, turn, asked_at, answered_at FROM turns
      ON CONFLICT (case_id, turn) DO UPDATE
        SET asked_at = excluded.asked_at, answered_at = excluded.answered_at
      WHERE (case_turns.asked_at, case_turns.answered_at) <> (excluded.asked_at, excluded.answered_at)
      RETURNING case_id
    )
    SELECT case_id FROM gone UNION SELECT case_id FROM kept
    """  # noqa: S608
)
_KNOWN = text("SELECT case_id FROM case_work WHERE case_id = ANY(:cases)")
_CHANGED_AMONG = text(f"WITH {CHANGED} SELECT case_id FROM changed WHERE case_id = ANY(:cases)")  # noqa: S608
_ENTRIES = text(
    """
    SELECT position, case_id FROM journal WHERE position > :position ORDER BY position LIMIT :limit
    """
)
_WAITING = text(
    """
    SELECT coalesce((SELECT max(position) FROM journal), 0) - coalesce((SELECT position FROM work_marks), 0)
    """
)
_NEXT = text("SELECT id FROM cases WHERE id > :after ORDER BY id LIMIT :limit")
_WORD = "hashtextextended('case work', 8)"
_TAKE = {
    False: text(f"SELECT pg_try_advisory_xact_lock({_WORD})"),
    True: text(f"SELECT pg_advisory_xact_lock({_WORD}) IS NOT NULL"),
}


def take_work(session: Session, *, wait: bool = False) -> bool:
    """Become the only one who keeps work, until the commit; False where somebody else is at it."""
    return bool(session.scalar(_TAKE[wait]))


def find_mark(session: Session) -> WorkMark | None:
    """How far the work on cases is kept; None before the first of it."""
    return session.get(WorkMark, MARK)


def get_mark(session: Session) -> WorkMark:
    """How far the work on cases is kept, to be moved on by the only one who keeps it."""
    mark = session.get(WorkMark, MARK, populate_existing=True)
    if mark is None:
        mark = WorkMark(id=MARK)
        session.add(mark)
        session.flush()
    return mark


def entries_waiting(session: Session) -> int:
    """How many entries of the journal came after the last that what is kept holds."""
    return session.scalar(_WAITING) or 0


def next_entries(session: Session, position: int, limit: int) -> tuple[int, list[int]]:
    """The position of the last of the next entries, and the cases they are about."""
    rows = session.execute(_ENTRIES, {"position": position, "limit": limit}).all()
    return (rows[-1].position if rows else position), sorted({row.case_id for row in rows if row.case_id})


def next_cases(session: Session, after: int, limit: int) -> Sequence[int]:
    """The cases with the next numbers."""
    return session.scalars(_NEXT, {"after": after, "limit": limit}).all()


def keep(session: Session, cases: Sequence[int]) -> set[int]:
    """Keep the work on these cases as their messages say; those of which something else was kept. Idempotent;
    the caller is the only one who keeps work, and has asked for `cases` in a statement before."""
    bound = {"cases": list(cases)}
    known = set(session.scalars(_KNOWN, bound))
    written = {*session.scalars(_KEEP_WORK, bound), *session.scalars(_KEEP_TURNS, bound)}
    return written & known


def unheard_of(session: Session, cases: set[int]) -> set[int]:
    """Those of the cases that changed with no word of it in what the journal still has to tell."""
    return cases - set(session.scalars(_CHANGED_AMONG, {"cases": list(cases)}))
