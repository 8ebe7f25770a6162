"""The fields of a case, changed one by one, each with its line of history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from desk.actions.cases.deeds import case_to_change
from desk.actions.cases.history import note_change
from desk.actions.clocks.deeds import keep_clocks
from desk.actions.customers.covers import judge_cover
from desk.actions.routing.withdrawals import withdraw_offer
from desk.model.case import Case, Category, CustomField, Priority
from desk.model.errors import Invalid
from desk.model.queue import Queue
from desk.sla.rules import Deed, What
from desk.store.cases.custom_fields import fields_by_key
from desk.store.routing.first_level import queue_before_rise
from desk.store.unit_of_work import Work

MOST_TAGS = 30
LONGEST_TAG = 40


@dataclass(frozen=True, slots=True)
class CaseEdit:
    """What an agent wants of a case; only the names in `given` are meant."""

    given: frozenset[str]
    subject: str = ""
    priority: Priority = Priority.NORMAL
    category_id: int | None = None
    tags: Sequence[str] = ()
    queue_id: int | None = None
    level: int = 1
    fields: Mapping[str, Any] = field(default_factory=dict)


def edit_case(work: Work, case_id: int, edit: CaseEdit, *, version: int | None = None) -> Case:
    """Change the given fields. Raises Conflict for an old `version`, Invalid for what cannot be."""
    case = case_to_change(work, case_id, version=version)
    apply_edit(work, case, edit)
    return case


def apply_edit(work: Work, case: Case, edit: CaseEdit) -> None:
    """The same for a case whose row is held already."""
    for name in ("subject", "priority", "category_id", "tags", "queue_id", "level", "fields"):
        if name in edit.given:
            _CHANGES[name](work, case, edit)


def with_tags(case: Case, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> CaseEdit:
    """The edit that adds and removes tags, leaving the others in their order."""
    kept = [tag for tag in case.tags if tag not in remove]
    return CaseEdit(frozenset({"tags"}), tags=[*kept, *(tag for tag in add if tag not in kept)])


def _change_subject(work: Work, case: Case, edit: CaseEdit) -> None:
    subject = " ".join(edit.subject.split())
    if not subject:
        raise Invalid("A case needs a subject.", "subject")
    if _set(work, case, "subject", subject[:998], f"changed the subject to “{subject[:200]}”"):
        judge_cover(work, case)


def _change_priority(work: Work, case: Case, edit: CaseEdit) -> None:
    sentence = f"set the priority to {edit.priority.value}"
    if _set(work, case, "priority", edit.priority, sentence):
        keep_clocks(work, case, Deed(What.PRIORITY, f"{work.actor.name} {sentence}."))


def _change_category(work: Work, case: Case, edit: CaseEdit) -> None:
    if edit.category_id is None:
        if _set(work, case, "category_id", None, "took the category away"):
            judge_cover(work, case)
        return
    category = work.session.get(Category, edit.category_id)
    if category is None or (not category.active and category.id != case.category_id):
        raise Invalid("There is no such category to choose.", "category_id")
    if _set(work, case, "category_id", category.id, f"set the category to “{category.name}”"):
        judge_cover(work, case)


def _change_tags(work: Work, case: Case, edit: CaseEdit) -> None:
    tags = list(dict.fromkeys(" ".join(tag.split()) for tag in edit.tags))
    if len(tags) > MOST_TAGS or any(not tag or len(tag) > LONGEST_TAG for tag in tags):
        raise Invalid(f"At most {MOST_TAGS} tags, each of 1 to {LONGEST_TAG} characters.", "tags")
    added = [tag for tag in tags if tag not in case.tags]
    removed = [tag for tag in case.tags if tag not in tags]
    told = [f"added {_quoted(added)}"] if added else []
    told += [f"removed {_quoted(removed)}"] if removed else []
    _set(work, case, "tags", tags, " and ".join(told) or "put the tags in another order")


def _change_queue(work: Work, case: Case, edit: CaseEdit) -> None:
    old = case.queue_id
    if edit.queue_id == old:
        return
    queue = None if edit.queue_id is None else work.session.get(Queue, edit.queue_id)
    if edit.queue_id is not None and (queue is None or not queue.active):
        raise Invalid("There is no such queue to choose.", "queue_id")
    withdraw_offer(work, case)
    sentence = f"moved the case to {queue.name}" if queue else "took the case out of its queue"
    case.queue_id = edit.queue_id
    keep_clocks(work, case, Deed(What.QUEUE, f"{work.actor.name} {sentence}."))
    note_change(
        work,
        case,
        "queue",
        f"{work.actor.name} {sentence}",
        before=old,
        after=edit.queue_id,
        old_queue_id=old,
    )


def _change_level(work: Work, case: Case, edit: CaseEdit) -> None:
    if edit.level not in (1, 2):
        raise Invalid("The level is 1 or 2.", "level")
    raised = edit.level > case.level
    sentence = f"{'raised' if raised else 'returned'} the case to level {edit.level}"
    if not _set(work, case, "level", edit.level, sentence):
        return
    case.level_by_hand = True
    back = None if raised else queue_before_rise(work.session, case.id)
    if back is not None and back.after == case.queue_id and back.before is not None:
        _change_queue(work, case, CaseEdit(frozenset({"queue_id"}), queue_id=back.before))


def _change_fields(work: Work, case: Case, edit: CaseEdit) -> None:
    known = fields_by_key(work.session)
    for key, value in edit.fields.items():
        if key not in known and key not in case.fields:
            raise Invalid(f"There is no field “{key[:40]}”.", f"fields.{key[:40]}")
        if key in known and not fits(known[key], value):
            raise Invalid(f"This does not fit the field “{known[key].label}”.", f"fields.{key}")
    kept = {key: value for key, value in edit.fields.items() if value not in (None, "")}
    changed = sorted(key for key in {*kept, *case.fields} if kept.get(key) != case.fields.get(key))
    labels = [known[key].label if key in known else key for key in changed]
    _set(work, case, "fields", kept, f"changed {_quoted(labels)}")


def fits(custom: CustomField, value: Any) -> bool:
    """Whether a field of this kind can hold the value; emptiness always fits."""
    if value is None or value == "":
        return True
    if custom.kind == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if custom.kind == "yes_no":
        return isinstance(value, bool)
    if not isinstance(value, str) or len(value) > 2000:
        return False
    if custom.kind == "choice":
        return value in custom.options
    return custom.kind != "date" or _is_date(value)


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _set(work: Work, case: Case, name: str, value: Any, sentence: str) -> bool:
    """One column and its line of history; False where nothing changes."""
    before = getattr(case, name)
    if before == value:
        return False
    setattr(case, name, value)
    note_change(
        work, case, name.removesuffix("_id"), f"{work.actor.name} {sentence}", before=before, after=value
    )
    return True


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f"“{word}”" for word in words)


_CHANGES = {
    "subject": _change_subject,
    "priority": _change_priority,
    "category_id": _change_category,
    "tags": _change_tags,
    "queue_id": _change_queue,
    "level": _change_level,
    "fields": _change_fields,
}
