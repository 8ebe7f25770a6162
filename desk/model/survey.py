"""A survey asks a customer once, after their case was resolved, how it went."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.record import Key, Record

ONCE_IN_DAYS = 30
"""How often a customer is asked at most, where no policy says otherwise."""

ASK_AFTER = timedelta(hours=1)
"""How long after the resolution: what was resolved too early is opened again meanwhile."""

ASK_WITHIN = timedelta(days=3)
"""What was resolved longer ago is not asked about any more."""

LINK_LASTS = timedelta(days=30)
SCORE_STANDS = timedelta(minutes=10)
"""For so long a score may be given anew."""

LONGEST_COMMENT = 1000


class Asking(StrEnum):
    """Whom a queue asks how it went: NOBODY, who AGREED to be written to, or who has NOT_REFUSED it."""

    NOBODY = "nobody"
    AGREED = "agreed"
    NOT_REFUSED = "not_refused"


class Survey(Record):
    """Whether the customer of a case was asked: from `asked_at` on, by `way`, or why not.

    `score` is 1 to 5, as that of a chat; `effort` 1 to 7, how much they agree that it was made easy.
    """

    __tablename__ = "surveys"
    __table_args__ = (
        Index("ix_surveys_asked_at", "asked_at", postgresql_where=text("asked_at IS NOT NULL")),
        Index("ix_surveys_scored_at", "scored_at", postgresql_where=text("scored_at IS NOT NULL")),
    )

    id: Mapped[Key] = mapped_column(init=False)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), unique=True)
    decided_at: Mapped[datetime]
    way: Mapped[str | None] = mapped_column(String(12), default=None)
    asked_at: Mapped[datetime | None] = mapped_column(default=None)
    why_not: Mapped[str | None] = mapped_column(String(300), default=None)
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"), default=None, unique=True)
    score: Mapped[int | None] = mapped_column(default=None)
    effort: Mapped[int | None] = mapped_column(default=None)
    comment: Mapped[str | None] = mapped_column(String(LONGEST_COMMENT), default=None)
    scored_at: Mapped[datetime | None] = mapped_column(default=None)

    def takes_score(self, at: datetime) -> bool:
        """Whether it may be answered, or answered anew, at this moment."""
        if self.scored_at is not None:
            return at - self.scored_at <= SCORE_STANDS
        return self.asked_at is not None and at - self.asked_at <= LINK_LASTS
