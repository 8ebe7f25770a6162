"""Attachments by their token: who may have which."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from desk.model.case import Case
from desk.model.message import Attachment, Message
from desk.model.permission import Actor
from desk.store.cases.reading import visible_to


def waiting_files(session: Session, tokens: Sequence[str], agent_id: int) -> dict[str, Attachment]:
    """Those of the files that this agent uploaded and that no message has taken yet, by token."""
    if not tokens:
        return {}
    found = session.scalars(
        select(Attachment).where(
            Attachment.token.in_(tokens),
            Attachment.uploader_id == agent_id,
            Attachment.message_id.is_(None),
        )
    )
    return {file.token: file for file in found}


def find_file(session: Session, actor: Actor, token: str) -> Attachment | None:
    """The file, where its message is in a case that the actor may know of, or the actor uploaded it."""
    own = and_(Attachment.message_id.is_(None), Attachment.uploader_id == actor.agent_id)
    known = (
        select(Message.id)
        .join(Case, Case.id == Message.case_id)
        .where(Message.id == Attachment.message_id, visible_to(actor))
    )
    return session.scalar(
        select(Attachment).where(Attachment.token == token, or_(own, known.correlate(Attachment).exists()))
    )
