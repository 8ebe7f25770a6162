"""The words of the published articles: how many hold each, which are written alike, which begin like this."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from desk.model.article import Article, ArticleState, Audience
from desk.model.knowledge import ArticleWord
from desk.model.words import words_in

AT_ONCE = 1000
ANY_WORD = ""
"""Stands for whatever an article holds: its number is that of all articles."""


@contextmanager
def words_counted(session: Session, article: Article) -> Iterator[None]:
    """Whatever the block makes of the article, its words are counted as they are read after it."""
    before = _counts([article])
    yield
    change: Counter[tuple[Audience, str]] = Counter(_counts([article]))
    change.subtract(before)
    _add(session, {key: by for key, by in change.items() if by})


def recount(session: Session) -> None:
    """Count the words of all published articles anew."""
    session.execute(delete(ArticleWord))
    published = select(Article).where(Article.state == ArticleState.PUBLISHED)
    _add(session, _counts(session.scalars(published.execution_options(yield_per=500))))


def known_words(session: Session, words: Sequence[str], *, internal: bool) -> dict[str, int]:
    """How many articles hold each of the words, where any does; under ANY_WORD, how many there are."""
    held = _held(internal)
    asked = [ANY_WORD, *words]
    rows = session.execute(select(ArticleWord.word, held).where(ArticleWord.word.in_(asked), held > 0))
    return {row[0]: int(row[1]) for row in rows}


def alike(session: Session, word: str, limit: int, *, internal: bool) -> list[tuple[str, int]]:
    """Words that share letters with this one, the most alike first, each with its number of articles."""
    held = _held(internal)
    rows = session.execute(
        select(ArticleWord.word, held)
        .where(ArticleWord.word.op("%")(word), held > 0)
        .order_by(func.similarity(ArticleWord.word, word).desc(), held.desc(), ArticleWord.word)
        .limit(limit)
    )
    return [(row[0], int(row[1])) for row in rows]


def beginning_with(session: Session, beginning: str, limit: int, *, internal: bool) -> list[tuple[str, int]]:
    """Words that begin like this, the most frequent first, each with its number of articles."""
    held = _held(internal)
    pattern = beginning.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    rows = session.execute(
        select(ArticleWord.word, held)
        .where(ArticleWord.word.like(pattern), held > 0)
        .order_by(held.desc(), ArticleWord.word)
        .limit(limit)
    )
    return [(row[0], int(row[1])) for row in rows]


def _held(internal: bool) -> ColumnElement[int]:
    return ArticleWord.public + ArticleWord.internal if internal else ArticleWord.public + 0


def _counts(articles: Iterable[Article]) -> Counter[tuple[Audience, str]]:
    counted: Counter[tuple[Audience, str]] = Counter()
    for article in articles:
        if article.is_published:
            words = {ANY_WORD, *words_in(f"{article.shown_title}\n{article.shown_text}")}
            counted.update((article.audience, word) for word in words)
    return counted


def _add(session: Session, changes: Mapping[tuple[Audience, str], int]) -> None:
    """In the order of the words, so that two who publish at once never wait for each other in a ring."""
    rows: dict[str, dict[str, Any]] = {}
    for (audience, word), by in changes.items():
        rows.setdefault(word, {"word": word, "public": 0, "internal": 0})[audience.value] += by
    ordered = [rows[word] for word in sorted(rows)]
    for start in range(0, len(ordered), AT_ONCE):
        statement = insert(ArticleWord).values(ordered[start : start + AT_ONCE])
        new = statement.excluded
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["word"],
                set_={
                    "public": func.greatest(ArticleWord.public + new.public, 0),
                    "internal": func.greatest(ArticleWord.internal + new.internal, 0),
                },
            )
        )
