"""Answering in a chat: said where the visitor sees it, now or when they come back."""

from __future__ import annotations

from datetime import timedelta

from desk.channels.way import Way
from desk.model.chat import HERE, ChatState
from desk.model.inbound import ChannelKind, Participant
from desk.store.messages.reach import LiveChat, Reach


def ways_by_chat(reach: Reach) -> list[Way]:
    """By the channel of the case's chat, where it has one."""
    chat = reach.chat
    if chat is None:
        return []
    name = chat.name or reach.name or "The visitor"
    return [
        Way(
            ChannelKind.CHAT,
            door.channel_id,
            door.name,
            (Participant(chat.public, name),),
            _reason(chat, name),
            _obstacle(chat, name),
        )
        for door in reach.doors_of(ChannelKind.CHAT)
        if door.channel_id == chat.channel_id
    ]


def _reason(chat: LiveChat, name: str) -> str:
    if chat.unseen_for <= HERE:
        return f"{name} is on the page now."
    left = f"{name} left {_long(chat.unseen_for)} ago"
    if chat.email:
        return f"{left}; what they have not read goes to {chat.email} by mail."
    return f"{left} and gave no email address; they see it when they come back."


def _obstacle(chat: LiveChat, name: str) -> str | None:
    is_gone = chat.state is ChatState.ENDED and chat.unseen_for > HERE
    if is_gone and not chat.email:
        return f"The chat is over. {name} has left, and no email address is known to go on by."
    return None


def _long(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} minute{'' if minutes == 1 else 's'}"
    hours = minutes // 60
    if hours < 48:
        return f"{hours} hour{'' if hours == 1 else 's'}"
    return f"{hours // 24} days"
