"""Suggestions while somebody writes, withheld from a few so that what they spare can be told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from desk.actions.exports import as_csv
from desk.insights.holdout import FEWEST, LEVEL, Spared, Stratum, held_out, spared
from desk.model.help_session import OUTCOME_WITHIN, WITHHELD_PERCENT, HelpDoor
from desk.model.permission import Permission
from desk.store.knowledge.articles import find_published
from desk.store.knowledge.help_sessions import (
    begin_help_session,
    find_help_session,
    note_session_contact,
    note_session_opened,
    sessions_begun,
    suggestion_counts,
    titles_of,
)
from desk.store.knowledge.portal import Guest
from desk.store.people.sessions import hash_of
from desk.store.policies import policy
from desk.store.unit_of_work import Work

POLICY = "suggestions_withheld_percent"
DRAW = "suggestions"
COLUMNS = (
    "article_id", "title", "shown", "withheld", "opened", "solved", "contacted_shown", "contacted_withheld",
    "spared_points", "low", "high", "verdict",
)  # fmt: skip


def withheld_from(work: Work, mark: str) -> bool | None:
    """Whether suggestions are withheld from the browser with this mark; None for one not drawn yet."""
    found = find_help_session(work.session, hash_of(mark))
    if found is None:
        return None
    return found.withheld and work.now < found.began_at + OUTCOME_WITHIN


def draw_session(
    work: Work, mark: str, door: HelpDoor, articles: Sequence[int], guest: Guest | None = None
) -> bool | None:
    """Articles fit what this browser writes for the first time: whether they are withheld from it.

    None, and nothing is kept, where nobody is held out.
    """
    percent = policy(work.session, POLICY, WITHHELD_PERCENT)
    if not percent:
        return None
    key = hash_of(mark)
    withheld = held_out(key, percent, DRAW)
    begin_help_session(
        work.session,
        key,
        door,
        articles,
        withheld=withheld,
        percent=percent,
        portal_session_id=guest.session_id if guest is not None and guest.customer_id else None,
        at=work.now,
    )
    return withheld


def note_opened_by(work: Work, mark: str, slug: str) -> None:
    """The browser with this mark opened an article out of what it wrote or searched for."""
    if (article := find_published(work.session, slug)) is not None:
        note_session_opened(work.session, hash_of(mark), article.group, work.now)


def note_contact_by(work: Work, mark: str) -> None:
    """The browser with this mark contacted us."""
    if mark:
        note_session_contact(work.session, hash_of(mark), work.now)


def deflection_shown(work: Work, *, days: int) -> dict[str, Any]:
    """What suggestions spared over the last so many days, in all and by article, of sessions that are over.

    An article is looked at more strictly the more of them there are: of many, some look good by chance.
    """
    work.require(Permission.WATCH_FLOOR)
    over = work.now - OUTCOME_WITHIN
    zone = policy(work.session, "time_zone", "UTC")
    rows = suggestion_counts(work.session, over - timedelta(days=days), over, zone)
    counted: dict[int, list[Any]] = {}
    for row in rows:
        counted.setdefault(row.article, []).append(row)
    everything = counted.pop(0, [])
    titles = titles_of(work.session, list(counted))
    many = sum(_is_enough(those) for those in counted.values())
    articles = [
        {"article_id": article, "title": titles[article], **_line(those, LEVEL / max(1, many))}
        for article, those in counted.items()
        if article in titles
    ]
    return {
        "days": days,
        "percent": policy(work.session, POLICY, WITHHELD_PERCENT),
        "fewest": FEWEST,
        "running": sessions_begun(work.session, over, work.now),
        "all": _line(everything, LEVEL),
        "articles": sorted(articles, key=lambda one: -one["shown"]),
    }


def deflection_as_csv(work: Work, *, days: int) -> Iterator[str]:
    """One line an article, the first for all, as CSV."""
    work.require(Permission.EXPORT)
    shown = deflection_shown(work, days=days)
    return as_csv(COLUMNS, [{"article_id": None, "title": "", **shown["all"]}, *shown["articles"]])


def _line(rows: Sequence[Any], level: float) -> dict[str, Any]:
    found = spared(_strata(rows), level=level)
    given = [row for row in rows if not row.withheld]
    return {
        "shown": sum(row.sessions for row in given),
        "withheld": sum(row.sessions for row in rows if row.withheld),
        "opened": sum(row.opened for row in given),
        "solved": sum(row.solved for row in given),
        "contacted_shown": found.given_share if found else None,
        "contacted_withheld": found.held_share if found else None,
        "spared_points": found.points if found else None,
        "low": found.low if found else None,
        "high": found.high if found else None,
        "spared": list(found.contacts) if found else None,
        "verdict": verdict_of(found),
    }


def strata_of(rows: Iterable[tuple[date, int, bool, int, int]]) -> list[Stratum]:
    """A stratum for each week and share held out, of rows (week, share, held out, how many, contacts)."""
    sides: dict[tuple[date, int], dict[bool, tuple[int, int]]] = {}
    for week, percent, held, count, contacts in rows:
        sides.setdefault((week, percent), {})[held] = count, contacts
    return [Stratum(*both[False], *both[True]) for both in sides.values() if len(both) == 2]


def _strata(rows: Sequence[Any]) -> list[Stratum]:
    return strata_of((row.week, row.percent, row.withheld, row.sessions, row.contacts) for row in rows)


def _is_enough(rows: Sequence[Any]) -> bool:
    found = spared(_strata(rows))
    return found is not None and found.is_enough


def verdict_of(found: Spared | None) -> str:
    """One word for it: `too_few`, `proven`, `harmful` or `not_proven`."""
    if found is None or not found.is_enough:
        return "too_few"
    if found.proven:
        return "proven"
    return "harmful" if found.harmful else "not_proven"
