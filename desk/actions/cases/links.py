"""Links between cases; nobody links what they may not know of."""

from __future__ import annotations

from desk.actions.cases.access import case_for
from desk.actions.cases.history import note_change
from desk.model.case import Case, CaseLink, LinkKind
from desk.model.errors import Conflict, Invalid, NotFound
from desk.model.permission import Permission
from desk.store.cases.reading import are_linked
from desk.store.unit_of_work import Work


def link_cases(work: Work, case_id: int, other_id: int, kind: LinkKind) -> Case:
    """Link a case to another one, which then shows the link as well.

    Raises NotFound where the actor may not know of one of them, Invalid for one and the same
    case, Conflict where they are linked already.
    """
    if case_id == other_id:
        raise Invalid("A case cannot be linked to itself.", "case_id")
    case = case_for(work, case_id, to=Permission.WORK_CASES, lock=True)
    other = case_for(work, other_id, to=Permission.WORK_CASES)
    if are_linked(work.session, case.id, other.id):
        raise Conflict(f"Cases {case.id} and {other.id} are linked already.")
    work.session.add(CaseLink(case_id=case.id, other_id=other.id, kind=kind, at=work.now))
    sentence = f"{work.actor.name} linked case {other.id} (“{other.subject[:200]}”)"
    note_change(work, case, "link", sentence, after=other.id)
    return case


def unlink(work: Work, link_id: int) -> Case:
    """The two have nothing to do with each other after all. Raises NotFound."""
    link = work.session.get(CaseLink, link_id)
    if link is None:
        raise NotFound(f"There is no link {link_id}.")
    case = case_for(work, link.case_id, to=Permission.WORK_CASES, lock=True)
    case_for(work, link.other_id, to=Permission.WORK_CASES)
    work.session.delete(link)
    note_change(
        work,
        case,
        "link",
        f"{work.actor.name} removed the link to case {link.other_id}",
        before=link.other_id,
    )
    return case
