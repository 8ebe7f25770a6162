"""What a person typed, as a query of PostgreSQL's full-text search."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Boolean, ColumnElement, func

_LAST_WORD = re.compile(r"(?:^|\s)(\w[\w.@+'-]{2,60})$")


def tsquery(words: str) -> ColumnElement[Any]:
    """Words, "phrases", `or` and `-without`; the last word may be only begun.

    Nothing that is typed can be an error (PostgreSQL, 12.3.2: websearch_to_tsquery).
    """
    words = words.replace("\0", " ").strip()[:400]
    begun = _LAST_WORD.search(words)
    whole = func.websearch_to_tsquery("simple", words)
    if begun is None or '"' in words:
        return whole
    before = words[: begun.start(1)]
    if re.search(r"(?i)(^|\s)(or|-)\s*$", before):
        return whole
    prefix = func.to_tsquery("simple", "'" + begun.group(1).replace("'", "''") + "':*")
    if not before.strip():
        return prefix
    return func.websearch_to_tsquery("simple", before).op("&&")(prefix)


def holds(searched: Any, query: ColumnElement[Any], *, by_index: bool = True) -> ColumnElement[bool]:
    """The column holds the words; without `by_index` each row is looked at, which is better for few rows."""
    if by_index:
        return searched.op("@@", is_comparison=True)(query)  # type: ignore[no-any-return] # a column's operator
    return func.ts_match_vq(searched, query, type_=Boolean)
