"""Addresses of a customer: claimed, verified, given up. None ever changes hands here."""

from __future__ import annotations

from desk.actions.customers.profile import customer_known
from desk.actions.setup.audit import audit
from desk.customers.identity import normal_address, proof_of
from desk.model.customer import Address, AddressKind, Customer
from desk.model.errors import Conflict, NotFound
from desk.model.events import CustomerChanged
from desk.model.permission import Permission
from desk.store.customers.finding import find_owner, keep_address, propose_merge
from desk.store.unit_of_work import Work


def claim_address(work: Work, customer_id: int, kind: AddressKind, value: str) -> Customer:
    """The customer says to have this address. It opens nothing until it is verified.

    Where another customer owns it, nothing moves: if that customer has proven it, the two faces
    are proposed for a merge, and a person decides. Raises Conflict where there is no such proof.
    """
    customer = customer_known(work, customer_id, to=Permission.EDIT_CUSTOMERS, lock=True)
    value = normal_address(kind, value)
    if not keep_address(work.session, customer.id, kind, value, at=work.now):
        _claimed_elsewhere(work, customer, kind, value)
    audit(work, "address claimed", f"customer:{customer.id}", {"kind": kind.value, "value": value})
    work.record(CustomerChanged(customer_id=customer.id))
    return customer


def verify_address(work: Work, address_id: int) -> Customer:
    """An agent has made sure that the customer owns the address."""
    address, customer = _address_known(work, address_id)
    if not address.is_verified:
        address.verified_at = work.now
        audit(work, "address verified", f"customer:{customer.id}", {"address_id": address.id})
        work.record(CustomerChanged(customer_id=customer.id))
    return customer


def give_up_address(work: Work, address_id: int) -> Customer:
    """The address is the customer's no more; whoever writes from it next is met for the first time."""
    address, customer = _address_known(work, address_id)
    audit(
        work,
        "address removed",
        f"customer:{customer.id}",
        {"kind": address.kind.value, "value": address.value, "verified": address.is_verified},
    )
    work.session.delete(address)
    work.record(CustomerChanged(customer_id=customer.id))
    return customer


def _claimed_elsewhere(work: Work, customer: Customer, kind: AddressKind, value: str) -> None:
    owned = find_owner(work.session, kind, value)
    if owned is None:
        raise Conflict(f"{value} has just changed hands; look again.")
    owner, address = owned
    if owner.id == customer.id:
        raise Conflict(f"{value} is an address of this customer already.")
    if not address.is_verified:
        raise Conflict(f"{value} is an address of another customer already, who has not proven it either.")
    proof = proof_of(kind, value, verified=True)
    propose_merge(work.session, customer.id, owner.id, proof, work.now)


def _address_known(work: Work, address_id: int) -> tuple[Address, Customer]:
    """The address with its customer's row locked. Raises NotFound."""
    address = work.session.get(Address, address_id)
    if address is None:
        raise NotFound(f"There is no address {address_id}.")
    customer = customer_known(work, address.customer_id, to=Permission.EDIT_CUSTOMERS, lock=True)
    return address, customer
