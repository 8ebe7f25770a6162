"""Whether an article contradicts another: each that changed is compared with those that hold its words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from desk.actions.knowledge.contradictions import Compared, Side, keep_compared
from desk.insights.contradictions import Page, contradiction_between
from desk.jobs.reading_space import ANALYST, Reading
from desk.kb.search import Telling
from desk.model.article import Article, Audience
from desk.store.knowledge.articles import published_by_id
from desk.store.knowledge.contradictions import articles_to_compare
from desk.store.unit_of_work import Work

AT_ONCE = 50
NEAREST = 20
"""So many others are read for its words, and for each of its sentences that claims something."""

SENTENCES = 30


@dataclass(frozen=True, slots=True)
class _Shown:
    """An article as its readers see it now, and by which version and revision."""

    page: Page
    version: int
    revision: int


def compare_articles(reading: Reading, now: datetime) -> int:
    """Compare what has changed since it was compared; how many articles were."""
    with reading.store.reading(ANALYST, now=now) as work:
        changed = articles_to_compare(work.session, AT_ONCE)
        beside = [(_shown(article), _others(work, article)) for article in changed]
    if not beside:
        return 0
    compared = [_compared(reading, shown, others) for shown, others in beside]
    with reading.store.unit_of_work(ANALYST, now=now) as work:
        keep_compared(work, compared)
    return len(compared)


def _others(work: Work, article: Article) -> list[_Shown]:
    """Published articles for the same readers, in the same language, that may treat of the same thing."""
    page, internal = _shown(article).page, article.audience is Audience.INTERNAL
    claiming = [said.text for said in page.sentences if said.claims]
    near = dict.fromkeys(
        hit.id
        for text in (f"{page.title}\n{page.text}", *claiming[:SENTENCES])
        for hit in Telling.of(work.session, text, internal=internal).articles(work.session, NEAREST)
    )
    near.pop(article.id, None)
    found = published_by_id(work.session, list(near)).values()
    return [
        _shown(one) for one in found if (one.language, one.audience) == (article.language, article.audience)
    ]


def _compared(reading: Reading, shown: _Shown, others: list[_Shown]) -> Compared:
    found = []
    for other in others:
        said = contradiction_between(shown.page, other.page, reading.encoder)
        if said is not None:
            value, other_value = said.values
            mine = Side(shown.page.number, shown.revision, said.said, value)
            theirs = Side(other.page.number, other.revision, said.other_said, other_value)
            found.append((mine, theirs, said.likeness))
    return Compared(shown.page.number, shown.version, found)


def _shown(article: Article) -> _Shown:
    language = article.language.partition("-")[0]
    page = Page(article.id, article.shown_title or "", article.shown_text or "", language)
    return _Shown(page, article.version, article.shown_revision or 0)
