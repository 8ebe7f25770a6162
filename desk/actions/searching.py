"""Search: each kind of thing to those who may know of it."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy.exc import OperationalError

from desk.model.errors import Unavailable
from desk.model.permission import Permission
from desk.store.search import Wanted, cases_found, customers_found, messages_found
from desk.store.unit_of_work import Work

_TOPIC = re.compile(r"(?i)(?<!\S)topic:([1-9]\d{0,17})(?!\S)")


def search(
    work: Work, wanted: Wanted, kind: str = "all", *, cursor: str | None = None, limit: int = 20
) -> dict[str, Any]:
    """`{cases, messages, customers, next}`; `next` only where one kind is asked for.

    Raises Unavailable, with advice, when the words are in too much to be found in the time that
    `store.searching` gives.
    """
    work.require(Permission.READ_CASES)
    found: dict[str, Any] = {"cases": [], "messages": [], "customers": [], "next": None}
    if not wanted.words.strip():
        # Of a topic there are cases without a word to look for.
        if wanted.topic_id is None or kind in ("messages", "customers"):
            return found
        kind = "cases"
    at = cursor if kind != "all" else None
    try:
        if kind in ("all", "cases"):
            found["cases"], found["next"] = cases_found(
                work.session, work.actor, wanted, cursor=at, limit=limit
            )
        if kind in ("all", "messages"):
            found["messages"], found["next"] = messages_found(
                work.line, work.actor, wanted, cursor=at, limit=limit
            )
        if kind in ("all", "customers") and work.actor.may(Permission.READ_CUSTOMERS):
            found["customers"], found["next"] = customers_found(
                work.session, work.actor, wanted.words, cursor=at, limit=limit
            )
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) == "57014":
            raise Unavailable(
                "That is in too many places to search in time. Add a word, or a date."
            ) from error
        raise
    if kind == "all":
        found["next"] = None
    return found


def without_topic(words: str) -> tuple[str, int | None]:
    """What was typed less `topic:7`, and the number of that topic."""
    found = _TOPIC.search(words)
    if found is None:
        return words, None
    return f"{words[: found.start()]} {words[found.end() :]}".strip(), int(found.group(1))
