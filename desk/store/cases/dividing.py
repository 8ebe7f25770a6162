"""Conversations divided: a part of one goes with its messages into a case of its own."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import insert, literal, select, update
from sqlalchemy.orm import Session

from desk.model.conversation import Conversation, Participation, ThreadId
from desk.model.message import Message
from desk.store.unit_of_work import Work


def copy_conversation(work: Work, conversation: Conversation, case_id: int) -> Conversation:
    """A new conversation of the case, on the same channel with the same people."""
    copy = Conversation(
        case_id=case_id,
        customer_id=conversation.customer_id,
        channel_id=conversation.channel_id,
        subject=conversation.subject,
        created_at=work.now,
    )
    work.session.add(copy)
    work.session.flush()
    people = select(literal(copy.id), Participation.address, literal(work.now)).where(
        Participation.conversation_id == conversation.id
    )
    work.session.execute(
        insert(Participation).from_select(["conversation_id", "address", "added_at"], people)
    )
    return copy


def lead_to(session: Session, message_ids: Iterable[int], from_id: int, to_id: int) -> list[int]:
    """Answers to these messages find the other conversation from now on; the thread ids that moved."""
    named = select(Message.internet_id).where(
        Message.id.in_(list(message_ids)), Message.internet_id.is_not(None)
    )
    return list(
        session.scalars(
            update(ThreadId)
            .where(ThreadId.conversation_id == from_id, ThreadId.message_id.in_(named))
            .values(conversation_id=to_id)
            .returning(ThreadId.id)
            .execution_options(synchronize_session=False)
        )
    )


def lead_back(session: Session, from_id: int, to_id: int) -> None:
    """All that leads to one conversation leads to the other again, and its messages belong to it."""
    for noun in (ThreadId, Message):
        session.execute(
            update(noun)
            .where(noun.conversation_id == from_id)
            .values(conversation_id=to_id)
            .execution_options(synchronize_session=False)
        )


def belong_to(session: Session, message_ids: Iterable[int], conversation_id: int) -> None:
    """These messages are part of the conversation."""
    session.execute(
        update(Message)
        .where(Message.id.in_(list(message_ids)))
        .values(conversation_id=conversation_id)
        .execution_options(synchronize_session=False)
    )
