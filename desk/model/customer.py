"""A customer is a person who writes to us: one face, many addresses."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, Numeric, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.errors import Invalid
from desk.model.record import Key, Record


class Tier(StrEnum):
    """What the customer is worth to the enterprise, in four steps; derived by policy or set by hand."""

    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"
    PLATINUM = "platinum"


class AddressKind(StrEnum):
    EMAIL = "email"
    PHONE = "phone"
    VISITOR = "visitor"
    EXTERNAL = "external"


CHAT_VISITOR = "Chat visitor"
"""What a customer is called of whom we know a browser only; its random number tells nobody anything."""


class Organisation(Record):
    __tablename__ = "organisations"

    id: Mapped[Key] = mapped_column(init=False)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    created_at: Mapped[datetime]


class Customer(Record):
    __tablename__ = "customers"
    __table_args__ = (
        Index(
            "ix_customers_name_trigram",
            "name",
            postgresql_using="gin",
            postgresql_ops={"name": "gin_trgm_ops"},
        ),
    )

    id: Mapped[Key] = mapped_column(init=False)
    created_at: Mapped[datetime]
    name: Mapped[str] = mapped_column(String(200), default="")
    tier: Mapped[Tier] = mapped_column(default=Tier.BRONZE)
    organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisations.id"), default=None, index=True
    )
    language: Mapped[str | None] = mapped_column(String(12), default=None)
    time_zone: Mapped[str | None] = mapped_column(String(64), default=None)
    attributes: Mapped[dict[str, Any]] = mapped_column(JSONB, default_factory=dict)
    lifetime_value: Mapped[Decimal | None] = mapped_column(Numeric(14, 2), default=None)
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), default=None, index=True)
    tier_by_hand: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Somebody said so: no value changes it."""

    @property
    def is_merged(self) -> bool:
        return self.merged_into_id is not None


class Address(Record):
    """Where a customer can be reached. A known address never changes its owner by itself.

    `value` is normalised: lower-case email, E.164 phone. An address without `verified_at` is
    claimed: it opens nobody's history.
    """

    __tablename__ = "addresses"
    __table_args__ = (
        UniqueConstraint("kind", "value"),
        Index(
            "ix_addresses_value_trigram",
            "value",
            postgresql_using="gin",
            postgresql_ops={"value": "gin_trgm_ops"},
        ),
    )

    id: Mapped[Key] = mapped_column(init=False)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    kind: Mapped[AddressKind]
    value: Mapped[str] = mapped_column(String(320))
    created_at: Mapped[datetime]
    verified_at: Mapped[datetime | None] = mapped_column(default=None)
    trouble: Mapped[str | None] = mapped_column(String(300), default=None)

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None


class Consent(Record):
    """What a customer agreed to on a channel; the last word counts."""

    __tablename__ = "consents"
    __table_args__ = (UniqueConstraint("customer_id", "channel"),)

    id: Mapped[Key] = mapped_column(init=False)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    channel: Mapped[str] = mapped_column(String(12))
    granted: Mapped[bool]
    at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(120))


class MergeProposal(Record):
    """Two faces that may be one person, with the proof; a person decides."""

    __tablename__ = "merge_proposals"
    __table_args__ = (UniqueConstraint("customer_id", "other_id"),)

    id: Mapped[Key] = mapped_column(init=False)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    proof: Mapped[str] = mapped_column(String(300))
    proposed_at: Mapped[datetime]
    dismissed_at: Mapped[datetime | None] = mapped_column(default=None)


class CustomerMerge(Record):
    """One face was put into another. `moved` lists, per table, the rows that changed owner: the way back."""

    __tablename__ = "customer_merges"
    __table_args__ = (
        Index(
            "uq_customer_merges_live", "merged_id", unique=True, postgresql_where=text("undone_at IS NULL")
        ),
    )

    id: Mapped[Key] = mapped_column(init=False)
    merged_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    into_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    moved: Mapped[dict[str, Any]] = mapped_column(JSONB)
    at: Mapped[datetime]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    undone_at: Mapped[datetime | None] = mapped_column(default=None)


_PARTED = re.compile(r"[@<>,;\"]")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


def normal_email(address: str, field: str = "address") -> str:
    """The form in which an email address is compared: trimmed and lower-cased, the domain in IDNA form.

    Raises Invalid, naming `field`, for what cannot be an address, or holds several: what one reader takes for
    the one, another takes for the other.
    """
    local, at, domain = address.strip().rpartition("@")
    if not at or not local or not domain or any(c.isspace() or not c.isprintable() for c in address.strip()):
        raise Invalid(f"“{address[:100]}” is not an email address.", field)
    if _PARTED.search(domain) or (_PARTED.search(local) and not _QUOTED.fullmatch(local)):
        raise Invalid(f"“{address[:100]}” is not one email address.", field)
    try:
        ascii_domain = domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        raise Invalid(f"“{address[:100]}” has a domain that cannot exist.", field) from None
    return f"{local}@{ascii_domain}".lower()[:320]
