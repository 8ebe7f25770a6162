"""The row of a case that a message is added to, read and written by the line.

Three mails of ten go on with a case, and nothing but its own row is asked of it: through the mapping, that
row took a quarter of the application's time for all of them. What comes out is a Case like any other, but
one that no session knows.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from sqlalchemy import Enum, inspect
from sqlalchemy.orm import make_transient_to_detached, object_session

from desk.model.case import ACTIVE, Case
from desk.store.line import Line, Statement
from desk.store.unit_of_work import Work

_KEPT = [column for column in Case.__table__.c if column.computed is None]
_WORDS = {
    column.key: column.type.enum_class
    for column in _KEPT
    if isinstance(column.type, Enum) and column.type.enum_class is not None
}
_HOLD = Statement(
    f"""
    SELECT {", ".join(f"c.{column.name}" for column in _KEPT)},
      (SELECT f.tier FROM customers u JOIN customers f ON f.id = coalesce(u.merged_into_id, u.id)
       WHERE u.id = c.customer_id) AS tier,
      EXISTS (SELECT FROM sla_clocks k WHERE k.case_id = c.id) AS has_clocks
    FROM cases c WHERE c.id = :case_id FOR UPDATE OF c
    """  # noqa: S608 - put together from the columns of the table
)
_CHANGED = (
    "status", "waiting_since", "snoozed_until", "resolved_at", "resolution_reason", "last_at", "preview",
    "last_position", "last_inbound_position", "due_at", "due_soon_at", "due_clock", "version",
)  # fmt: skip
"""What a message changes of its case."""

_WRITE = Statement(
    f"UPDATE cases SET {', '.join(f'{name} = :{name}' for name in _CHANGED)} WHERE id = :id"  # noqa: S608
)


class HeldRow:
    """A case whose row is held from the next question on; to look at it sends what waits."""

    def __init__(self, line: Line, case_id: int) -> None:
        self._answer = line.write(_HOLD, {"case_id": case_id}, rows=1, otherwise=f"Case {case_id} is gone.")

    @property
    def goes_on(self) -> bool:
        """Whether a message is simply added to it: neither over nor part of another case."""
        return self.case.status in ACTIVE and self.case.merged_into_id is None

    @property
    def tier(self) -> str:
        """Its customer's."""
        return str(self._row.tier)

    @property
    def has_clocks(self) -> bool:
        return bool(self._row.has_clocks)

    @cached_property
    def case(self) -> Case:
        """As if a session had asked for it and ended; see `keep_row`."""
        read = {column.key: getattr(self._row, column.name) for column in _KEPT}
        for name, word in _WORDS.items():
            if read[name] is not None:
                read[name] = word(read[name])
        number = read.pop("id")
        case = Case(**read)
        case.id = number
        make_transient_to_detached(case)
        return case

    @cached_property
    def _row(self) -> Any:
        (row,) = self._answer.rows
        return row


def hold_row(work: Work, case_id: int) -> HeldRow | None:
    """The case with its row held until the commit; None where the session has it, which knows it better."""
    return None if work.has_loaded(Case, case_id) else HeldRow(work.line, case_id)


def keep_row(work: Work, case: Case) -> None:
    """Write down what was changed of a case; where it was more than a message changes, by the session."""
    if object_session(case) is not None:
        return
    if inspect(case).committed_state.keys() <= set(_CHANGED):
        work.line.write(_WRITE, {"id": case.id, **{name: getattr(case, name) for name in _CHANGED}})
    else:
        work.session.add(case)
