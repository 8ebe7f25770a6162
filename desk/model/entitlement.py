"""What a customer may ask of us without paying: warranties and contracts, and what they mean for a case."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.record import Key, Record


class EntitlementKind(StrEnum):
    WARRANTY = "warranty"
    EXTENDED_WARRANTY = "extended_warranty"
    CONTRACT = "contract"


class Standing(StrEnum):
    """What the entitlements say of the work on a case; unknown while nobody has said which product it is."""

    UNKNOWN = "unknown"
    COVERED = "covered"
    UNCOVERED = "uncovered"


class Entitlement(Record):
    """A customer's right to work on a product, from its first day to its last, both included.

    An empty `product` is every product, no `category_ids` every category, no `allowance` as many cases as
    there are. `whole_organisation` covers everybody of the customer's organisation. `external_id` is what
    the operational system calls it, `as_of` the moment for which that system stated it.
    """

    __tablename__ = "entitlements"
    __table_args__ = (UniqueConstraint("external_id"),)

    id: Mapped[Key] = mapped_column(init=False)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    external_id: Mapped[str] = mapped_column(String(120))
    kind: Mapped[EntitlementKind]
    product: Mapped[str] = mapped_column(String(200))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    category_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default_factory=list)
    allowance: Mapped[int | None] = mapped_column(default=None)
    whole_organisation: Mapped[bool] = mapped_column(default=False)
    as_of: Mapped[datetime | None] = mapped_column(default=None)
    source: Mapped[str] = mapped_column(String(120), default="")


class EntitlementCorrection(Record):
    """An entitlement was stated differently than before; `was` holds the former values of what changed."""

    __tablename__ = "entitlement_corrections"

    id: Mapped[Key] = mapped_column(init=False)
    entitlement_id: Mapped[int] = mapped_column(ForeignKey("entitlements.id"), index=True)
    at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(120))
    was: Mapped[dict[str, Any]] = mapped_column(JSONB)


class CaseCover(Record):
    """Whether the work on a case is covered, why, and what persons said of it.

    `billed_by_hand` is what somebody decided against or beside the standing; `overruled` when it goes
    against it, which takes a manager and a reason. Whether the case is billed is on the case itself.
    """

    __tablename__ = "case_covers"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    judged_at: Mapped[datetime]
    standing: Mapped[Standing] = mapped_column(default=Standing.UNKNOWN)
    sentence: Mapped[str] = mapped_column(String(500), default="")
    product: Mapped[str] = mapped_column(String(200), default="")
    product_by_hand: Mapped[bool] = mapped_column(default=False)
    entitlement_id: Mapped[int | None] = mapped_column(
        ForeignKey("entitlements.id"), default=None, index=True
    )
    until: Mapped[date | None] = mapped_column(default=None)
    billed_by_hand: Mapped[bool | None] = mapped_column(default=None)
    overruled: Mapped[bool] = mapped_column(default=False)
    why: Mapped[str] = mapped_column(String(300), default="")
    agreed_at: Mapped[datetime | None] = mapped_column(default=None)
    agreed_note: Mapped[str] = mapped_column(String(300), default="")
