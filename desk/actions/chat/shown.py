"""A chat as its visitor sees it: where it stands, and what was said; never what is ours alone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from desk.actions.messages.file_links import FileLinks
from desk.actions.messages.shown import moment
from desk.model.chat import ChatState
from desk.model.message import AuthorKind, MessageKind
from desk.store.chat.chats import KnownVisitor


def chat_shown(row: Row[Any], line: dict[str, Any] | None = None) -> dict[str, Any] | None:
    """The state of a chat's row; `line` is what is known of the wait, for one that waits."""
    if row.conversation_id is None:
        return None
    waits = {"place": None, "wait": None, "leave_message": False} | (line or {})
    return {
        "state": row.state,
        "agent": {"name": row.agent_name} if row.agent_name and row.state != ChatState.WAITING else None,
        **waits,
        "read": row.agent_read,
        "seen": row.visitor_read,
        "email": row.email,
        "score": row.score,
        "ended_by": row.ended_by,
    }


def said_shown(row: Row[Any], visitor: KnownVisitor, links: FileLinks) -> dict[str, Any]:
    """One message of a chat for its visitor."""
    files = row.files or []
    return {
        "sequence": row.sequence,
        "client_id": row.client_id if row.kind == MessageKind.INBOUND else None,
        "from": _speaker(row),
        "name": row.author_name,
        "text": row.text,
        "at": moment(row.at),
        "files": [
            {
                "name": file["name"],
                "size": file["size"],
                "type": file["type"],
                "url": links.url(visitor, file["token"]),
            }
            for file in files
        ],
        "article": None,
    }


def _speaker(row: Row[Any]) -> str:
    if row.kind == MessageKind.INBOUND:
        return "you"
    return "agent" if row.author_kind == AuthorKind.AGENT else "desk"
