"""Search over published articles: few candidates by index, ranked by how rare the words are that they hold.

Ranking every article that holds a common word is what makes full-text search slow (a third of a
second at 100,000 articles). Candidates are capped instead. Where every word must be held, they are first
those whose title holds them all, whose index is small. Where some are enough, they are those that hold
the rarest. Only candidates are read and ranked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import TextualSelect, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import BigInteger

from desk.model.article import DICTIONARIES

MOST_WORDS = 12
"""By how many words articles are ranked; of a longer question the rarest count."""

BY_TITLE, BY_TEXT = 150, 150
"""How many candidates are taken because their titles hold every word, and how many because their texts do."""

ENOUGH_TITLES = 50
"""Where so many titles hold every word, nobody looks for those words in texts."""

RARE = 150
"""Where some words are enough, they are sought from the rarest on, until so many articles hold them."""

OF_EACH, BY_WEIGHT = 300, 150
"""How many articles are counted for each word, and how many of those that hold the most are candidates."""

SIDE_BY_SIDE = 500
"""In how many texts with all the words of a phrase it is looked whether they stand side by side."""

LOOKED_AT_CLOSELY = 40
"""For so many of the best the whole title is compared with the whole question."""

START, STOP = "\ue000", "\ue001"
"""Marks of a hit inside a snippet: private characters, which are taken out of the text before."""

_HEADLINE = f"StartSel={START},StopSel={STOP},MaxWords=26,MinWords=12,ShortWord=2,MaxFragments=1"
_SNIPPET_FROM = 8_000


@dataclass(frozen=True, slots=True)
class Sought:
    """A word or phrase that is sought, and those that count as well as it: what it may have meant, what it
    may become, what means the same. `held` is by about how many articles, `weight` what finding it is worth.
    """

    words: tuple[str, ...]
    held: int
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
    return frozenset(session.scalars(text(_LANGUAGES)))


def articles_holding(
    session: Session,
    sought: Sequence[Sought],
    *,
    question: str,
    limit: int,
    every: bool,
    internal: bool = False,
    snippets: bool = True,
) -> list[Hit]:
    """Published articles that hold `every` word sought, or any, the best first.

    Internal articles only with `internal`. Without `snippets` they are empty.
    """
    if not sought:
        return []
    words = [_alternatives(one) for one in sought]
    values = {
        "words": words,
        "weights": [one.weight for one in sought],
        # As whole numbers they would be of a type by their size, and the statement planned for each anew.
        "held": [float(one.held) for one in sought],
        # A rank is divided by the number of alternatives.
        "alternatives": [float(len(one.words)) for one in sought],
        "whole": (" & " if every else " | ").join(words),
        "question": question,
        "internal": internal,
        "limit": limit,
    }
    rows = session.execute(_statement(every=every, snippets=snippets), values)
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


_LANGUAGES = """
    WITH RECURSIVE used AS (
      (SELECT language FROM articles WHERE state = 'published' ORDER BY language LIMIT 1)
      UNION ALL
      SELECT (SELECT language FROM articles
              WHERE state = 'published' AND language > used.language ORDER BY language LIMIT 1)
      FROM used WHERE used.language IS NOT NULL)
    SELECT language FROM used WHERE language IS NOT NULL
    """
_DICTIONARY = (
    "CASE language "
    + " ".join(f"WHEN '{code}' THEN '{name}'::regconfig" for code, name in DICTIONARIES.items())
    + " ELSE 'simple'::regconfig END"
)
_MAY_READ = "state = 'published' AND (audience = 'public' OR :internal)"


def _query(words: str) -> str:
    """In the forms of every language in use, since whoever asks does not say in which."""
    forms = sorted({*DICTIONARIES.values(), "simple"})
    return " || ".join(
        f"CASE WHEN '{form}' = ANY(forms) THEN to_tsquery('{form}', {words}) ELSE '' END" for form in forms
    )


_HOLDING_EVERY = f"""
        by_title AS MATERIALIZED (
          SELECT id FROM articles WHERE title_search @@ (SELECT query FROM whole) AND {_MAY_READ}
          LIMIT {BY_TITLE}),
        candidates AS (
          SELECT id FROM by_title
          UNION
          (SELECT id FROM articles WHERE search @@ (SELECT query FROM whole) AND {_MAY_READ}
             AND (SELECT count(*) FROM by_title) < {ENOUGH_TITLES}
           LIMIT {BY_TEXT}))
