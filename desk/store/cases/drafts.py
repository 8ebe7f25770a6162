"""Drafts, kept and dropped; one a case, agent and kind."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from desk.model.case import Draft


def keep_draft(
    session: Session, case_id: int, agent_id: int, kind: str, content: dict[str, Any], at: datetime
) -> None:
    """Write the draft over the former one."""
    written = {"content": content, "saved_at": at}
    session.execute(
        insert(Draft)
        .values(case_id=case_id, agent_id=agent_id, kind=kind, **written)
        .on_conflict_do_update(index_elements=["agent_id", "case_id", "kind"], set_=written)
    )


def delete_draft(session: Session, case_id: int, agent_id: int, kind: str) -> None:
    """None is left of this kind."""
    session.execute(
        delete(Draft).where(Draft.case_id == case_id, Draft.agent_id == agent_id, Draft.kind == kind)
    )
