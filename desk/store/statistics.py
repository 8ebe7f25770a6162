"""What the database knows of its own tables, brought up to date after a rush."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session


def analyze(session: Session, tables: tuple[str, ...]) -> None:
    """Have the planner look at `tables` now, not when autovacuum comes by (PostgreSQL, ANALYZE).

    Until then it plans from what it saw last. Where thousands of rows came since, it takes those of the
    last weeks for none, and joins them row by row: 4.1 s for what takes 0.08 s.
    """
    session.execute(text("SET LOCAL statement_timeout = 0"))
    session.execute(text(f"ANALYZE {', '.join(tables)}"))
