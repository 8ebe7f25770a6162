"""The fields that a desk added to its cases."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.model.case import CustomField


def fields_by_key(session: Session) -> dict[str, CustomField]:
    """Those in use, by key."""
    return {
        custom.key: custom
        for custom in session.scalars(select(CustomField).where(CustomField.active.is_(True)))
    }
