"""A chat as a text to keep: what both sides said, with the moment, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row

from desk.actions.cases.access import case_for
from desk.model.errors import NotFound
from desk.model.message import AuthorKind, MessageKind
from desk.model.permission import Permission
from desk.store.chat.chats import KnownVisitor, seen_after, seen_in_case, visitors_here
from desk.store.unit_of_work import Work

MOST = 5_000


def transcript_for_visitor(work: Work, visitor: KnownVisitor) -> str:
    """Everything the visitor may see of what was said in their chats, the latest five thousand."""
    here = visitors_here(work.session, [visitor.id]).get(visitor.id)
    first = max(here.sequence - MOST, 0) if here else 0
    return _text(seen_after(work.session, visitor.id, first, MOST)[0], you="You")


def transcript_of_case(work: Work, case_id: int) -> str:
    """What the visitor of a case's chat has seen. Raises NotFound where the case holds no chat."""
    case = case_for(work, case_id, to=Permission.READ_CASES)
    said = seen_in_case(work.session, case.id)
    if not said:
        raise NotFound(f"There is no chat in case {case.id}.")
    return _text(said, you="The visitor")


def _text(said: Iterable[Row[Any]], *, you: str) -> str:
    return "\n".join(line for one in said for line in _lines(one, you))


def _lines(one: Row[Any], you: str) -> list[str]:
    files = [f"  [{file['name']}]" for file in one.files or []]
    head = f"{one.at:%Y-%m-%d %H:%M} UTC, {_who(one, you)}:"
    return [head, *(f"  {line}" for line in one.text.splitlines()), *files, ""]


def _who(one: Row[Any], you: str) -> str:
    if one.kind == MessageKind.INBOUND:
        return one.author_name or you
    return one.author_name if one.author_kind == AuthorKind.AGENT else "The desk"
