"""What an agent does in a chat beside answering: reads it, ends it, is done with it, hands it on."""

from __future__ import annotations

from desk.actions.cases.access import case_for
from desk.actions.cases.deeds import case_to_change
from desk.actions.cases.edits import CaseEdit, edit_case
from desk.actions.cases.history import note_change
from desk.actions.chat.moves import end_chat, wrap_up
from desk.actions.messages.reply import add_note
from desk.actions.routing.assignments import assign
from desk.model.case import Case, CaseStatus
from desk.model.chat import Chat, EndedBy
from desk.model.errors import Invalid, NotFound
from desk.model.permission import Permission
from desk.store.chat.chats import chat_of_case
from desk.store.unit_of_work import Work


def read_chat(work: Work, case_id: int, sequence: int) -> tuple[int, int]:
    """An agent has read so far: (the visitor who may know, how far). Never goes back.

    “Read” is said of who talks with them: who only reads along is not seen.
    """
    case = case_for(work, case_id, to=Permission.WORK_CASES)
    chat = _chat(work, case)
    if case.assignee_id == work.actor.agent_id:
        chat.agent_read = max(chat.agent_read, min(sequence, chat.last_sequence))
    return chat.visitor_id, chat.agent_read


def end_chat_by_agent(work: Work, case_id: int) -> Case:
    """The chat is over; the time to wrap up begins."""
    case = case_to_change(work, case_id)
    end_chat(work, case, _chat(work, case), EndedBy.AGENT)
    return case


def done_with_chat(work: Work, case_id: int) -> Case:
    """The agent has wrapped up, and is free for the next."""
    case = case_to_change(work, case_id)
    wrap_up(work, case, _chat(work, case))
    return case


def transfer_case(
    work: Work, case_id: int, *, queue_id: int | None, agent_id: int | None, note: str, client_id: str
) -> Case:
    """Hand the case on with a word to who comes next: to a queue, where routing offers it, or to an agent.

    One deed for all channels. Raises Invalid unless exactly one of the two is named.
    """
    if (queue_id is None) == (agent_id is None):
        raise Invalid("Hand it on to a queue or to an agent.", "queue_id")
    case = case_to_change(work, case_id)
    if note.strip():
        add_note(work, case_id, note, client_id, [agent_id] if agent_id is not None else [])
    if agent_id is not None:
        assign(work, case, agent_id)
    else:
        edit_case(work, case_id, CaseEdit(frozenset({"queue_id"}), queue_id=queue_id))
        assign(work, case, None)
    if case.status is CaseStatus.WAITING:
        _put_in_line(work, case)
    return case


def _put_in_line(work: Work, case: Case) -> None:
    """Whoever comes next has not answered yet: the case is work again."""
    case.reopen(work.now)
    sentence = f"{work.actor.name} handed the case on; it is open."
    note_change(work, case, "status", sentence, before=CaseStatus.WAITING.value, after=case.status.value)


def _chat(work: Work, case: Case) -> Chat:
    chat = chat_of_case(work.session, case.id, lock=True)
    if chat is None:
        raise NotFound(f"There is no chat in case {case.id}.")
    return chat
