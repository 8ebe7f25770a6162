"""The way to a case: no deed reaches one but through here."""

from __future__ import annotations

from collections.abc import Iterable

from desk.model.case import Case
from desk.model.errors import NotFound
from desk.model.permission import Permission
from desk.store.cases.reading import find_case, locked_cases
from desk.store.sight import seen_among
from desk.store.unit_of_work import Work


def case_for(work: Work, case_id: int, *, to: Permission, lock: bool = False) -> Case:
    """The case, for an actor who may do `to` with it; `lock` holds its row until the commit.

    Raises NotFound where the actor may not know that the case is there, and Forbidden where
    their role may not do it.
    """
    case = find_case(work.session, work.actor, case_id, lock=lock)
    if case is None:
        raise _not_there(case_id)
    work.require(to)
    return case


def check_sight(work: Work, case_id: int, *, to: Permission) -> None:
    """As `case_for`, where nothing of the case is needed but that it is there, and may be known of."""
    if not seen_among(work.session, work.actor, (case_id,)):
        raise _not_there(case_id)
    work.require(to)


def cases_for(work: Work, case_ids: Iterable[int], *, to: Permission) -> dict[int, Case]:
    """Several cases by number, locked in order; those the actor may not know of are left out.

    Raises Forbidden where the role may not do it.
    """
    work.require(to)
    return {case.id: case for case in locked_cases(work.session, work.actor, case_ids)}


def _not_there(case_id: int) -> NotFound:
    return NotFound(f"There is no case {case_id}.")
