"""A visitor turns out to be somebody the shop knows: joined to their face on the shop's signature alone."""

from __future__ import annotations

import secrets

from desk.actions.chat.visitors import TOKEN_BYTES, known, make_visitor
from desk.actions.customers.merges import merge_customers
from desk.actions.customers.profile import customer_for
from desk.channels.chat.identity import Identity, identity_from
from desk.customers.identity import proof_of
from desk.model.channel import Channel
from desk.model.chat import Visitor
from desk.model.customer import AddressKind, Customer
from desk.model.events import CustomerChanged
from desk.store.chat.chats import KnownVisitor, get_visitor
from desk.store.customers.finding import addresses_of, find_owner, keep_address, past_merges, propose_merge
from desk.store.people.sessions import hash_of
from desk.store.unit_of_work import Work
from desk.store.vault import Vault


def identify(work: Work, visitor: KnownVisitor, token: str, vault: Vault) -> tuple[str, KnownVisitor]:
    """Take the shop's word for who it is: a new token for the browser, and whose line it is from now on.

    What somebody who sat here before could have learned opens nothing any more. Another person
    than before is another visitor, who sees nothing of the first one's chats. Raises Forbidden
    for a token that is forged, expired or not for us, and nothing is learned from it.
    """
    channel = work.session.get_one(Channel, visitor.channel_id)
    secret = vault.open_values(channel.secrets).get("identity_secret", "")
    identity = identity_from(token, secret, work.now)
    row = get_visitor(work.session, visitor, lock=True)
    if row.external_id is not None and row.external_id != identity.subject:
        browser, row = make_visitor(work, channel)
    else:
        browser = secrets.token_urlsafe(TOKEN_BYTES)
        row.secret_hash = hash_of(browser)
    customer = _customer(work, row, identity)
    row.customer_id, row.external_id, row.identified_at = customer.id, identity.subject, work.now
    row.name, row.email = identity.name or row.name, identity.email or row.email
    work.session.flush()
    return browser, known(row, channel)


def _customer(work: Work, visitor: Visitor, identity: Identity) -> Customer:
    """The shop's customer of that number, whose the visitor's own chats are as well."""
    owned = find_owner(work.session, AddressKind.EXTERNAL, identity.subject)
    here = find_owner(work.session, AddressKind.VISITOR, visitor.public)
    if owned is None and here is not None:
        customer = here[0]
        _prove(work, customer, AddressKind.EXTERNAL, identity.subject)
    else:
        customer = customer_for(work, AddressKind.EXTERNAL, identity.subject, identity.name, proven=True)
        _join(work, visitor, here[0] if here else None, customer)
    if identity.name and not customer.name:
        customer.name = identity.name
    if identity.email:
        _prove(work, customer, AddressKind.EMAIL, identity.email)
    work.record(CustomerChanged(customer_id=customer.id))
    return past_merges(work.session, customer)


def _join(work: Work, visitor: Visitor, before: Customer | None, customer: Customer) -> None:
    """The face that the browser had so far: put together where it was this browser and nobody else."""
    if before is None:
        _prove(work, customer, AddressKind.VISITOR, visitor.public)
    elif before.id != customer.id:
        if all(one.kind is AddressKind.VISITOR for one in addresses_of(work.session, before.id)):
            merge_customers(work, before.id, customer.id)
        else:
            _propose(work, customer, before, AddressKind.VISITOR, visitor.public, verified=True)


def _prove(work: Work, customer: Customer, kind: AddressKind, value: str) -> None:
    """The address is the customer's, proven. One that is somebody else's stays: a person decides."""
    if keep_address(work.session, customer.id, kind, value, at=work.now, verified_at=work.now):
        return
    known_owner = find_owner(work.session, kind, value)
    if known_owner is None:
        return
    owner, address = known_owner
    if owner.id != customer.id:
        _propose(work, customer, owner, kind, value, verified=address.is_verified)
    elif not address.is_verified:
        address.verified_at = work.now


def _propose(
    work: Work, customer: Customer, other: Customer, kind: AddressKind, value: str, *, verified: bool
) -> None:
    proof = proof_of(kind, value, verified=verified)
    propose_merge(work.session, customer.id, other.id, proof, work.now)
