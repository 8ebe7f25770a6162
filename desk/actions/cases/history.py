"""The history of a case: every change in a sentence, with who, when and why."""

from __future__ import annotations

from typing import Any

from desk.model.case import Case, CaseChange
from desk.model.events import CaseChanged
from desk.model.message import AuthorKind, Message, MessageKind
from desk.store.unit_of_work import Work


def note_change(
    work: Work,
    case: Case,
    what: str,
    sentence: str,
    *,
    before: Any = None,  # whatever JSON holds: a number, a name, a list of tags
    after: Any = None,
    why: str | None = None,
    old_queue_id: int | None = None,
    old_assignee_id: int | None = None,
) -> None:
    """Write a change down: a line of history, a new version of the case, and CaseChanged for the screens.

    The case is in the database already, and its row is held. `what` names the field or deed in
    one word; `before` and `after` are plain values of it.
    """
    case.version += 1
    work.session.add(
        CaseChange(
            case_id=case.id,
            at=work.now,
            actor=work.actor.key,
            what=what,
            sentence=sentence[:500],
            before=before,
            after=after,
            why=why[:500] if why else None,
        )
    )
    work.record(
        CaseChanged(
            case_id=case.id,
            queue_id=case.queue_id,
            assignee_id=case.assignee_id,
            what=what,
            old_queue_id=old_queue_id,
            old_assignee_id=old_assignee_id,
        )
    )


def add_event(work: Work, case: Case, sentence: str) -> Message:
    """A line of history that is shown between the messages, e.g. “Ada Lovelace took the case.”"""
    message = Message(
        case_id=case.id,
        position=case.next_position(),
        kind=MessageKind.EVENT,
        author_kind=AuthorKind.SYSTEM if work.actor.agent_id is None else AuthorKind.AGENT,
        agent_id=work.actor.agent_id,
        author_name=work.actor.name,
        at=work.now,
        visible_to_customer=False,
        text=sentence,
    )
    work.session.add(message)
    return message
