"""The customer's own door, kept: links that were asked for, sessions, and the cases a customer may read."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session


def hold(session: Session, word: str) -> None:
    """Until the commit, nobody else goes on who holds the same word."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:word, 8))"), {"word": word})
