"""What operational systems may state: purchases and entitlements of a customer whom they name."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from pydantic import AwareDatetime, Field, model_validator

from desk.actions.customers.stating import Outcome
from desk.customers.entitlements import StatedEntitlement, entitlement_stated
from desk.customers.purchases import Stated, stated
from desk.http.asked import Asked
from desk.model.customer import AddressKind
from desk.model.errors import Invalid

KINDS = {"email": AddressKind.EMAIL, "phone": AddressKind.PHONE, "external_id": AddressKind.EXTERNAL}


class BuyerAsked(Asked):
    """Exactly one of `email`, `phone` (with its country) and `external_id` (your number of the customer)."""

    email: str | None = Field(None, max_length=320)
    phone: str | None = Field(None, max_length=40)
    external_id: str | None = Field(None, max_length=320)
    name: str = Field("", max_length=200)

    def named(self) -> tuple[AddressKind, str]:
        """The one address that is given. Raises Invalid for none, or several."""
        given = {name: value for name in KINDS if (value := getattr(self, name))}
        if len(given) != 1:
            raise Invalid("Give one of email, phone and external_id.", "customer")
        [(kind, address)] = given.items()
        return KINDS[kind], address


class PurchaseAsked(Asked):
    """One line of an order. `external_id` is your name for it: the same is the same purchase, and corrects
    it where it differs. A return is a line of its own with a negative amount. `as_of` is the moment for
    which you state it: a word that arrives late changes nothing."""

    external_id: str = Field(min_length=1, max_length=120)
    customer: BuyerAsked
    amount: Decimal
    currency: str = Field(min_length=3, max_length=3)
    bought_at: AwareDatetime
    order_number: str = Field("", max_length=64)
    line: int = Field(1, ge=1, le=10_000)
    description: str = Field("", max_length=300)
    status: str = Field("", max_length=40)
    as_of: AwareDatetime | None = None

    def stated(self, now: datetime) -> Stated:
        """Raises Invalid unless exactly one address of the customer is given, and for what cannot be."""
        kind, address = self.customer.named()
        plain = self.model_dump(exclude={"customer"})
        return stated(**plain, kind=kind, address=address, name=self.customer.name, now=now)


class EntitlementAsked(Asked):
    """A warranty or a contract. `external_id` is your name for it: the same is the same one, and corrects it
    where it differs. `from` and `until` are its first and last day; `product` is `*` for every product,
    `covers` names categories (none: all), `allowance` is a number of cases. `organisation` says that it is
    for everybody of the customer's organisation."""

    external_id: str = Field(min_length=1, max_length=120)
    customer: BuyerAsked
    kind: str = Field(max_length=40)
    product: str = Field(min_length=1, max_length=200)
    starts_on: date = Field(alias="from")
    ends_on: date = Field(alias="until")
    covers: list[str] = Field([], max_length=50)
    allowance: int | None = Field(None, ge=1, le=100_000)
    organisation: bool = False
    as_of: AwareDatetime | None = None

    def stated(self, now: datetime) -> StatedEntitlement:
        """Raises Invalid unless exactly one address of the customer is given, and for what cannot be."""
        kind, address = self.customer.named()
        return entitlement_stated(
            external_id=self.external_id,
            kind=kind,
            address=address,
            what=self.kind,
            product=self.product,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            now=now,
            covers=self.covers,
            allowance=self.allowance,
            whole_organisation=self.organisation,
            name=self.customer.name,
            as_of=self.as_of,
        )


class Kept(Protocol):
    """What is kept of one thing that was stated."""

    @property
    def id(self) -> int: ...
    @property
    def external_id(self) -> str | None: ...
    @property
    def customer_id(self) -> int: ...


def taken(kept: Kept, outcome: Outcome) -> tuple[dict[str, Any], int]:
    """How what one handed in is told: 201 when it is new, 200 when it was known."""
    shown = {"id": kept.id, "external_id": kept.external_id, "customer_id": kept.customer_id}
    return {**shown, "outcome": outcome}, 201 if outcome is Outcome.ADDED else 200


class Called(Asked):
    """A call of a system: up to 500 purchases and 500 entitlements, taken together or not at all."""

    purchases: list[PurchaseAsked] = Field([], max_length=500)
    entitlements: list[EntitlementAsked] = Field([], max_length=500)

    @model_validator(mode="after")
    def _something(self) -> Called:
        if not self.purchases and not self.entitlements:
            raise ValueError("give purchases, entitlements or both")
        return self


class ImportAsked(Asked):
    """`dry_run` tells what would happen, and changes nothing."""

    dry_run: bool = False
