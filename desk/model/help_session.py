"""One browser to which articles were suggested while it wrote, or would have been: what came of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.record import Key, Record

WITHHELD_PERCENT = 10
"""From how many of 100 sessions suggestions are withheld, where no policy says otherwise."""

MOST_WITHHELD = 50

OUTCOME_WITHIN = timedelta(hours=72)
"""How long a contact is awaited after the first suggestion, and how long suggestions are withheld."""


class HelpDoor(StrEnum):
    """Where somebody wrote: in the search of the help centre, in the contact form, in the widget."""

    SEARCH = "search"
    CONTACT = "contact"
    WIDGET = "widget"


class HelpSession(Record):
    """One session counts once, from the first suggestions on.

    `key` is the hash of a browser's random mark, and of nothing else. `percent` is the share withheld when it
    was drawn; `articles` are those of the first suggestions, which are the same whether they were shown or
    not: what is suggested later depends on it. `address_id` is the proven address of whoever was signed in.
    """

    __tablename__ = "help_sessions"
    __table_args__ = (Index("ix_help_sessions_began_at", "began_at"),)

    id: Mapped[Key] = mapped_column(init=False)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    door: Mapped[HelpDoor]
    withheld: Mapped[bool]
    percent: Mapped[int]
    began_at: Mapped[datetime]
    articles: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    opened_at: Mapped[datetime | None] = mapped_column(default=None)
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"), default=None)
    contacted_at: Mapped[datetime | None] = mapped_column(default=None)
    address_id: Mapped[int | None] = mapped_column(
        ForeignKey("addresses.id", ondelete="SET NULL"), default=None
    )
