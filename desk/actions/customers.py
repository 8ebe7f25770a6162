"""Customers: found by their address, or met for the first time."""

from __future__ import annotations

from desk.customers.identity import normal_address
from desk.model.customer import Address, AddressKind, Customer
from desk.model.events import CustomerChanged
from desk.store.customers import addresses_of, find_owner, keep_address
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
        return _met_first(work, kind, value, name, proven)
    customer, address = known
    if proven:
        _learn_proof(work, customer, address)
    if name and not customer.name:
        customer.name = name[:200]
    return customer


def _met_first(work: Work, kind: AddressKind, value: str, name: str, proven: bool) -> Customer:
    customer = Customer(created_at=work.now, name=name[:200])
    work.session.add(customer)
    work.session.flush()
    verified_at = work.now if proven else None
    if keep_address(work.session, customer.id, kind, value, at=work.now, verified_at=verified_at):
        return customer
    # Somebody was faster, and has committed: theirs is the customer.
    work.session.delete(customer)
    work.session.flush()
    return customer_for(work, kind, value, name, proven=proven)


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
