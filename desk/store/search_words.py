"""What a person typed, as a query of PostgreSQL's full-text search."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import BindParameter, Boolean, ColumnElement, func, literal_column

Typed = str | BindParameter[str]

SIMPLE: ColumnElement[Any] = literal_column("'simple'::regconfig")
"""Words as they are written. Handed over as a value, its name would be looked up for every row."""

_LAST_WORD = re.compile(r"(?:^|\s)(\w[\w.@+'-]{2,60})$")


def tsquery(words: str) -> ColumnElement[Any]:
    """Words, "phrases", `or` and `-without`; the last word may be only begun.

    Nothing that is typed can be an error (PostgreSQL, 12.3.2: websearch_to_tsquery).
    """
    return query_of(*parts_typed(words))


def parts_typed(words: str) -> tuple[str | None, str | None]:
    """What was typed as whole words, and as the beginning of one; None for a part that is not there."""
    words = words.replace("\0", " ").strip()[:400]
    begun = _LAST_WORD.search(words)
    if begun is None or '"' in words:
        return words, None
    before = words[: begun.start(1)]
    if re.search(r"(?i)(^|\s)(or|-)\s*$", before):
        return words, None
    return before if before.strip() else None, "'" + begun.group(1).replace("'", "''") + "':*"


def query_of(whole: Typed | None, begun: Typed | None) -> ColumnElement[Any]:
    """The query for the parts of `parts_typed`, or for the places where they will be put."""
    prefix = func.to_tsquery(SIMPLE, begun)
    if whole is None:
        return prefix
    words = func.websearch_to_tsquery(SIMPLE, whole)
    return words if begun is None else words.op("&&")(prefix)


def holds(searched: Any, query: ColumnElement[Any], *, by_index: bool = True) -> ColumnElement[bool]:
    """The column holds the words; without `by_index` each row is looked at, which is better for few rows."""
    if by_index:
        return searched.op("@@", is_comparison=True)(query)  # type: ignore[no-any-return] # a column's operator
    return func.ts_match_vq(searched, query, type_=Boolean)
