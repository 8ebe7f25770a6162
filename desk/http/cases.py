"""Cases over HTTP: lists, the case view, and every deed on a case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Blueprint

from desk.actions.cases import deeds as cases
from desk.actions.cases.access import case_for
from desk.actions.cases.bulk import change_many
from desk.actions.cases.detail import case_detail, case_shown
from desk.actions.cases.drafts import drop_draft, save_draft
from desk.actions.cases.edits import edit_case
from desk.actions.cases.links import link_cases, unlink
from desk.actions.cases.macros import run_macro
from desk.actions.cases.merges import merge_cases, undo_case_merge
from desk.actions.cases.splits import split_case, undo_split
from desk.actions.cases.views import view_for
from desk.actions.messages.opening import open_case
from desk.http.entrance import allow, asking, body, ground, query, reading, work
from desk.http.schemas.cases import (
    Assigned,
    Begun,
    Bulk,
    Divided,
    Drafted,
    Edited,
    Linked,
    Listed,
    ListedPage,
    MergedInto,
    Nothing,
    Page,
    ReadTo,
    Resolved,
    Snoozed,
)
from desk.http.texts import files_served
from desk.model.case import Case
from desk.model.permission import Permission
from desk.store.cases.history import page_of_history
from desk.store.cases.lists import CaseFilter, counters, page_of_cases
from desk.store.clocks.calendars import has_targets
from desk.store.people.viewers import Viewers
from desk.store.unit_of_work import Work

blueprint = Blueprint("cases", __name__)


def wanted_by(w: Work, listed: Listed) -> CaseFilter:
    """The filter of a list; a saved view is one that the actor may use."""
    saved = view_for(w, listed.saved_id).filter if listed.saved_id is not None else None
    wanted = listed.wanted(saved)
    return replace(wanted, promised=has_targets(w.session)) if wanted.tab == "due" else wanted


@blueprint.get("/counters")
@allow(Permission.READ_CASES)
def all_counters() -> dict[str, Any]:
    """How many open cases each part of the navigation holds."""
    with asking() as w:
        return counters(w.session, w.actor)


@blueprint.get("/cases")
@allow(Permission.READ_CASES)
@query(ListedPage)
def listed(query: ListedPage) -> dict[str, Any]:
    """A page of a list, newest first; the tab `due` reads what is due first, first."""
    with asking() as w:
        wanted = wanted_by(w, query)
        rows, following = page_of_cases(w.session, w.actor, wanted, cursor=query.cursor, limit=query.limit)
        return {"rows": rows, "next": following}


@blueprint.post("/cases")
@allow(Permission.WORK_CASES)
@body(Begun)
def begin(body: Begun) -> tuple[dict[str, Any], int]:
    """Write to a customer first: a new case, with the mail or text on its way."""
    with work() as w:
        return case_detail(w, open_case(w, body.letter(files_served=files_served())).id), 201


@blueprint.get("/cases/<int:case_id>")
@allow(Permission.READ_CASES)
def shown(case_id: int) -> dict[str, Any]:
    """The whole case view."""
    with asking() as w:
        detail, viewers = case_detail(w, case_id), Viewers(ground().redis)
        if detail["chat"] is not None:
            detail["chat"]["visitor"]["typing"] = viewers.visitor_types(case_id)
        return detail | {"people": viewers.people(case_id, w.now)}


@blueprint.patch("/cases/<int:case_id>")
@allow(Permission.WORK_CASES)
@body(Edited)
def edit(case_id: int, body: Edited) -> dict[str, Any]:
    """Change fields; 409 with the case as it is when `version` is old."""
    return done(lambda w: edit_case(w, case_id, body.edit(), version=body.version))


@blueprint.put("/cases/<int:case_id>/assignee")
@allow(Permission.WORK_CASES)
@body(Assigned)
def give(case_id: int, body: Assigned) -> dict[str, Any]:
    """Give the case to an agent, or to nobody."""
    return done(lambda w: cases.give_case(w, case_id, body.agent_id))


@blueprint.put("/cases/<int:case_id>/resolution")
@allow(Permission.WORK_CASES)
@body(Resolved)
def resolve(case_id: int, body: Resolved) -> dict[str, Any]:
    """Resolve the case, with a reason."""
    return done(lambda w: cases.resolve_case(w, case_id, body.reason))


@blueprint.delete("/cases/<int:case_id>/resolution")
@allow(Permission.WORK_CASES)
def reopen(case_id: int) -> dict[str, Any]:
    """Reopen a resolved case, or one that waits for the customer."""
    return done(lambda w: cases.reopen_case(w, case_id))


@blueprint.put("/cases/<int:case_id>/snooze")
@allow(Permission.WORK_CASES)
@body(Snoozed)
def snooze(case_id: int, body: Snoozed) -> dict[str, Any]:
    """Out of sight until a moment, or until the customer writes."""
    return done(lambda w: cases.snooze_case(w, case_id, body.until))


@blueprint.delete("/cases/<int:case_id>/snooze")
@allow(Permission.WORK_CASES)
def wake(case_id: int) -> dict[str, Any]:
    """Back into the list now."""
    return done(lambda w: cases.wake_case(w, case_id))


@blueprint.put("/cases/<int:case_id>/hold")
@allow(Permission.WORK_CASES)
@body(Nothing)
def hold(case_id: int, body: Nothing) -> dict[str, Any]:
    """The case waits for a third party."""
    return done(lambda w: cases.hold_case(w, case_id))


@blueprint.delete("/cases/<int:case_id>/hold")
@allow(Permission.WORK_CASES)
def take_off_hold(case_id: int) -> dict[str, Any]:
    """The wait for the third party is over."""
    return done(lambda w: cases.wake_case(w, case_id))


@blueprint.put("/cases/<int:case_id>/waiting")
@allow(Permission.WORK_CASES)
@body(Nothing)
def await_customer(case_id: int, body: Nothing) -> dict[str, Any]:
    """The ball is with the customer."""
    return done(lambda w: cases.await_customer(w, case_id))


@blueprint.put("/cases/<int:case_id>/read")
@allow(Permission.READ_CASES)
@body(ReadTo)
def read(case_id: int, body: ReadTo) -> None:
    """I have read the case up to this position."""
    with work() as w:
        cases.read_case(w, case_id, body.position)


@blueprint.delete("/cases/<int:case_id>/read")
@allow(Permission.READ_CASES)
def unread(case_id: int) -> None:
    """The case counts as unread for me."""
    with work() as w:
        cases.unread_case(w, case_id)


@blueprint.put("/cases/<int:case_id>/watch")
@allow(Permission.WORK_CASES)
@body(Nothing)
def watch(case_id: int, body: Nothing) -> dict[str, Any]:
    """I want to know what becomes of the case."""
    return done(lambda w: cases.watch_case(w, case_id))


@blueprint.delete("/cases/<int:case_id>/watch")
@allow(Permission.WORK_CASES)
def unwatch(case_id: int) -> dict[str, Any]:
    """I have seen enough of it."""
    return done(lambda w: cases.unwatch_case(w, case_id))


@blueprint.post("/cases/<int:case_id>/links")
@allow(Permission.WORK_CASES)
@body(Linked)
def link(case_id: int, body: Linked) -> dict[str, Any]:
    """Link the case to another one."""
    return done(lambda w: link_cases(w, case_id, body.case_id, body.kind))


@blueprint.delete("/links/<int:link_id>")
@allow(Permission.WORK_CASES)
def remove_link(link_id: int) -> dict[str, Any]:
    """The two have nothing to do with each other."""
    return done(lambda w: unlink(w, link_id))


@blueprint.put("/cases/<int:case_id>/merge")
@allow(Permission.MERGE_CASES)
@body(MergedInto)
def merge(case_id: int, body: MergedInto) -> dict[str, Any]:
    """Move everything said here into another case, and close this one."""
    with work() as w:
        made = merge_cases(w, case_id, into=body.into)
        return {"merge_id": made.id, "case": case_shown(w, made.into_id)}


@blueprint.delete("/merges/<int:merge_id>")
@allow(Permission.MERGE_CASES)
def unmerge(merge_id: int) -> dict[str, Any]:
    """Undo a merge; answers with the case that came back."""
    return done(lambda w: undo_case_merge(w, merge_id))


@blueprint.post("/cases/<int:case_id>/split")
@allow(Permission.MERGE_CASES)
@body(Divided)
def split(case_id: int, body: Divided) -> tuple[dict[str, Any], int]:
    """Some messages become a case of their own."""
    with work() as w:
        made = split_case(w, case_id, body.message_ids, body.subject)
        return {"split_id": made.id, "case": case_shown(w, made.new_case_id)}, 201


@blueprint.delete("/splits/<int:split_id>")
@allow(Permission.MERGE_CASES)
def unsplit(split_id: int) -> dict[str, Any]:
    """Undo a split; answers with the case that is whole again."""
    return done(lambda w: undo_split(w, split_id))


@blueprint.get("/cases/<int:case_id>/history")
@allow(Permission.READ_CASES)
@query(Page)
def history(case_id: int, query: Page) -> dict[str, Any]:
    """Every change, newest first."""
    with reading() as w:
        case = case_for(w, case_id, to=Permission.READ_CASES)
        rows, following = page_of_history(w.session, case.id, cursor=query.cursor, limit=query.limit)
        return {"rows": rows, "next": following}


@blueprint.put("/cases/<int:case_id>/drafts/<any(note, email, sms, chat):kind>")
@allow(Permission.WORK_CASES)
@body(Drafted)
def draft(case_id: int, kind: str, body: Drafted) -> None:
    """Keep what I am writing."""
    with work() as w:
        save_draft(w, case_id, kind, text=body.text, files=body.files, to=body.to, cc=body.cc)


@blueprint.delete("/cases/<int:case_id>/drafts/<any(note, email, sms, chat):kind>")
@allow(Permission.WORK_CASES)
def discard(case_id: int, kind: str) -> None:
    """I do not need the draft any more."""
    with work() as w:
        drop_draft(w, case_id, kind)


@blueprint.post("/cases/bulk")
@allow(Permission.WORK_CASES)
@body(Bulk)
def bulk(body: Bulk) -> dict[str, Any]:
    """One change to up to 500 cases; each that cannot take it says why."""
    with work() as w:
        return change_many(w, body.ids, body.wanted())


@blueprint.post("/cases/<int:case_id>/macros/<int:macro_id>")
@allow(Permission.WORK_CASES)
@body(Nothing)
def macro(case_id: int, macro_id: int, body: Nothing) -> dict[str, Any]:
    """Run a macro; its text goes into the composer."""
    with work() as w:
        case, text = run_macro(w, case_id, macro_id)
        return {"case": case_shown(w, case.id), "text": text}


def done(deed: Callable[[Work], Case]) -> dict[str, Any]:
    """Do it, and answer with the case as it is now."""
    with work() as w:
        return case_shown(w, deed(w).id)
