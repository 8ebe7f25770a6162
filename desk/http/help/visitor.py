"""A browser in the help centre: the random mark it votes with, and how often it may do something."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from flask import Response, request

from desk.http.ground import ground
from desk.store.limits import Limit

_SLOWLY = "That was too often. Wait a little and try again."
SEARCHES = Limit("help-search", most=120, seconds=60, sentence=_SLOWLY)
VOTES = Limit("help-votes", most=60, seconds=3600, sentence=_SLOWLY)
VOTES_ON_ONE = Limit("help-votes-on-one", most=10, seconds=3600, sentence=_SLOWLY)
FORMS_OF_PLACE = Limit("help-forms-place", most=20, seconds=3600, sentence=_SLOWLY)
FORMS_OF_ADDRESS = Limit("help-forms-address", most=6, seconds=3600, sentence=_SLOWLY)
LINKS_OF_PLACE = Limit("help-links-place", most=20, seconds=3600, sentence=_SLOWLY)
LEAVINGS = Limit("help-leavings", most=60, seconds=3600, sentence=_SLOWLY)
SCORES = Limit("help-scores", most=60, seconds=3600, sentence=_SLOWLY)
REPLIES = Limit("help-replies", most=30, seconds=3600, sentence=_SLOWLY)


MOST_FORMS = 10
"""So many of the latest forms can still be proven to be of this browser."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A browser's random mark; it lives until the browser is closed, and says nothing of its owner."""

    word: str
    is_new: bool

    def leave_on(self, response: Response) -> None:
        """Give it to a browser that has none."""
        if self.is_new:
            keep_cookie(response, cookie_name("browser"), self.word)


def mark() -> Mark:
    """The mark this browser came with, or a new one."""
    return find_mark() or Mark(secrets.token_urlsafe(24), is_new=True)


def find_mark() -> Mark | None:
    """The mark this browser came with: its own, or that of the widget that sent it here."""
    held = request.cookies.get(cookie_name("browser"), "")
    if _may_be_one(held):
        return Mark(held, is_new=False)
    brought = brought_mark()
    return Mark(brought, is_new=True) if brought else None


def brought_mark() -> str:
    """The mark of the widget's page that sent this browser here, or that asks; empty where there is none."""
    brought = request.args.get("reader", "")
    return brought if _may_be_one(brought) else ""


def _may_be_one(word: str) -> bool:
    return 20 <= len(word) <= 64


def take(limit: Limit, subject: str = "") -> None:
    """Count a try of this place, or of `subject`. Raises TooMany."""
    ground().limiter.take(limit, subject or request.remote_addr or "")


def forms_sent() -> list[str]:
    """The keys of the forms that this browser sent before it was closed, oldest first."""
    held = request.cookies.get(cookie_name("wrote"), "")
    return [key for key in held.split(".") if _may_be_one(key)][-MOST_FORMS:]


def remember_form(response: Response, key: str) -> None:
    """The browser keeps what shows later that it wrote this form."""
    if _may_be_one(key) and "." not in key:
        keys = [one for one in forms_sent() if one != key]
        keep_cookie(response, cookie_name("wrote"), ".".join([*keys, key][-MOST_FORMS:]))


def cookie_name(what: str) -> str:
    """`__Host-` binds the cookie to this host over TLS; browsers refuse the prefix without it."""
    return f"__Host-desk-help-{what}" if ground().settings.is_https else f"desk-help-{what}"


def keep_cookie(response: Response, name: str, value: str, *, seconds: int | None = None) -> None:
    """No script reads it, and no form of another site sends it."""
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        secure=ground().settings.is_https,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def drop_cookie(response: Response, name: str) -> None:
    response.delete_cookie(name, secure=ground().settings.is_https, httponly=True, samesite="Lax", path="/")
