"""The work on a case as figures need it, kept so that a month of it is no pass over all messages."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.record import Record


class CaseWork(Record):
    """How long our answers and notes of a case `took`, or None where there are none, and whether its customer
    `wrote_again` after our first answer, up to its resolution. A case without a row, or of which the journal
    says more since, is told from its messages.

    No foreign key: a new row that refers to a case holds it until the commit, and these are written for many
    at once, while people work on them."""

    __tablename__ = "case_work"

    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    took: Mapped[timedelta | None]
    wrote_again: Mapped[bool]


class CaseTurn(Record):
    """A turn after our first answer: the customer's first word since our last answer, and our next."""

    __tablename__ = "case_turns"
    __table_args__ = (Index("ix_case_turns_answered", "answered_at"),)

    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    turn: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime]


class WorkMark(Record):
    """How far the work on cases is kept; one row.

    The journal is in it up to `position`. A walk looks through all cases in their order: it is at
    `walked_to`, began at `walk_began_at`, and goes on until `walk_ended_at`; it `repaired` so many cases of
    which something else was kept than their messages say. Up to `walked_to` every case has its row, but for
    those that the journal tells of.
    """

    __tablename__ = "work_marks"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(default=0)
    walked_to: Mapped[int] = mapped_column(default=0)
    walk_began_at: Mapped[datetime | None] = mapped_column(default=None)
    walk_ended_at: Mapped[datetime | None] = mapped_column(default=None)
    repaired: Mapped[int] = mapped_column(default=0)
