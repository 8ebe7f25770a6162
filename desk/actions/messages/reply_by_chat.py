"""An answer in a chat: said at once, in the order in which the visitor sees it, and carried by nobody."""

from __future__ import annotations

from collections.abc import Sequence

from desk.actions.chat.moves import tell
from desk.actions.messages.saying import answered, attach, said
from desk.model.case import Case
from desk.model.chat import HERE, LONGEST_TEXT, Chat, ChatState
from desk.model.conversation import Conversation
from desk.model.errors import Invalid
from desk.model.message import DeliveryState, Message, MessageKind
from desk.store.chat.chats import chat_of_case, latest_chat
from desk.store.unit_of_work import Work


def say_in_chat(work: Work, case: Case, text: str, client_id: str, files: Sequence[str] = ()) -> Message:
    """Say it to the visitor of the case's chat; a chat that had ended goes on. The caller holds the case.

    Raises Invalid for a text that is too long, a case without a chat, and a chat that another has followed.
    """
    if len(text) > LONGEST_TEXT:
        raise Invalid(f"The text has {len(text):,} characters; a chat takes {LONGEST_TEXT:,}.", "text")
    chat = chat_of_case(work.session, case.id, lock=True)
    if chat is None:
        raise Invalid("There is no chat in this case.", "channel_id")
    latest = latest_chat(work.session, chat.visitor_id)
    if latest is not None and latest.conversation_id != chat.conversation_id:
        # What the visitor sees is counted through all their chats, and that count has moved on.
        raise Invalid("The visitor has begun another chat since. Answer in its case.", "channel_id")
    message = put_into_chat(work, case, chat, text, client_id)
    attach(work, message, files)
    chat.last_agent_at, chat.answered_sequence = work.now, chat.last_sequence
    if chat.state is ChatState.ENDED:
        _go_on(work, case, chat)
    elif work.actor.agent_id is not None and chat.state is ChatState.WAITING:
        chat.joined(work.now)
        tell(work, case, chat, "joined")
    answered(work, case, message, None, visitor_id=chat.visitor_id)
    return message


def put_into_chat(work: Work, case: Case, chat: Chat, text: str, client_id: str) -> Message:
    """The message itself, where the visitor sees it next. The caller holds the case and the chat."""
    conversation = work.session.get_one(Conversation, chat.conversation_id)
    message = said(work, case, MessageKind.OUTBOUND, text, client_id)
    message.visible_to_customer = True
    message.conversation_id, message.channel_id = conversation.id, conversation.channel_id
    message.state, message.sequence = DeliveryState.SENT, chat.next_sequence()
    work.session.add(message)
    work.session.flush()
    return message


def _go_on(work: Work, case: Case, chat: Chat) -> None:
    seen = chat.visitor_seen_at
    chat.come_back(seen, attended=True)
    if work.now - seen > HERE:
        chat.leave(work.now)
    tell(work, case, chat, "returned")
