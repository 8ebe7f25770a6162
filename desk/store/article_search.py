"""Search in the help centre: what fits best first, forgiving where somebody mistyped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, case, cast, func, literal, select
from sqlalchemy.dialects.postgresql import REGCONFIG
from sqlalchemy.orm import Session

from desk.model.article import DICTIONARIES, Article, ArticleState, Collection

LONGEST_QUESTION = 200
MOST_WORDS = 12
LIKE_ENOUGH = 0.45
"""How alike a mistyped word and a word of a title must be (pg_trgm, word_similarity)."""

START, STOP = "\ue000", "\ue001"
"""Marks of a hit inside a snippet: private characters, which are taken out of the text before."""

_HEADLINE = f"StartSel={START},StopSel={STOP},MaxWords=26,MinWords=12,ShortWord=2,MaxFragments=1"
_SNIPPET_FROM = 20_000
_WORD = re.compile(r"\w+")
_CONFIGURATIONS = ("simple", *DICTIONARIES.values())

Rows = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that fits; `snippet` has START and STOP around what was found."""

    slug: str
    title: str
    language: str
    collection: str
    snippet: str


def articles_found(session: Session, question: str, *, limit: int, begun: bool = False) -> list[Hit]:
    """Published articles that answer the question: those with all its words, else with any, else alike.

    With `begun` the last word may be unfinished, as when somebody is still typing.
    """
    words = _WORD.findall(question[:LONGEST_QUESTION].replace("\0", " "))[:MOST_WORDS]
    if not words:
        return []
    for joined in (" & ", " | "):
        query = _query(words, joined, begun=begun)
        rank = func.ts_rank(Article.search, query, type_=Float)
        fits = Article.search.op("@@", is_comparison=True)(query)
        if hits := _hits(session, _rows(query).where(fits).order_by(rank.desc(), Article.id).limit(limit)):
            return hits
    return _alike(session, " ".join(words), limit)


def _alike(session: Session, question: str, limit: int) -> list[Hit]:
    """By letters instead of words: what somebody meant who mistyped."""
    likeness = func.word_similarity(question, Article.shown_title, type_=Float)
    rows = _rows(None).where(likeness >= LIKE_ENOUGH).order_by(likeness.desc(), Article.id)
    return _hits(session, rows.limit(limit))


def _query(words: Sequence[str], joined: str, *, begun: bool) -> ColumnElement[Any]:
    """The words in the forms of every language, since whoever asks does not say in which.

    Each is a word of letters and digits only, so that none can be an operator; a dictionary
    that knows a word as a filler leaves it out by itself.
    """
    text = joined.join([*words[:-1], words[-1] + (":*" if begun else "")])
    forms = [func.to_tsquery(name, text) for name in _CONFIGURATIONS]
    return reduce(lambda one, other: one.op("||")(other), forms)


def _rows(query: ColumnElement[Any] | None) -> Rows:
    text = func.translate(func.left(Article.shown_text, _SNIPPET_FROM), START + STOP, "")
    dictionary = cast(case(DICTIONARIES, value=Article.language, else_="simple"), REGCONFIG)
    snippet = func.left(text, 160) if query is None else func.ts_headline(dictionary, text, query, _HEADLINE)
    return (
        select(
            Article.slug,
            Article.shown_title,
            Article.language,
            Collection.title.label("collection"),
            snippet.label("snippet"),
        )
        .join(Collection, Collection.id == Article.collection_id)
        .where(Article.state == literal(ArticleState.PUBLISHED, Article.state.type))
    )


def _hits(session: Session, rows: Rows) -> list[Hit]:
    return [
        Hit(row.slug, row.shown_title, row.language, row.collection, " ".join(row.snippet.split()))
        for row in session.execute(rows)
    ]
