"""Customers: found by their address or met for the first time, and described by those who know them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from desk.actions.customers.covers import judge_cases_of
from desk.actions.customers.tiers import set_tier_by_hand
from desk.actions.setup.audit import audit
from desk.customers.identity import normal_address
from desk.model.customer import Address, AddressKind, Customer, MergeProposal, Tier
from desk.model.errors import Conflict, NotFound
from desk.model.events import CustomerChanged
from desk.model.permission import Permission
from desk.store.customers.finding import (
    Newcomer,
    addresses_of,
    find_customer,
    find_owner,
    keep_address,
    keep_consent,
    meet,
    organisation_named,
)
from desk.store.unit_of_work import Work


def customer_for(
    work: Work, kind: AddressKind, value: str, name: str = "", *, proven: bool = False
) -> Customer:
    """The customer who owns the address, or a new one who now does. Never moves an address.

    `proven` says that the channel vouches for the sender, e.g. a mail whose signature holds: a
    new address is then verified from the start. Two at once end with the same customer.
    Raises Invalid for what cannot be an address.
    """
    value = normal_address(kind, value)
    known = find_owner(work.session, kind, value)
    if known is None:
        newcomer = newcomer_with(work, kind, value, name, proven=proven)
        return work.session.get_one(Customer, meet(work.line, newcomer, work.now))
    customer, address = known
    if proven:
        _learn_proof(work, customer, address)
    if name and not customer.name:
        customer.name = name[:200]
    return customer


def newcomer_with(
    work: Work, kind: AddressKind, value: str, name: str = "", *, proven: bool = False
) -> Newcomer:
    """Whoever has an address that is nobody's; see `customer_for`. Raises Invalid for what can be none."""
    return Newcomer(name, kind, normal_address(kind, value), work.now if proven else None)


def _learn_proof(work: Work, customer: Customer, address: Address) -> None:
    """A sender who proves an address that is the customer's only one verifies it.

    With other addresses beside it, the claim may have been somebody's mistake, and the proof
    would open their history to a stranger: a person decides.
    """
    if address.is_verified or customer.id != address.customer_id:
        return
    others = [a for a in addresses_of(work.session, customer.id) if a.id != address.id]
    if others:
        return
    address.verified_at = work.now
    work.record(CustomerChanged(customer_id=customer.id))


@dataclass(frozen=True, slots=True)
class Description:
    """What an agent says of a customer; only the names in `given` are meant."""

    given: frozenset[str]
    name: str = ""
    language: str | None = None
    time_zone: str | None = None
    organisation: str | None = None
    tier: Tier = Tier.BRONZE
    attributes: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)


def customer_known(work: Work, customer_id: int, *, to: Permission, lock: bool = False) -> Customer:
    """The customer, for an actor who may do `to`; `lock` holds the row until the commit.

    Raises NotFound where the actor may not know of them, Forbidden where the role may not do it.
    """
    customer = find_customer(work.session, work.actor, customer_id, lock=lock)
    if customer is None:
        raise NotFound(f"There is no customer {customer_id}.")
    work.require(to)
    return customer


def new_customer(
    work: Work, said: Description, addresses: Iterable[tuple[AddressKind, str]] = ()
) -> Customer:
    """A customer whom an agent writes down; the addresses are claimed.

    Raises Conflict when one of them belongs to somebody.
    """
    work.require(Permission.EDIT_CUSTOMERS)
    customer = Customer(created_at=work.now)
    work.session.add(customer)
    work.session.flush()
    for kind, written in addresses:
        value = normal_address(kind, written)
        if not keep_address(work.session, customer.id, kind, value, at=work.now):
            raise Conflict(f"{value} is an address of another customer already.")
    _describe(work, customer, said)
    return customer


def describe_customer(work: Work, customer_id: int, said: Description) -> Customer:
    """An agent says who the customer is. Raises Conflict for a face that was put into another."""
    customer = customer_known(work, customer_id, to=Permission.EDIT_CUSTOMERS, lock=True)
    if customer.is_merged:
        raise Conflict(
            f"This customer was put together with customer {customer.merged_into_id}.",
            {"merged_into_id": customer.merged_into_id},
        )
    _describe(work, customer, said)
    return customer


def note_consent(work: Work, customer_id: int, channel: str, *, granted: bool) -> Customer:
    """What the customer told an agent about being written to on a channel."""
    customer = customer_known(work, customer_id, to=Permission.EDIT_CUSTOMERS, lock=True)
    source = f"told to {work.actor.name}"[:120]
    keep_consent(work.session, customer.id, channel, granted=granted, source=source, at=work.now)
    what = "consent given" if granted else "consent withdrawn"
    audit(work, what, f"customer:{customer.id}", {"channel": channel})
    work.record(CustomerChanged(customer_id=customer.id))
    return customer


def dismiss_proposal(work: Work, proposal_id: int) -> None:
    """These two are not one person; they are not proposed again."""
    work.require(Permission.MERGE_CUSTOMERS)
    proposal = work.session.get(MergeProposal, proposal_id)
    if proposal is None:
        raise NotFound(f"There is no proposal {proposal_id}.")
    proposal.dismissed_at = proposal.dismissed_at or work.now
    audit(work, "merge proposal dismissed", f"customer:{proposal.customer_id}", {"other": proposal.other_id})
    for customer_id in (proposal.customer_id, proposal.other_id):
        work.record(CustomerChanged(customer_id=customer_id))


def _describe(work: Work, customer: Customer, said: Description) -> None:
    if "tier" in said.given:
        set_tier_by_hand(work, customer, said.tier)
    for name in said.given & {"name", "language", "time_zone"}:
        setattr(customer, name, getattr(said, name))
    if "attributes" in said.given:
        customer.attributes = dict(said.attributes)
    if "organisation" in said.given:
        named = said.organisation
        customer.organisation_id = organisation_named(work.session, named, work.now) if named else None
        work.session.flush()
        judge_cases_of(work, [customer.id])
    audit(work, "customer described", f"customer:{customer.id}", {"fields": sorted(said.given)})
    work.record(CustomerChanged(customer_id=customer.id))
