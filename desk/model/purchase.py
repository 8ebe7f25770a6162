"""What a customer bought: the ground of customer value, and the context of most questions."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.record import Key, Record


class Purchase(Record):
    __tablename__ = "purchases"
    __table_args__ = (
        UniqueConstraint("order_number", "line"),
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
