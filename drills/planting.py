"""Canaries: a string of its own in every secret place, and who may come to see it."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field

from desk.actions.people.tokens import make_token
from desk.actions.setup.audit import audit
from desk.model.access import Session
from desk.model.agent import Agent, SavedView
from desk.model.case import Case, CaseChange, CaseStatus, Draft
from desk.model.channel import Channel
from desk.model.message import Attachment, MessageKind
from desk.model.permission import Permission, Role
from desk.model.transit import Inbox, InboxState
from desk.store.people.sessions import hash_of
from desk.store.unit_of_work import Store, Work
from desk.store.vault import Vault
from tests.people import STAGE, Cast, a_case, a_conversation, a_message, an_agent

OVERSEERS = frozenset({"Sam Beckett", "Ida Rhodes", "Otto Hahn"})
BILLING = OVERSEERS | {"Ben Franklin"}
CUSTOMER = "Cleo Patterson"
CLEO = "Cleo as a guest"
WRITTEN = BILLING | {CUSTOMER, CLEO}
"""Who knows what the customer wrote herself: she reads it in letters, and in the help centre as a guest."""

NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Canary:
    """`word` may reach those in `known_to`, by name; for a `silent` one that is nobody at all."""

    place: str
    word: str
    known_to: frozenset[str]

    @property
    def is_silent(self) -> bool:
        return not self.known_to


@dataclass(frozen=True)
class Guest:
    """A customer who is signed in to their own cases; `secret` is what their browser holds."""

    name: str
    secret: str


@dataclass
class Cage:
    """Everything planted, the ids and tokens it lies under, and everybody who will look for it."""

    canaries: list[Canary] = field(default_factory=list)
    agents: list[Agent] = field(default_factory=list)
    guests: list[Guest] = field(default_factory=list)
    ids: set[int] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)
    case_ids: set[int] = field(default_factory=set)
    billing_case: int = 0
    shared_case: int = 0

    def canary(self, place: str, known_to: Collection[str]) -> str:
        """A new word for a place."""
        word = f"canary{secrets.token_hex(8)}"
        self.canaries.append(Canary(place, word, frozenset(known_to)))
        return word


def plant(store: Store, cast: Cast, vault: Vault) -> Cage:
    """Fill the other team's case, other people's own things, and every secret, with canaries."""
    cage = Cage()
    with store.unit_of_work(STAGE) as work:
        abe = an_agent(work, "Abe Own", Role.AGENT, assigned_only=True)
        mia = an_agent(work, "Mia Gone", Role.AGENT)
        mia.disabled_at = work.now
        case = _billing_case(work, cage, cast)
        shared = a_case(work, cast.cleo, "Shared with support", queue=cast.support)
        a_message(work, shared, "hello", conversation=a_conversation(work, shared, cast.mail))
        cage.case_ids |= {case.id, shared.id}
        cage.billing_case, cage.shared_case = case.id, shared.id
        _own_things(work, cage, cast, case, shared)
        _secrets(work, cage, cast, vault)
        _quarantined(work, cage, cast)
        work.session.flush()
        cage.agents = [cast.ada, cast.ben, cast.sam, cast.ida, cast.otto, abe, mia]
        cage.ids |= {abe.id, cast.ben.id, cast.cleo.id, cast.mail.id, cast.billing.id, *cage.case_ids}
    return cage


def _billing_case(work: Work, cage: Cage, cast: Cast) -> Case:
    """A case of Ben's queue, and everything in it."""
    case = a_case(work, cast.cleo, cage.canary("subject", WRITTEN), queue=cast.billing, assignee=cast.ben)
    conversation = a_conversation(work, case, cast.mail)
    case.fields = {"contract": cage.canary("custom field", BILLING)}
    said = a_message(work, case, cage.canary("message", WRITTEN), conversation=conversation)
    said.author_address = f"{cage.canary('author', WRITTEN)}@example.org"
    said.html, said.has_html = f"<p>{cage.canary('html', BILLING)}</p>", True
    note = a_message(work, case, cage.canary("note", BILLING), kind=MessageKind.NOTE, agent=cast.ben)
    content = cage.canary("file content", WRITTEN).encode()
    file = Attachment(
        token=secrets.token_urlsafe(24),
        name=f"{cage.canary('file name', WRITTEN)}.txt",
        type="text/plain",
        size=len(content),
        sha256=work.files.put(content),
        created_at=work.now,
        message_id=said.id,
    )
    change = CaseChange(
        case_id=case.id,
        at=work.now,
        actor=f"agent:{cast.ben.id}",
        sentence=cage.canary("history", BILLING),
        what="priority",
        why=cage.canary("why", BILLING),
    )
    merged = a_case(
        work, cast.cleo, cage.canary("merged case", BILLING), queue=cast.billing, status=CaseStatus.CLOSED
    )
    work.session.add_all([file, change])
    work.session.flush()
    cage.ids |= {said.id, note.id, file.id, change.id, merged.id}
    cage.case_ids.add(merged.id)
    cage.tokens.add(file.token)
    return case


