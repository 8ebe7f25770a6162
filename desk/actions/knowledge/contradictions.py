"""Articles that contradict each other: kept as they were found, and set aside by who knows better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desk.model.events import ArticleChanged
from desk.model.permission import Permission
from desk.store.knowledge.contradictions import get_contradiction, keep_contradictions_of, note_compared
from desk.store.unit_of_work import Work

LONGEST_VALUE = 100


@dataclass(frozen=True, slots=True)
class Side:
    """What one article says, in the revision that was read."""

    article_id: int
    revision: int
    said: str
    value: str


@dataclass(frozen=True, slots=True)
class Compared:
    """An article as of a version, and where it and others contradict each other: both sides, and from 0 to 1
    how much alike their sentences are."""

    article_id: int
    version: int
    found: Sequence[tuple[Side, Side, float]]


def keep_compared(work: Work, compared: Sequence[Compared]) -> None:
    """What was found of these articles, in place of what was known of them."""
    for one in compared:
        rows = [_row(mine, theirs, likeness) | {"found_at": work.now} for mine, theirs, likeness in one.found]
        keep_contradictions_of(work.session, one.article_id, rows)
    note_compared(work.session, [(one.article_id, one.version) for one in compared])


def dismiss_contradiction(work: Work, contradiction_id: int) -> None:
    """A person says that it is none: it is listed no more until either article changes. Raises NotFound."""
    work.require(Permission.EDIT_ARTICLES)
    found = get_contradiction(work.session, contradiction_id)
    if found.dismissed_at is None:
        found.dismissed_at, found.dismissed_by = work.now, work.actor.agent_id
        work.record(ArticleChanged(article_id=found.article_id))


def restore_contradiction(work: Work, contradiction_id: int) -> None:
    """It is one after all. Raises NotFound."""
    work.require(Permission.EDIT_ARTICLES)
    found = get_contradiction(work.session, contradiction_id)
    if found.dismissed_at is not None:
        found.dismissed_at = found.dismissed_by = None
        work.record(ArticleChanged(article_id=found.article_id))


def _row(mine: Side, theirs: Side, likeness: float) -> dict[str, object]:
    one, other = sorted((mine, theirs), key=lambda side: side.article_id)
    return {
        "article_id": one.article_id,
        "other_id": other.article_id,
        "revision": one.revision,
        "other_revision": other.revision,
        "said": one.said,
        "other_said": other.said,
        "value": one.value[:LONGEST_VALUE],
        "other_value": other.value[:LONGEST_VALUE],
        "likeness": likeness,
    }
