"""What a customer bought: the ground of customer value, and the context of most questions."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, Numeric, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.record import Key, Record


class Purchase(Record):
    """One line of an order; a return is a line of its own with a negative amount.

    `external_id` is what the operational system calls it, `as_of` the moment for which that system
    stated it, `source` who brought it.
    """

    __tablename__ = "purchases"
    __table_args__ = (
        UniqueConstraint("external_id"),
        Index("ix_purchases_customer_id_bought_at", "customer_id", "bought_at"),
    )

    id: Mapped[Key] = mapped_column(init=False)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    order_number: Mapped[str] = mapped_column(String(64))
    description: Mapped[str] = mapped_column(String(300))
    amount: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    currency: Mapped[str] = mapped_column(String(3))
    bought_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(40), default="")
    line: Mapped[int] = mapped_column(default=1)
    external_id: Mapped[str | None] = mapped_column(String(120), default=None)
    as_of: Mapped[datetime | None] = mapped_column(default=None)
    source: Mapped[str] = mapped_column(String(120), default="", server_default="")


class PurchaseCorrection(Record):
    """A purchase was stated differently than before; `was` holds the former values of what changed."""

    __tablename__ = "purchase_corrections"

    id: Mapped[Key] = mapped_column(init=False)
    purchase_id: Mapped[int] = mapped_column(ForeignKey("purchases.id"), index=True)
    at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(120))
    was: Mapped[dict[str, Any]] = mapped_column(JSONB)


class PurchaseSource(Record):
    """An operational system that calls us with purchases; `secret` is sealed, and signs each call."""

    __tablename__ = "purchase_sources"

    id: Mapped[Key] = mapped_column(init=False)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    secret: Mapped[bytes] = mapped_column(LargeBinary, repr=False)
    created_at: Mapped[datetime]
