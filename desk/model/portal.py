"""The customer's own door: a link by mail that proves an address, and the session that it opens."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.record import Key, Record

LINK_LASTS = timedelta(minutes=15)
LINK_ONCE_IN = timedelta(minutes=10)
"""How often a link is mailed to one address at most."""

SESSION_LASTS = timedelta(days=7)


class SignInLink(Record):
    """A link that somebody asked for. Whether it is mailed is decided later, and nobody is told.

    Its secret is derived from `nonce` and the desk's key when the mail leaves, so that this row and
    the outbox hold nothing that opens anything; it opens once.
    """

    __tablename__ = "sign_in_links"
    __table_args__ = (
        Index("ix_sign_in_links_address", "address", text("asked_at DESC")),
        Index("ix_sign_in_links_undecided", "id", postgresql_where=text("decided_at IS NULL")),
    )

    id: Mapped[Key] = mapped_column(init=False)
    address: Mapped[str] = mapped_column(String(320))
    nonce: Mapped[str] = mapped_column(String(43), repr=False)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True, repr=False)
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    mailed: Mapped[bool] = mapped_column(default=False)
    used_at: Mapped[datetime | None] = mapped_column(default=None)

    def opens(self, at: datetime) -> bool:
        """Whether it still lets its reader in."""
        return self.mailed and self.used_at is None and at < self.expires_at


class PortalSession(Record):
    """A browser whose owner has proven an address. Whose cases it shows is asked anew each time."""

    __tablename__ = "portal_sessions"

    id: Mapped[Key] = mapped_column(init=False)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True, repr=False)
    address_id: Mapped[int] = mapped_column(ForeignKey("addresses.id", ondelete="CASCADE"), index=True)
    csrf: Mapped[str] = mapped_column(String(43), repr=False)
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