def _own_things(work: Work, cage: Cage, cast: Cast, case: Case, shared: Case) -> None:
    """What is Ben's alone, even where others see the case."""
    ben = frozenset({"Ben Franklin"})
    view = SavedView(agent_id=cast.ben.id, name=cage.canary("own view", ben), filter={"q": "x"})
    draft = {"text": cage.canary("draft", ben), "files": []}
    elsewhere = {"text": cage.canary("draft in a shared case", NOBODY), "files": []}
    work.session.add_all(
        [
            view,
            Draft(agent_id=cast.ben.id, case_id=case.id, kind="email", content=draft, saved_at=work.now),
            Draft(
                agent_id=cast.ben.id, case_id=shared.id, kind="email", content=elsewhere, saved_at=work.now
            ),
        ]
    )
    agent = work.session.get_one(Agent, cast.ben.id)
    agent.preferences = {"signature": cage.canary("signature", ben | {CUSTOMER})}
    audit(work, "planted", cage.canary("audit log", {"Ida Rhodes", "Otto Hahn"}))
    made = make_token(
        work,
        name=cage.canary("token name", {"Ida Rhodes"}),
        agent_id=cast.ida.id,
        scopes=[Permission.SIGNED_IN],
        expires_at=None,
    )
    work.session.flush()
    cage.ids |= {view.id, made.token.id}
    cage.canaries.append(Canary("token", made.secret, NOBODY))
    cage.canaries.append(Canary("token hash", made.token.secret_hash, NOBODY))


def _secrets(work: Work, cage: Cage, cast: Cast, vault: Vault) -> None:
    """What no answer shows to anybody."""
    agent = work.session.get_one(Agent, cast.ben.id)
    agent.password_hash = cage.canary("password hash", NOBODY)
    agent.totp_secret = vault.seal(cage.canary("second factor", NOBODY).encode())
    agent.recovery_codes = [cage.canary("recovery code", NOBODY)]
    channel = work.session.get_one(Channel, cast.mail.id)
    channel.secrets = vault.seal_values({"imap_password": cage.canary("channel password", NOBODY)})
    session = Session(
        secret_hash=hash_of(secrets.token_urlsafe(32)),
        agent_id=cast.ben.id,
        created_at=work.now,
        seen_at=work.now,
        expires_at=work.now,
        csrf=cage.canary("csrf", NOBODY),
    )
    work.session.add(session)
    work.session.flush()
    cage.canaries.append(Canary("session hash", session.secret_hash, NOBODY))
    cage.ids.add(session.id)


def _quarantined(work: Work, cage: Cage, cast: Cast) -> None:
    """Everybody sees that a mail waits there; its bytes are for those who may run it again."""
    raw = cage.canary("quarantined bytes", {"Sam Beckett", "Ida Rhodes"}).encode()
    row = Inbox(
        channel_id=cast.mail.id,
        source_key=cage.canary("source key", NOBODY),
        sha256=secrets.token_hex(32),
        size=len(raw),
        raw=raw,
        received_at=work.now,
        not_before=work.now,
        state=InboxState.QUARANTINED,
        outcome_reason="It could not be read.",
    )
    work.session.add(row)
    work.session.flush()
    cage.ids.add(row.id)
