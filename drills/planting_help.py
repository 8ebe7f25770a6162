"""Canaries in the help centre: in drafts, beside what customers may read, and in every secret of it."""

from __future__ import annotations

import secrets
from datetime import timedelta

from desk.actions.knowledge.articles import attach_file, new_article, publish_article, save_article
from desk.actions.knowledge.collections import new_collection
from desk.actions.knowledge.help_reading import vote
from desk.model.contact_key import ContactKey
from desk.model.customer import Address, Customer
from desk.model.message import Attachment, AuthorKind, DeliveryState, Message, MessageKind
from desk.model.portal import PortalSession, SignInLink
from desk.store.people.sessions import hash_of
from desk.store.unit_of_work import Work
from drills.planting import BILLING, CLEO, NOBODY, Cage, Guest
from tests.people import Cast, a_case, a_conversation, a_customer, a_message

MIRA = "Mira as a guest"
AGENTS = frozenset(
    {"Ada Lovelace", "Ben Franklin", "Sam Beckett", "Ida Rhodes", "Otto Hahn", "Abe Own"},
)
EVERYBODY = AGENTS | {"", "Mia Gone", CLEO, MIRA}


def plant_help(work: Work, cage: Cage, cast: Cast) -> None:
    """Articles, two customers who are signed in, a case of each, and everything that they may not see."""
    _articles(work, cage)
    mira = a_customer(work, "Mira Other", "mira@example.org")
    for name, customer in ((CLEO, cast.cleo), (MIRA, mira)):
        _case_of(work, cage, cast, name, customer)
        _guest(work, cage, name, customer)
    link = SignInLink(
        address="cleo@example.org",
        nonce=cage.canary("nonce of a link", NOBODY),
        secret_hash=cage.canary("hash of a link", NOBODY),
        asked_at=work.now,
        expires_at=work.now + timedelta(days=9999),
        decided_at=work.now,
        mailed=True,
    )
    key = ContactKey(
        agent_id=cast.ida.id,
        key_hash=cage.canary("hash of a contact's key", NOBODY),
        digest=cage.canary("digest of a contact", NOBODY),
        at=work.now,
    )
    work.session.add_all([link, key])


def _articles(work: Work, cage: Cage) -> None:
    collection = new_collection(work, title=cage.canary("collection", EVERYBODY))
    shown = new_article(
        work, collection_id=collection.id, title="Shown", body=cage.canary("published article", EVERYBODY)
    )
    publish_article(work, shown.id, version=shown.version)
    vote(work, shown.slug, "a browser", helpful=True, comment=cage.canary("comment of a reader", AGENTS))
    change = {
        "title": cage.canary("title not published", AGENTS),
        "body": cage.canary("text not published", AGENTS),
    }
    save_article(work, shown.id, change, version=shown.version)
    draft = new_article(
        work,
        collection_id=collection.id,
        title=cage.canary("title of a draft", AGENTS),
        body=cage.canary("draft article", AGENTS),
    )
    draft.slug = "draft-" + secrets.token_hex(4)
    file = attach_file(work, draft.id, "picture.txt", cage.canary("file of a draft", AGENTS).encode())
    cage.tokens |= {shown.slug, draft.slug, collection.slug, file.token}
    cage.ids |= {shown.id, draft.id, collection.id}


def _case_of(work: Work, cage: Cage, cast: Cast, name: str, customer: Customer) -> None:
    """A case in Ben's queue: what its customer wrote, beside what is none of theirs."""
    case = a_case(work, customer, cage.canary(f"case title beside {name}", BILLING), queue=cast.billing)
    conversation = a_conversation(work, case, cast.mail)
    own = a_message(
        work, case, cage.canary(f"own words of {name}", BILLING | {name}), conversation=conversation
    )
    note = a_message(
        work, case, cage.canary(f"note beside {name}", BILLING), kind=MessageKind.NOTE, agent=cast.ben
    )
    supplier = a_message(
        work, case, cage.canary(f"supplier beside {name}", BILLING), conversation=conversation
    )
    supplier.author_kind, supplier.author_address = AuthorKind.THIRD_PARTY, "supplier@example.com"
    held = a_message(
        work,
        case,
        cage.canary(f"held reply beside {name}", BILLING),
        kind=MessageKind.OUTBOUND,
        agent=cast.ben,
        conversation=conversation,
    )
    held.state, held.recipients_to = (
        DeliveryState.HELD,
        [{"address": f"{name[:4].lower()}@example.org", "name": ""}],
    )
    for message, known_to in ((own, BILLING | {name}), (note, BILLING)):
        _file(work, cage, message, cage.canary(f"file in {message.kind} beside {name}", known_to))
    cage.ids |= {case.id, own.id, note.id}
    cage.case_ids.add(case.id)


def _file(work: Work, cage: Cage, message: Message, word: str) -> None:
    token = secrets.token_urlsafe(16)
    work.session.add(
        Attachment(
            token=token,
            name="file.txt",
            type="text/plain",
            size=len(word),
            sha256=work.files.put(word.encode()),
            created_at=work.now,
            message_id=message.id,
        )
    )
    cage.tokens.add(token)


def _guest(work: Work, cage: Cage, name: str, customer: Customer) -> None:
    address = work.session.query(Address).filter_by(customer_id=customer.id).one()
    secret = cage.canary(f"session of {name}", NOBODY)
    session = PortalSession(
        secret_hash=hash_of(secret),
        address_id=address.id,
        csrf=cage.canary(f"csrf of {name}", {name}),
        opened_at=work.now,
        expires_at=work.now + timedelta(days=9999),
    )
    work.session.add(session)
    cage.guests.append(Guest(name, secret))
