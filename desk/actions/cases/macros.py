"""Macros: several deeds behind one key, all of them or none."""

from __future__ import annotations

from typing import Any

from desk.actions.cases.canned import filled, values_for
from desk.actions.cases.deeds import case_to_change, resolve_case
from desk.actions.cases.edits import CaseEdit, apply_edit, with_tags
from desk.actions.routing.assignments import assign
from desk.model.agent import Macro
from desk.model.case import Case, Priority
from desk.model.errors import Invalid, NotFound
from desk.store.unit_of_work import Work


def run_macro(work: Work, case_id: int, macro_id: int) -> tuple[Case, str]:
    """Do every step on the case; returns it with the text for the composer, which may be empty.

    Raises NotFound, and whatever a step raises: then nothing is done.
    """
    case = case_to_change(work, case_id)
    macro = work.session.get(Macro, macro_id)
    if macro is None:
        raise NotFound(f"There is no macro {macro_id}.")
    texts = [_do(work, case, step["do"], step.get("value")) for step in macro.steps]
    return case, "\n\n".join(text for text in texts if text)


def _do(work: Work, case: Case, deed: str, value: Any) -> str:
    """One step; returns the text that it adds to the composer."""
    if deed == "reply_text":
        return filled(str(value), values_for(work, case))
    if deed == "assign_me":
        assign(work, case, work.actor.agent_id)
    elif deed == "resolve":
        resolve_case(work, case.id, str(value or "") or None)
    else:
        apply_edit(work, case, _edit(case, deed, value))
    return ""


def _edit(case: Case, deed: str, value: Any) -> CaseEdit:
    if deed == "add_tag":
        return with_tags(case, add=[str(value)])
    if deed == "remove_tag":
        return with_tags(case, remove=[str(value)])
    if deed == "set_priority":
        return CaseEdit(frozenset({"priority"}), priority=Priority(value))
    if deed == "set_category":
        return CaseEdit(frozenset({"category_id"}), category_id=int(value))
    if deed == "set_queue":
        return CaseEdit(frozenset({"queue_id"}), queue_id=int(value))
    raise Invalid(f"This macro has a step “{deed}” that is not known here.")