"""  # noqa: S608 - put together from constants and numbers

# The index does not know where in a text a word stands. For a phrase of two common words thousands of texts
# would be unpacked to see it; `loose` has the words anywhere, and what it finds is looked at up to a limit.
_HOLDING_ANY = f"""
        rare AS (
          SELECT query, weight,
            CAST(regexp_replace(CAST(query AS text), '<(-|[0-9]+)>', '&', 'g') AS tsquery) AS loose
          FROM (SELECT query, weight, sum(held) OVER (ORDER BY held, place) - held AS before
                FROM asked WHERE numnode(query) > 0) AS ordered
          WHERE before < {RARE}),
        candidates AS (
          SELECT one.id FROM rare, LATERAL (
            (SELECT id FROM articles WHERE title_search @@ query AND {_MAY_READ} LIMIT {OF_EACH})
            UNION ALL
            (SELECT id FROM (SELECT id, search FROM articles WHERE search @@ loose AND {_MAY_READ}
                             LIMIT {SIDE_BY_SIDE}) AS near
             WHERE loose = query OR search @@ query LIMIT {OF_EACH})) AS one
          GROUP BY one.id ORDER BY sum(weight) DESC, one.id LIMIT {BY_WEIGHT})
"""  # noqa: S608 - put together from constants and numbers


@cache
def _statement(*, every: bool, snippets: bool) -> TextualSelect:
    """The tsvector is unpacked once (`|| ''`) and then looked at by every word."""
    text_from = f"translate(left(a.shown_text, {_SNIPPET_FROM}), '{START}{STOP}', '')"
    snippet = f"ts_headline({_DICTIONARY}, {text_from}, whole.query, '{_HEADLINE}')" if snippets else "''"
    made = text(
        f"""
        WITH used AS MATERIALIZED (
          SELECT array_agg(DISTINCT CAST({_DICTIONARY} AS text)) AS forms FROM ({_LANGUAGES}) AS languages),
        asked AS MATERIALIZED (
          SELECT place, held, weight, alternatives, {_query("words")} AS query
          FROM used, unnest(
            CAST(:words AS text[]), CAST(:weights AS float8[]), CAST(:held AS float8[]),
            CAST(:alternatives AS float8[])
          ) WITH ORDINALITY AS one(words, weight, held, alternatives, place)),
        whole AS MATERIALIZED (SELECT {_query(":whole")} AS query FROM used),
        {(_HOLDING_EVERY if every else _HOLDING_ANY).strip()},
        holding AS MATERIALIZED (
          SELECT articles.id, search || ''::tsvector AS words FROM articles JOIN candidates USING (id)),
        scored AS (
          SELECT id,
            (SELECT sum(weight * alternatives * ts_rank(holding.words, query, 1)) FROM asked) AS score
          FROM holding ORDER BY score DESC, id LIMIT {LOOKED_AT_CLOSELY}),
        best AS (
          SELECT scored.id, scored.score * (1 + similarity(shown_title, :question)) AS score
          FROM scored JOIN articles USING (id) ORDER BY score DESC, scored.id LIMIT :limit)
        SELECT a.id, coalesce(a.original_id, a.id) AS "group", a.slug, a.shown_title AS title, a.language,
          a.audience, c.title AS collection,
          {snippet} AS snippet,
          ARRAY(SELECT place - 1 FROM asked WHERE a.search @@ asked.query ORDER BY place) AS found
        FROM best JOIN articles a USING (id) JOIN collections c ON c.id = a.collection_id, whole
        ORDER BY best.score DESC, a.id
        """  # noqa: S608 - put together from constants and numbers
    )
    return made.columns(id=BigInteger, found=ARRAY(BigInteger))
