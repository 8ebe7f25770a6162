"""Holds by name: for what has no row yet that could be locked (PostgreSQL, advisory locks)."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session


def hold(session: Session, word: str) -> None:
    """Until the commit, nobody else goes on who holds the same word."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:word, 8))"), {"word": word})


def hold_together(session: Session, word: str) -> None:
    """Beside others who hold the word together, and beside nobody who holds it alone."""
    session.execute(text("SELECT pg_advisory_xact_lock_shared(hashtextextended(:word, 8))"), {"word": word})
