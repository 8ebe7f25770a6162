"""Search over published articles: few candidates by index, ranked by how rare the words are that they hold.

Ranking every article that holds a common word is what makes full-text search slow (a third of a
second at 100,000 articles). Candidates are capped instead: first those whose title holds the words,
whose index is small, then those whose text does. Only candidates are read and ranked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import TextualSelect, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import BigInteger

from desk.model.article import DICTIONARIES, Article

MOST_WORDS = 12
"""By how many words articles are ranked; of a longer question the rarest count."""

BY_TITLE, BY_TEXT = 200, 400
"""How many candidates are taken because of their titles, and how many because of their texts."""

LOOKED_AT_CLOSELY = 40
"""For so many of the best the whole title is compared with the whole question."""

START, STOP = "\ue000", "\ue001"
"""Marks of a hit inside a snippet: private characters, which are taken out of the text before."""

_HEADLINE = f"StartSel={START},StopSel={STOP},MaxWords=26,MinWords=12,ShortWord=2,MaxFragments=1"
_SNIPPET_FROM = 8_000


@dataclass(frozen=True, slots=True)
class Sought:
    """A word or phrase that is sought, and those that count as well as it: what it may have meant, what it
    may become, what means the same. `weight` is what finding it is worth.
    """

    words: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that fits; `snippet` has START and STOP around what was found.

    `found` are the places of the words that it holds, among those sought.
    """

    id: int
    group: int
    slug: str
    title: str
    language: str
    audience: str
    collection: str
    snippet: str
    found: tuple[int, ...]


def languages_used(session: Session) -> frozenset[str]:
    """The languages in which something is published, one look at an index each."""
    return frozenset(session.scalars(_LANGUAGES))


def articles_holding(
    session: Session,
    sought: Sequence[Sought],
    *,
    question: str,
    limit: int,
    every: bool,
    internal: bool = False,
    among: Sequence[str] = (),
    snippets: bool = True,
) -> list[Hit]:
    """Published articles that hold `every` word sought, or any, the best first.

    Internal articles only with `internal`; with `among`, only articles in these languages. Cutting
    `snippets` is what costs most; without, they are empty. Call it in a transaction of its own for
    reading: it tells the planner that a sequential scan, which would unpack every article, is never
    the way.
    """
    if not sought:
        return []
    _, languages = session.execute(_BY_INDEX).one()
    forms = sorted({DICTIONARIES.get(code, "simple") for code in languages})
    if not forms:
        return []
    values: dict[str, Any] = {
        "question": question,
        "internal": internal,
        "languages": list(among) or None,
        "limit": limit,
        **{f"w{place}": one.weight * len(one.words) for place, one in enumerate(sought)},
        **{f"g{place}": _alternatives(one) for place, one in enumerate(sought)},
        "whole": (" & " if every else " | ").join(_alternatives(one) for one in sought),
    }
    rows = session.execute(_statement(tuple(forms), len(sought), snippets), values)
    return [
        Hit(
            row.id,
            row.group,
            row.slug,
            row.title,
            row.language,
            row.audience,
            row.collection,
            " ".join(row.snippet.split()),
            tuple(row.found),
        )
        for row in rows
    ]


def _alternatives(one: Sought) -> str:
    """As text of a query: each in quotes, so that several words are a phrase (PostgreSQL, 12.3.2)."""
    return "(" + " | ".join(f"'{word}'" for word in one.words) + ")"


@cache
def _statement(forms: tuple[str, ...], count: int, snippets: bool) -> TextualSelect:
    """One statement a number of words and set of languages, so that each stays planned.

    A word is sought in the forms of every language in use, since whoever asks does not say in
    which. The tsvector is unpacked once (`|| ''`) and then looked at by every word.
    """
    places = range(count)
    each = ", ".join(f"{_query(f'g{place}', forms)} AS g{place}" for place in places)
    text_from = f"translate(left(a.shown_text, {_SNIPPET_FROM}), '{START}{STOP}', '')"
    snippet = f"ts_headline({_DICTIONARY}, {text_from}, asked.whole, '{_HEADLINE}')" if snippets else "''"
    held = ", ".join(f"CASE WHEN a.search @@ g{place} THEN {place} END" for place in places)
    made = text(
        f"""
        WITH asked AS MATERIALIZED (
          SELECT {_query("whole", forms)} AS whole, {each}),
        candidates AS (
          (SELECT id FROM articles WHERE title_search @@ (SELECT whole FROM asked) AND {_MAY_READ}
           LIMIT {BY_TITLE})
          UNION
          (SELECT id FROM articles WHERE search @@ (SELECT whole FROM asked) AND {_MAY_READ}
           LIMIT {BY_TEXT})),
        held AS MATERIALIZED (
          SELECT articles.id, search || ''::tsvector AS words FROM articles JOIN candidates USING (id)),
        scored AS (
          SELECT held.id, {" + ".join(f":w{i} * ts_rank(held.words, g{i}, 1)" for i in places)} AS score
          FROM held, asked ORDER BY score DESC, held.id LIMIT {LOOKED_AT_CLOSELY}),
        best AS (
          SELECT scored.id, scored.score * (1 + similarity(shown_title, :question)) AS score
          FROM scored JOIN articles USING (id) ORDER BY score DESC, scored.id LIMIT :limit)
        SELECT a.id, coalesce(a.original_id, a.id) AS "group", a.slug, a.shown_title AS title, a.language,
          a.audience, c.title AS collection,
          {snippet} AS snippet,
          array_remove(ARRAY[{held}], NULL) AS found
        FROM best JOIN articles a USING (id) JOIN collections c ON c.id = a.collection_id, asked
        ORDER BY best.score DESC, a.id
        """  # noqa: S608 - put together from constants and numbers
    )
    return made.bindparams(bindparam("languages", type_=ARRAY(Article.language.type))).columns(id=BigInteger)


def _query(name: str, forms: Sequence[str]) -> str:
    return "(" + " || ".join(f"to_tsquery('{form}', :{name})" for form in forms) + ")"


_MAY_READ = (
    "state = 'published' AND (audience = 'public' OR :internal) "
    "AND (CAST(:languages AS varchar[]) IS NULL OR language = ANY(:languages))"
)
_DICTIONARY = (
    "CASE a.language "
    + " ".join(f"WHEN '{code}' THEN '{name}'::regconfig" for code, name in DICTIONARIES.items())
    + " ELSE 'simple'::regconfig END"
)
_LANGUAGES = text(
    """
    WITH RECURSIVE used AS (
      (SELECT language FROM articles WHERE state = 'published' ORDER BY language LIMIT 1)
      UNION ALL
      SELECT (SELECT language FROM articles
              WHERE state = 'published' AND language > used.language ORDER BY language LIMIT 1)
      FROM used WHERE used.language IS NOT NULL)
    SELECT language FROM used WHERE language IS NOT NULL
    """
)
_BY_INDEX = text(f"SELECT set_config('enable_seqscan', 'off', true), ARRAY({_LANGUAGES.text})")
