"""Whoever writes on a page of ours and is to be suggested articles, and whether they are held out of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, request

from desk.actions.knowledge.deflection import draw_session, withheld_from
from desk.actions.knowledge.portal import guest_of
from desk.http.auth import find_caller
from desk.http.ground import ground
from desk.http.help.page import VISITOR
from desk.http.help.visitor import Mark, brought_mark, cookie_name, mark, take
from desk.model.errors import TooMany
from desk.model.help_session import HelpDoor
from desk.store.limits import Limit

DOOR = "X-Desk-Door"
"""Sent by our own pages alone, when somebody types: other sites cannot, and programs that fetch addresses do
not."""

SESSIONS_OF_PLACE = Limit("help-sessions", most=60, seconds=3600, sentence="That is enough for an hour.")
"""Beyond it a place is no reader but a program that keeps no cookies; its sessions are not counted."""

_PROGRAM = re.compile(r"bot|crawl|spider|slurp|preview", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Writer:
    """A browser at one of our doors. The widget's mark lives in its page, as a frame may have no cookies."""

    mark: Mark
    door: HelpDoor

    def leave_mark(self, response: Response) -> None:
        """Give it to a browser that has none."""
        self.mark.leave_on(response)


def find_writer() -> Writer | None:
    """Who writes; None for programs, and for those who work here."""
    door = request.headers.get(DOOR, "")
    if door not in set(HelpDoor) or _PROGRAM.search(request.user_agent.string) or find_caller() is not None:
        return None
    if door != HelpDoor.WIDGET:
        return Writer(mark(), HelpDoor(door))
    brought = brought_mark()
    return Writer(Mark(brought, is_new=False), HelpDoor.WIDGET) if brought else None


def draw(writer: Writer, articles: Sequence[int]) -> bool | None:
    """Whether these articles, which fit, are withheld; None where the session is not counted.

    The first time the session is drawn, and kept.
    """
    signed_in = request.cookies.get(cookie_name("cases"))
    with ground().store.reading(VISITOR) as w:
        known = withheld_from(w, writer.mark.word)
        guest = guest_of(w, signed_in) if known is None and signed_in else None
    if known is not None:
        return known
    try:
        take(SESSIONS_OF_PLACE)
    except TooMany:
        return None
    with ground().store.unit_of_work(VISITOR) as w:
        return draw_session(w, writer.mark.word, writer.door, articles, guest)
