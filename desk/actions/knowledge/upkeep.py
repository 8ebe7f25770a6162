"""The upkeep of the help centre: what waits for somebody, as lists with numbers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from desk.model.permission import Permission
from desk.store.knowledge import upkeep
from desk.store.unit_of_work import Work

LONGEST_LIST = 50
STALE_AFTER = timedelta(days=365)
"""An article without a day of review is looked at again when it is unchanged for this long."""

FEWEST_VOTES = 5
HELPED_TOO_FEW = 0.6
"""An article is unhelpful when, of at least FEWEST_VOTES, no more than this share found it helpful."""

FEWEST_UNOPENED = 2
"""One search that led nowhere may be a whim; so many are not."""


def upkeep_shown(work: Work, *, days: int) -> dict[str, Any]:
    """Every list of upkeep, over the last so many days where a list is about what happened."""
    work.require(Permission.EDIT_ARTICLES)
    since = work.now - timedelta(days=days)
    session = work.session
    counted = upkeep.searches_counted(session, since)
    return {
        "days": days,
        "searches": {"all": counted.all, "in_vain": counted.in_vain, "unopened": counted.unopened},
        "flagged": _rows(upkeep.flagged(session, LONGEST_LIST)),
        "review": _rows(upkeep.waiting_for_review(session, LONGEST_LIST)),
        "stale": _rows(upkeep.stale(session, work.now.date(), work.now - STALE_AFTER, LONGEST_LIST)),
        "unhelpful": _rows(upkeep.unhelpful(session, since, FEWEST_VOTES, HELPED_TOO_FEW, LONGEST_LIST)),
        "contradicting": _rows(upkeep.contradicting(session, LONGEST_LIST)),
        "unfound": _rows(upkeep.never_found(session, since, LONGEST_LIST)),
        "in_vain": _rows(upkeep.searched_in_vain(session, since, LONGEST_LIST)),
        "unopened": _rows(upkeep.searched_without_opening(session, since, FEWEST_UNOPENED, LONGEST_LIST)),
    }


def _rows(found: Iterable[Any]) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in found]
