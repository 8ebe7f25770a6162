"""Exploring: questions in SQL over the facts that the desk keeps, for those who watch it as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from desk.actions.setup.audit import audit
from desk.model.errors import Unavailable
from desk.model.permission import Permission
from desk.store.insights.facts import TABLES, kept
from desk.store.insights.facts.examples import EXAMPLES
from desk.store.unit_of_work import Work


def tables_shown(work: Work, home: Path) -> dict[str, Any]:
    """The tables with their columns and what each means, and queries to begin with.

    `facts_from` is None before the first export.
    """
    work.require(Permission.WATCH_FLOOR)
    latest = kept.newest(home)
    return {
        "facts_from": latest.written_at if latest else None,
        "newer_coming": is_newer_coming(home),
        "tables": [
            {
                "name": table.name,
                "meaning": table.meaning,
                "rows": latest.rows.get(table.name) if latest else None,
                "columns": [
                    {"name": one.name, "type": one.kind.value, "meaning": one.meaning}
                    for one in table.columns
                ],
            }
            for table in TABLES
        ],
        "examples": [{"title": one.title, "sql": one.sql} for one in EXAMPLES],
    }


def begin_query(work: Work, home: Path, sql: str, *, download: bool) -> kept.Kept:
    """The export to ask, and who asks what noted in the audit log before anything is answered.

    One that is older than an hour is answered from, and a newer one is asked for. Raises Forbidden; a
    download takes the right to export, too.
    """
    work.require(Permission.WATCH_FLOOR)
    if download:
        work.require(Permission.EXPORT)
    latest = facts_at_hand(work, home)
    audit(work, "facts exported" if download else "facts queried", "facts", {"sql": sql})
    return latest


def gather_newer(work: Work, home: Path) -> None:
    """Have the facts written anew, however young the last are."""
    work.require(Permission.WATCH_FLOOR)
    kept.want_newer(home)


def is_newer_coming(home: Path) -> bool:
    """Somebody asked for a newer export, and it is not there yet."""
    return kept.is_wanted(home)


def facts_at_hand(work: Work, home: Path) -> kept.Kept:
    """The latest export. Raises Unavailable before the first, which is asked for."""
    latest = kept.newest(home)
    if latest is None or work.now - latest.written_at > kept.FRESH:
        kept.want_newer(home)
    if latest is None:
        raise Unavailable("The facts are being gathered for the first time. Ask again in a minute.")
    return latest
