"""Two cases that a late message proves to be one thread: joined while nobody has worked on them, else linked.

Mail arrives in any order. Had this message come in its place, both would have been one case from
the start; so while a case holds nothing but what came in, it becomes part of the other one.
"""

from __future__ import annotations

from desk.actions.cases.history import add_event
from desk.actions.cases.merges import merge_cases
from desk.actions.messages.continuation import Continuation
from desk.model.case import Case, CaseLink, CaseStatus, LinkKind
from desk.store.cases.reading import are_linked
from desk.store.messages.conversations import lock_past_merges
from desk.store.messages.reading import is_untouched
from desk.store.unit_of_work import Work


def join_threads(work: Work, case: Case, found: Continuation) -> Case:
    """The case that goes on, once the others of the thread are part of it or linked to it."""
    for lead in found.same:
        other = lock_past_merges(work.session, lead.case_id)
        if other.id != case.id:
            case = _join(work, case, other)
    return case


def _join(work: Work, case: Case, other: Case) -> Case:
    older, younger = sorted((case, other), key=lambda one: one.id)
    for kept, joined in ((older, younger), (younger, older)):
        if _is_only_mail(work, joined) and kept.is_active:
            merge_cases(work, joined.id, into=kept.id)
            return lock_past_merges(work.session, kept.id)
    if not are_linked(work.session, case.id, other.id):
        work.session.add(CaseLink(case_id=case.id, other_id=other.id, kind=LinkKind.RELATED, at=work.now))
        add_event(work, case, f"A message here belongs to case {other.id} as well; the two are linked.")
    return case


def _is_only_mail(work: Work, case: Case) -> bool:
    """Nobody has taken, answered or noted anything: joining it undoes no one's work."""
    return case.status is CaseStatus.OPEN and case.assignee_id is None and is_untouched(work.session, case.id)
