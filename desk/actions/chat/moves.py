"""Where a chat stands: an agent joins, the visitor leaves and returns, somebody ends it, it is wrapped up."""

from __future__ import annotations

from datetime import datetime, timedelta

from desk.model.case import Case
from desk.model.chat import Chat, ChatState, EndedBy
from desk.model.events import AgentFreed, ChatChanged
from desk.model.inbound import ChannelKind
from desk.model.queue import Queue
from desk.store.chat.chats import chat_of_case
from desk.store.unit_of_work import Work

WRAP_UP_SECONDS = 30
"""How long an agent has after a chat, where the case is in no queue that says otherwise."""


def agent_joined(work: Work, case: Case) -> None:
    """An agent has the case: whoever waits on its chat is told. The caller holds the case."""
    chat = _chat(work, case)
    if chat is None or not chat.is_going_on:
        return
    chat.joined(work.now)
    tell(work, case, chat, "joined")


def agent_gone(work: Work, case: Case) -> None:
    """The case is nobody's again: the visitor waits for the next agent. The caller holds the case."""
    chat = _chat(work, case)
    if chat is None or not chat.is_going_on:
        return
    chat.abandoned()
    tell(work, case, chat, "waiting")


def visitor_left(work: Work, case: Case, chat: Chat) -> None:
    """The browser has given no sign for a while. The caller holds both rows."""
    chat.leave(work.now)
    tell(work, case, chat, "left")


def visitor_returned(work: Work, case: Case, chat: Chat) -> None:
    """Their browser is back; the chat goes on as before. The caller holds both rows."""
    chat.come_back(work.now, attended=case.assignee_id is not None)
    tell(work, case, chat, "returned")


def end_chat(work: Work, case: Case, chat: Chat, by: EndedBy) -> None:
    """The chat is over, and the agent has a moment to wrap up. The caller holds both rows."""
    if chat.state is ChatState.ENDED:
        return
    chat.end(by, work.now, wrap_up_until=_wrap_up_until(work, case))
    tell(work, case, chat, "ended")


def end_chat_of(work: Work, case: Case) -> None:
    """The case is done, and with it its chat. The caller holds the case."""
    chat = _chat(work, case)
    if chat is not None:
        end_chat(work, case, chat, EndedBy.AGENT)


def wrap_up(work: Work, case: Case, chat: Chat) -> None:
    """The agent is done with an ended chat, or their time for it is over: the place is free."""
    if chat.wrap_up_until is None:
        return
    chat.wrap_up_until, chat.wrapped_up_at = None, work.now
    if case.assignee_id is not None:
        work.record(AgentFreed(agent_id=case.assignee_id))
    tell(work, case, chat, "wrapped_up")


def tell(work: Work, case: Case, chat: Chat, what: str, *, sequence: int | None = None) -> None:
    """Say what happened to the chat; `sequence` where something can be read by the visitor."""
    work.record(
        ChatChanged(
            case_id=case.id,
            queue_id=case.queue_id,
            assignee_id=case.assignee_id,
            conversation_id=chat.conversation_id,
            visitor_id=chat.visitor_id,
            what=what,
            sequence=sequence,
        )
    )


def _chat(work: Work, case: Case) -> Chat | None:
    """Most cases hold none, and are not asked for one."""
    if case.channel is not ChannelKind.CHAT:
        return None
    return chat_of_case(work.session, case.id, lock=True)


def _wrap_up_until(work: Work, case: Case) -> datetime | None:
    """Nobody to wrap up, no time for it."""
    if case.assignee_id is None:
        return None
    queue = work.session.get(Queue, case.queue_id) if case.queue_id is not None else None
    seconds = queue.wrap_up_seconds if queue is not None else WRAP_UP_SECONDS
    return work.now + timedelta(seconds=seconds) if seconds else None
